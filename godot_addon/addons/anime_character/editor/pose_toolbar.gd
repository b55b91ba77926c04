@tool
extends VBoxContainer
## What stands above a character's parameters in the inspector: whole poses, and expressions.

const ExpressionSaving := preload("expression_saving.gd")
const PoseActions := preload("pose_actions.gd")
const RandomPose := preload("random_pose.gd")

const _FOLDER := "res://"
const _NO_EXPRESSION := "None"

static var _moves_both_sides := false

var _character: AnimatedAnimeCharacter
var _actions: PoseActions
var _random := RandomNumberGenerator.new()
var _reset := Button.new()
var _save := Button.new()
var _expressions := OptionButton.new()
var _note := Label.new()
var _dialog: EditorFileDialog


func _init(character: AnimatedAnimeCharacter = null, actions: PoseActions = null) -> void:
	_character = character
	_actions = actions
	var poses := HBoxContainer.new()
	_reset.text = "Reset Pose"
	_reset.tooltip_text = "Puts every parameter at rest."
	_reset.pressed.connect(func() -> void: actions.reset("Reset Pose", character))
	var random := Button.new()
	random.text = "Random Pose"
	random.tooltip_text = "Strikes a pose of a mood at random: face, head and body."
	random.pressed.connect(func() -> void: actions.strike("Random Pose", character, RandomPose.strike(_random)))
	for button: Button in [_reset, random]:
		button.size_flags_horizontal = SIZE_EXPAND_FILL
		poses.add_child(button)
	add_child(poses)
	_add_expressions()
	_add_note()
	var sides := CheckBox.new()
	sides.text = "Move both sides"
	sides.tooltip_text = "A slider of the left side moves the right side's, too, and the other way round."
	sides.button_pressed = _moves_both_sides
	sides.toggled.connect(func(on: bool) -> void: _moves_both_sides = on)
	add_child(sides)
	actions.history_changed.connect(_refresh)
	_refresh()


## Whether a slider of one side moves the other side's.
static func moves_both_sides() -> bool:
	return _moves_both_sides


## Saves the sliders' pose as an expression, and lets the character have it under the name of the file.
func save_expression(path: String) -> void:
	var pose := ExpressionSaving.save(_character, path)
	if pose == null:
		return
	EditorInterface.get_resource_filesystem().update_file(path)
	var expression := ExpressionSaving.name_of(path)
	var expressions := _character.expressions.duplicate()
	expressions[expression] = pose
	_actions.change("Save Expression %s" % expression, _character, {&"expressions": expressions})


func _add_expressions() -> void:
	var row := HBoxContainer.new()
	var label := Label.new()
	label.text = "Expression"
	_expressions.size_flags_horizontal = SIZE_EXPAND_FILL
	_expressions.fit_to_longest_item = false
	_expressions.tooltip_text = "Shows an expression on top of the sliders, as express() does."
	_expressions.item_selected.connect(_on_expression_selected)
	_save.text = "Save as..."
	_save.pressed.connect(_ask_for_path)
	for part: Control in [label, _expressions, _save]:
		row.add_child(part)
	add_child(row)


func _add_note() -> void:
	_note.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_note.modulate.a = 0.7
	add_child(_note)


func _refresh() -> void:
	if not is_instance_valid(_character):
		return
	var is_at_rest := not ExpressionSaving.is_possible(_character)
	_reset.disabled = is_at_rest
	_save.disabled = is_at_rest
	_save.tooltip_text = (
		"Move a slider first: every parameter is at rest."
		if is_at_rest
		else "Writes the parameters that are not at rest to a file, ready for express()."
	)
	var names := _character.get_expression_names()
	_expressions.clear()
	_expressions.add_item(_NO_EXPRESSION)
	for expression in names:
		_expressions.add_item(expression)
	_expressions.select(names.find(_character.expression) + 1)
	_show_note()


func _show_note() -> void:
	var pose := _character.find_expression(_character.expression)
	_note.visible = pose != null
	if pose:
		_note.text = (
			"%s lies above the sliders and sets %d of them." % [_character.expression, pose.get_parameters().size()]
		)


func _on_expression_selected(item: int) -> void:
	var expression := &"" if item == 0 else StringName(_expressions.get_item_text(item))
	var what := "Clear Expression" if item == 0 else "Show Expression %s" % expression
	_actions.change(what, _character, {&"expression": expression})


func _ask_for_path() -> void:
	if _dialog == null:
		_dialog = EditorFileDialog.new()
		_dialog.file_mode = EditorFileDialog.FILE_MODE_SAVE_FILE
		_dialog.title = "Save as Expression"
		_dialog.add_filter("*.tres", "Expression")
		_dialog.current_dir = _FOLDER
		_dialog.file_selected.connect(save_expression)
		add_child(_dialog)
	_dialog.popup_file_dialog()
