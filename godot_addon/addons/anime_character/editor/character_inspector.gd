@tool
extends EditorInspectorPlugin
## What the inspector shows of an AnimatedAnimeCharacter beside its usual properties: whole poses, expressions, and a
## slider for each parameter; and of an AnimeCharacter: whom to name for it, and its larger drawing.
##
## Several characters selected at once have the inspector's usual number fields.

const CategoryBar := preload("category_bar.gd")
const CreditsBox := preload("credits_box.gd")
const DrawingBox := preload("drawing_box.gd")
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
	return object is AnimatedAnimeCharacter or object is AnimeCharacter


func _parse_begin(object: Object) -> void:
	var character := object as AnimeCharacter
	if character and not character.credits().is_empty():
		add_custom_control(CreditsBox.new(character.credits()))
	if character and not DrawingBox.text_of(character).is_empty():
		add_custom_control(DrawingBox.new(character))


func _parse_category(object: Object, category: String) -> void:
	if category == _POSE and object is AnimatedAnimeCharacter:
		add_custom_control(PoseToolbar.new(object as AnimatedAnimeCharacter, _actions))


func _parse_group(object: Object, group: String) -> void:
	var category := group.to_lower().replace(" ", "_")
	if category in Parameters.PARAMETER_CATEGORIES and object is AnimatedAnimeCharacter:
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
	if index < 0 or not object is AnimatedAnimeCharacter:
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
