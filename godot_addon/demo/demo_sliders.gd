class_name DemoSliders
extends VBoxContainer
## A slider for every pose parameter, under a heading for each category; made from the addon's own table.

## A slider was moved, by hand or by [method set_value].
signal changed(parameter: String, value: float)

const _STEP := 0.001

var _sliders: Dictionary[String, HSlider] = {}
var _numbers: Dictionary[String, Label] = {}


func _ready() -> void:
	var category := ""
	for index in AnimatedAnimeCharacter.PARAMETER_COUNT:
		if AnimatedAnimeCharacter.PARAMETER_CATEGORIES[index] != category:
			category = AnimatedAnimeCharacter.PARAMETER_CATEGORIES[index]
			_add_heading(category.replace("_", " ").capitalize())
		_add_row(index)


## Moves a slider.
func set_value(parameter: String, value: float) -> void:
	_sliders[parameter].value = value


func _add_heading(text: String) -> void:
	var label := Label.new()
	label.text = text
	label.theme_type_variation = &"HeaderSmall"
	label.add_theme_color_override("font_color", Color("f2a7c3"))
	add_child(label)


func _add_row(index: int) -> void:
	var parameter := AnimatedAnimeCharacter.PARAMETER_NAMES[index]
	var row := HBoxContainer.new()
	row.tooltip_text = AnimatedAnimeCharacter.PARAMETER_DESCRIPTIONS[index]
	var label := Label.new()
	label.text = parameter.replace("_", " ")
	label.custom_minimum_size.x = 190
	label.add_theme_font_size_override("font_size", 13)
	var slider := HSlider.new()
	slider.min_value = AnimatedAnimeCharacter.PARAMETER_MINIMUMS[index]
	slider.max_value = AnimatedAnimeCharacter.PARAMETER_MAXIMUMS[index]
	slider.step = _STEP
	slider.value = 0.0
	slider.size_flags_horizontal = SIZE_EXPAND_FILL
	slider.size_flags_vertical = SIZE_SHRINK_CENTER
	slider.tooltip_text = row.tooltip_text
	slider.value_changed.connect(_on_value_changed.bind(parameter))
	var number := Label.new()
	number.text = "0.00"
	number.custom_minimum_size.x = 44
	number.horizontal_alignment = HORIZONTAL_ALIGNMENT_RIGHT
	number.add_theme_font_size_override("font_size", 13)
	for part: Control in [label, slider, number]:
		row.add_child(part)
	add_child(row)
	_sliders[parameter] = slider
	_numbers[parameter] = number


func _on_value_changed(value: float, parameter: String) -> void:
	_numbers[parameter].text = "%.2f" % value
	changed.emit(parameter, value)
