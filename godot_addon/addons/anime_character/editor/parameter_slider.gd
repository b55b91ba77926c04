@tool
extends HSlider
## A slider whose bar is filled from rest, 0, to the value: one of -1 to 1 is empty in the middle.

var _is_signed := false


## A slider from [param low] to [param high].
func _init(low: float = 0.0, high: float = 1.0) -> void:
	min_value = low
	max_value = high
	step = 0.001
	_is_signed = low < 0.0
	size_flags_horizontal = SIZE_EXPAND_FILL
	size_flags_vertical = SIZE_SHRINK_CENTER
	# The wheel is for the inspector, which scrolls.
	scrollable = false
	if _is_signed:
		tick_count = 3
		ticks_on_borders = false
		add_theme_stylebox_override("grabber_area", StyleBoxEmpty.new())
		add_theme_stylebox_override("grabber_area_highlight", StyleBoxEmpty.new())


func _draw() -> void:
	if not _is_signed:
		return
	var grabber := get_theme_icon("grabber").get_width()
	var place := (size.x - grabber) * get_as_ratio() + grabber / 2.0
	var rest := (size.x - grabber) * inverse_lerp(min_value, max_value, 0.0) + grabber / 2.0
	# Not over the grabber, which is drawn already.
	var ends_at := move_toward(place, rest, grabber / 2.0)
	var thickness := maxf(2.0, get_theme_stylebox("slider").get_minimum_size().y)
	if absf(ends_at - rest) >= 1.0 and signf(ends_at - rest) == signf(place - rest):
		var left := minf(rest, ends_at)
		var bar := Rect2(left, (size.y - thickness) / 2.0, absf(ends_at - rest), thickness)
		draw_rect(bar, get_theme_color("accent_color", "Editor"))
