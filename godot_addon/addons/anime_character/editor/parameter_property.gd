@tool
extends EditorProperty
## A parameter's row in the inspector: a slider as wide as there is room, and a number to type.
##
## Label, tooltip, the arrow that resets and the key of an animation are the inspector's own. A drag moves the
## character all along and is one step of undo.

const Parameters := preload("../anime_character_parameters.gd")
const ParameterSlider := preload("parameter_slider.gd")
const PoseActions := preload("pose_actions.gd")

const _NUMBER_WIDTH := 58
const _DECIMALS := 3

## Whether a parameter of one side moves the other side's along; asked when a change begins.
var moves_both_sides := Callable()

var _character: AnimatedAnimeCharacter
var _actions: PoseActions
var _index := 0
var _slider: ParameterSlider
var _number := LineEdit.new()
var _before := {}


## The row of the parameter that stands at [param index] in a character's pose.
func _init(character: AnimatedAnimeCharacter = null, index: int = 0, actions: PoseActions = null) -> void:
	_character = character
	_index = index
	_actions = actions
	# Set by name, since not every engine that the addon runs in has it.
	set(&"name_split_ratio", 0.42)
	var row := HBoxContainer.new()
	_slider = ParameterSlider.new(Parameters.PARAMETER_MINIMUMS[index], Parameters.PARAMETER_MAXIMUMS[index])
	_slider.tooltip_text = "From %s to %s; at rest 0." % [_slider.min_value, _slider.max_value]
	_number.tooltip_text = _slider.tooltip_text
	_number.flat = true
	_number.alignment = HORIZONTAL_ALIGNMENT_RIGHT
	_number.select_all_on_focus = true
	_number.add_theme_constant_override("minimum_character_width", 0)
	var margins := StyleBoxEmpty.new()
	margins.content_margin_right = 4 * EditorInterface.get_editor_scale()
	_number.add_theme_stylebox_override("normal", margins)
	_number.custom_minimum_size.x = _NUMBER_WIDTH * EditorInterface.get_editor_scale()
	row.add_child(_slider)
	row.add_child(_number)
	add_child(row)
	add_focusable(_slider)
	add_focusable(_number)
	_slider.value_changed.connect(_on_value_changed)
	_slider.drag_started.connect(_begin)
	_slider.drag_ended.connect(func(_changed: bool) -> void: _end())
	_number.text_submitted.connect(_on_number_typed)
	_number.focus_exited.connect(func() -> void: _on_number_typed(_number.text))
	_actions.history_changed.connect(_on_history_changed)


func _update_property() -> void:
	_slider.set_value_no_signal(get_edited_object().get(get_edited_property()))
	if not _number.has_focus():
		_show_number()


func _set_read_only(is_fixed: bool) -> void:
	_slider.editable = not is_fixed
	_number.editable = not is_fixed


# The inspector compares a property with what it last saw, a few times a second: it misses a drag that is undone
# before it has looked.
func _on_history_changed() -> void:
	if is_instance_valid(_character):
		update_property()


func _show_number() -> void:
	var text := String.num(_slider.value, _DECIMALS)
	if text != _number.text:
		_number.text = text


func _on_number_typed(text: String) -> void:
	if text.is_valid_float():
		_slider.value = text.to_float()
	_show_number()


func _on_value_changed(value: float) -> void:
	_show_number()
	if _before.is_empty():
		_actions.change(_title(), get_edited_object(), _values(value))
		return
	var values := _values(value)
	for property: StringName in values:
		get_edited_object().set(property, values[property])


func _begin() -> void:
	if _before.is_empty():
		for property: StringName in _values(0.0):
			_before[property] = get_edited_object().get(property)


func _end() -> void:
	var before := _before
	_before = {}
	var now := {}
	for property: StringName in before:
		now[property] = get_edited_object().get(property)
	_actions.change(_title(), get_edited_object(), now, before)


# What a change to a value sets.
func _values(value: float) -> Dictionary:
	var values: Dictionary[StringName, float] = {get_edited_property(): value}
	if moves_both_sides.is_valid() and moves_both_sides.call():
		for index in Parameters.indices_of(Parameters.PARAMETER_GROUPS[_index]):
			values[StringName(Parameters.PARAMETER_NAMES[index])] = value
	return values


func _title() -> String:
	var both := moves_both_sides.is_valid() and moves_both_sides.call() as bool
	var moved: String = Parameters.PARAMETER_GROUPS[_index] if both else Parameters.PARAMETER_NAMES[_index]
	return "Set %s" % moved.capitalize()
