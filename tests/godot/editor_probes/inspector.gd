@tool
extends "probe.gd"
## Uses everything that the inspector has for a character: sliders by mouse, buttons, expressions; and undoes it.

const PATH := "res://grin.tres"

var _node: AnimatedAnimeCharacter
var _steps := 0


func play() -> void:
	_node = await character()
	await inspect(_node)
	_steps = history_of(_node).get_current_action()
	await _drag_sliders()
	await _strike_poses()
	await _show_expressions()
	await _save_an_expression()
	await _read_the_credits()


func undo() -> void:
	await super()
	_steps = history_of(_node).get_current_action()


func redo() -> void:
	await super()
	_steps = history_of(_node).get_current_action()


func _drag_sliders() -> void:
	var slider := await _slider_of("mouth_aaa")
	# Steps of the same name are made one when less than 0.8 s lie between them: neither that nor the opposite.
	await drag(slider, [0.02, 0.3, 0.6], 1.0)
	_tell_step("dragged", _node.mouth_aaa)
	await drag(slider, [0.6, 0.98])
	_tell_step("dragged again", _node.mouth_aaa)
	await undo()
	tell("undone", _node.mouth_aaa)
	await undo()
	tell("undone twice", _node.mouth_aaa)
	await redo()
	tell("redone", _node.mouth_aaa)
	await until(func() -> bool: return slider.value == _node.mouth_aaa, "the slider where the property is")
	var number := below(row_of("mouth_iii"), "LineEdit")[0] as LineEdit
	number.text_submitted.emit("0.25")
	_tell_step("typed", _node.mouth_iii)
	number.text_submitted.emit("a quarter")
	number.text_submitted.emit("-3")
	_tell_step("typed nonsense", [_node.mouth_iii, number.text])
	await undo()
	await undo()
	tell("typed undone", _node.mouth_iii)
	await drag(await _slider_of("head_y"), [0.5, 0.3])
	_tell_step("turned", _node.head_y)
	var sides := button(part("pose_toolbar.gd"), "Move both sides") as CheckBox
	sides.button_pressed = true
	await drag(await _slider_of("eye_wink_right"), [0.02, 0.98])
	_tell_step("both", [_node.eye_wink_left, _node.eye_wink_right])
	await undo()
	tell("both undone", [_node.eye_wink_left, _node.eye_wink_right])
	sides.button_pressed = false
	await redo()
	await save_window("inspector")


func _strike_poses() -> void:
	var before := _node.get_pose()
	button(EditorInterface.get_inspector(), "Reset Mouth").pressed.emit()
	_tell_step("mouth reset", [_node.mouth_aaa, _node.eye_wink_left])
	await undo()
	var poses := {}
	for _time in 20:
		button(part("pose_toolbar.gd"), "Random Pose").pressed.emit()
		poses[var_to_str(_node.get_pose())] = true
		_tell_pose_is_within_ranges()
	_tell_step("random", poses.size())
	for _time in 20:
		await undo()
	tell("random undone", _node.get_pose() == before)
	button(part("pose_toolbar.gd"), "Reset Pose").pressed.emit()
	_tell_step("reset", _node.get_pose().count(0.0))
	tell("nothing to reset", button(part("pose_toolbar.gd"), "Reset Pose").disabled)
	tell("nothing to save", button(part("pose_toolbar.gd"), "Save as...").disabled)
	await undo()
	tell("reset undone", _node.get_pose() == before)


func _tell_pose_is_within_ranges() -> void:
	var pose := _node.get_pose()
	for index in pose.size():
		if pose[index] < _node.PARAMETER_MINIMUMS[index] or pose[index] > _node.PARAMETER_MAXIMUMS[index]:
			tell("out of range", _node.PARAMETER_NAMES[index])
	if pose.count(0.0) == pose.size():
		tell("out of range", "a pose without anything")


func _show_expressions() -> void:
	var list := below(part("pose_toolbar.gd"), "OptionButton")[0] as OptionButton
	var names := PackedStringArray()
	for item in list.item_count:
		names.append(list.get_item_text(item))
	tell("expressions", ",".join(names))
	list.select(names.find("anger"))
	list.item_selected.emit(names.find("anger"))
	_tell_step("shown", _node.expression)
	await until(func() -> bool: return not _node.is_expression_blending(), "the expression")
	tell("brow", _node.get_shown_pose()[_node.PARAMETER_NAMES.find("eyebrow_angry_left")])
	await undo()
	tell("hidden", [_node.expression, list.selected])


func _save_an_expression() -> void:
	var toolbar := part("pose_toolbar.gd")
	button(toolbar, "Save as...").pressed.emit()
	await frames(5)
	var dialog := below(toolbar, "EditorFileDialog")[0] as EditorFileDialog
	tell("asked", dialog.visible)
	await save_window("dialog")
	dialog.hide()
	dialog.file_selected.emit(PATH)
	_tell_step("saved", FileAccess.file_exists(PATH))
	var pose: AnimePose = ResourceLoader.load(PATH, "", ResourceLoader.CACHE_MODE_IGNORE)
	tell("saved pose", ",".join(pose.get_parameters()))
	var wanted := _node.get_pose()
	_node.reset_pose()
	_node.express(&"grin", 0.0)
	await until(func() -> bool: return not _node.is_expression_blending(), "the saved expression")
	tell("same pose", _node.get_shown_pose() == wanted)
	_node.clear_expression(0.0)
	_node.set_pose(wanted)
	await undo()
	tell("forgotten", not _node.expressions.has(&"grin") and FileAccess.file_exists(PATH))


func _read_the_credits() -> void:
	EditorInterface.edit_resource(_node.character)
	await until(func() -> bool: return part("credits_box.gd") != null, "the character's credits")
	var lines := PackedStringArray()
	for label in below(part("credits_box.gd"), "Label"):
		lines.append((label as Label).text)
	tell("credits", JSON.stringify(lines))
	button(part("credits_box.gd"), "Copy").pressed.emit()
	tell("copied", JSON.stringify(DisplayServer.clipboard_get()))


func _slider_of(parameter: String) -> HSlider:
	var row := row_of(parameter)
	EditorInterface.get_inspector().ensure_control_visible(row)
	await frames(5)
	return below(row, "HSlider")[0]


# What a change led to, how many steps it took, and what the last is called.
func _tell_step(what: String, value: Variant) -> void:
	var history := history_of(_node)
	tell(what, value)
	tell("%s steps" % what, history.get_current_action() - _steps)
	tell("%s name" % what, history.get_current_action_name())
	_steps = history.get_current_action()
