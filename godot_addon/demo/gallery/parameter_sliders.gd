extends VBoxContainer
## A slider for every pose parameter of some categories, made from the addon's own table.

## A slider was moved, by hand or by [method set_value].
signal changed(parameter: String, value: float)

const _STEP := 0.001
const _LABEL_WIDTH := 170.0
const _NUMBER_WIDTH := 48.0

## Which parameters: those of these [constant AnimatedAnimeCharacter.PARAMETER_CATEGORIES].
@export var categories: PackedStringArray = []

## Whether the left and the right slider of a pair move together when one is moved by hand.
var paired := true

var _sliders: Dictionary[String, HSlider] = {}
var _numbers: Dictionary[String, Label] = {}


func _ready() -> void:
	for index in AnimatedAnimeCharacter.PARAMETER_COUNT:
		if AnimatedAnimeCharacter.PARAMETER_CATEGORIES[index] in categories:
			_add_row(index)


## Moves one slider, and not its pair. Does nothing for a parameter of another category.
func set_value(parameter: String, value: float) -> void:
	if _sliders.has(parameter):
		_sliders[parameter].set_value_no_signal(value)
		_tell(parameter)


func _add_row(index: int) -> void:
	var parameter := AnimatedAnimeCharacter.PARAMETER_NAMES[index]
	var row := HBoxContainer.new()
	row.tooltip_text = AnimatedAnimeCharacter.PARAMETER_DESCRIPTIONS[index]
	var label := Label.new()
	label.text = parameter.replace("_", " ")
	label.custom_minimum_size.x = _LABEL_WIDTH
	label.clip_text = true
	label.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	label.theme_type_variation = &"DemoQuiet"
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
	number.custom_minimum_size.x = _NUMBER_WIDTH
	number.horizontal_alignment = HORIZONTAL_ALIGNMENT_RIGHT
	number.theme_type_variation = &"DemoQuiet"
	for part: Control in [label, slider, number]:
		row.add_child(part)
	add_child(row)
	_sliders[parameter] = slider
	_numbers[parameter] = number


func _tell(parameter: String) -> void:
	var value := _sliders[parameter].value
	_numbers[parameter].text = "%.2f" % value
	changed.emit(parameter, value)


func _on_value_changed(value: float, parameter: String) -> void:
	_tell(parameter)
	if paired:
		set_value(_other_side(parameter), value)


static func _other_side(parameter: String) -> String:
	if parameter.ends_with("_left"):
		return parameter.trim_suffix("_left") + "_right"
	return parameter.trim_suffix("_right") + "_left"
