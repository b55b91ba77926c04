@tool
extends HBoxContainer
## The first row of a category of parameters: how many of them are not at rest, and a button that puts them there.

const Parameters := preload("../anime_character_parameters.gd")
const PoseActions := preload("pose_actions.gd")

var _character: AnimatedAnimeCharacter
var _category := ""
var _moved := Label.new()
var _reset := Button.new()


## The row of a category, as [code]iris_morph[/code].
func _init(character: AnimatedAnimeCharacter = null, category: String = "", actions: PoseActions = null) -> void:
	_character = character
	_category = category
	_moved.size_flags_horizontal = SIZE_EXPAND_FILL
	_moved.modulate.a = 0.6
	_reset.text = "Reset %s" % category.capitalize()
	_reset.tooltip_text = "Puts all parameters of this group at rest."
	_reset.pressed.connect(func() -> void: actions.reset(_reset.text, character, category))
	add_child(_moved)
	add_child(_reset)
	actions.history_changed.connect(_refresh)
	_refresh()


func _refresh() -> void:
	if not is_instance_valid(_character):
		return
	var pose := _character.get_pose()
	var moved := 0
	var total := 0
	for index in Parameters.PARAMETER_COUNT:
		if Parameters.PARAMETER_CATEGORIES[index] == _category:
			total += 1
			moved += int(pose[index] != 0.0)
	_moved.text = "%d of %d moved" % [moved, total] if moved else "at rest"
	_reset.disabled = moved == 0
