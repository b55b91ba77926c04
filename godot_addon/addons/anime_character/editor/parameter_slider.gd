@tool
extends HSlider
## A slider whose bar is filled from rest, 0, to the value: one of -1 to 1 is empty in the middle, which has a mark.

const _MARK_HEIGHT := 10.0

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
		add_theme_stylebox_override("grabber_area", StyleBoxEmpty.new())
		add_theme_stylebox_override("grabber_area_highlight", StyleBoxEmpty.new())


func _draw() -> void:
	if not _is_signed:
		return
	var grabber := get_theme_icon("grabber").get_width()
	var place := (size.x - grabber) * get_as_ratio() + grabber / 2.0
	var rest := (size.x - grabber) * inverse_lerp(min_value, max_value, 0.0) + grabber / 2.0
	var color := get_theme_color("font_color", "Editor")
	# Neither goes over the grabber, which is drawn already.
	if absf(place - rest) > grabber / 2.0:
		var scale_of_editor := EditorInterface.get_editor_scale()
		var height := _MARK_HEIGHT * scale_of_editor
		draw_rect(Rect2(rest - scale_of_editor / 2.0, (size.y - height) / 2.0, scale_of_editor, height), color)
		var thickness := get_theme_stylebox("slider").get_minimum_size().y
		var end := move_toward(place, rest, grabber / 2.0)
		draw_rect(Rect2(minf(rest, end), (size.y - thickness) / 2.0, absf(rest - end), thickness), color)
