@tool
extends EditorInspectorPlugin
## What the inspector shows of an AnimatedAnimeCharacter beside its usual properties: whole poses, expressions, and a
## slider for each parameter.
##
## Several characters selected at once have the inspector's usual number fields.

const CategoryBar := preload("category_bar.gd")
const ParameterProperty := preload("parameter_property.gd")
const Parameters := preload("../anime_character_parameters.gd")
const PoseActions := preload("pose_actions.gd")
const PoseToolbar := preload("pose_toolbar.gd")

# The category of all parameters.
const _POSE := "Pose"

var _actions: PoseActions


func _init(undo_redo: EditorUndoRedoManager = null) -> void:
	_actions = PoseActions.new(undo_redo)


func _can_handle(object: Object) -> bool:
	return object is AnimatedAnimeCharacter


func _parse_category(object: Object, category: String) -> void:
	if category == _POSE:
		add_custom_control(PoseToolbar.new(object as AnimatedAnimeCharacter, _actions))


func _parse_group(object: Object, group: String) -> void:
	var category := group.to_lower().replace(" ", "_")
	if category in Parameters.PARAMETER_CATEGORIES:
		add_custom_control(CategoryBar.new(object as AnimatedAnimeCharacter, category, _actions))


func _parse_property(
	object: Object,
	_type: Variant.Type,
	name: String,
	_hint_type: PropertyHint,
	_hint_string: String,
	_usage_flags: int,
	_wide: bool
) -> bool:
	var index := Parameters.PARAMETER_NAMES.find(name)
	if index < 0:
		return false
	var row := ParameterProperty.new(object as AnimatedAnimeCharacter, index, _actions)
	row.moves_both_sides = PoseToolbar.moves_both_sides
	add_property_editor(name, row, false, _label_of(index))
	return true


# A parameter's name without that of the group it stands in, its side first, since a narrow inspector cuts off what is
# last: "L Raised Lower Eyelid" under Eye.
static func _label_of(index: int) -> String:
	var parameter := Parameters.PARAMETER_NAMES[index]
	var group := Parameters.PARAMETER_GROUPS[index]
	var short := group.trim_prefix(Parameters.PARAMETER_CATEGORIES[index] + "_")
	var label := (short if short.length() > 1 else group).capitalize()
	if parameter.ends_with("_left"):
		return "L " + label
	return "R " + label if parameter.ends_with("_right") else label
