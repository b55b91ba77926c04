@tool
extends RefCounted
## Changes of a character in the editor, each one step that can be undone.

## Something was done, undone or done again; not necessarily to a character.
signal history_changed

const Parameters := preload("../anime_character_parameters.gd")

var _undo_redo: EditorUndoRedoManager


func _init(undo_redo: EditorUndoRedoManager) -> void:
	_undo_redo = undo_redo
	# The one tells of what is done, the other of what is undone.
	_undo_redo.history_changed.connect(history_changed.emit)
	_undo_redo.version_changed.connect(history_changed.emit)


## Sets properties of [param object] to [param values]. [param before]: what undoing sets, where that is not what they
## are now. When nothing differs there is no step.
func change(what: String, object: Object, values: Dictionary, before: Dictionary = {}) -> void:
	var changed := values.keys().filter(
		func(property: StringName) -> bool:
			return not is_same(before.get(property, object.get(property)), values[property])
	)
	if changed.is_empty():
		return
	_undo_redo.create_action(what, UndoRedo.MERGE_DISABLE, object)
	for property: StringName in changed:
		_undo_redo.add_do_property(object, property, values[property])
		_undo_redo.add_undo_property(object, property, before.get(property, object.get(property)))
	_undo_redo.commit_action()


## Gives a character a whole pose of 45 numbers.
func strike(what: String, character: AnimatedAnimeCharacter, pose: PackedFloat32Array) -> void:
	var values := {}
	for index in Parameters.PARAMETER_COUNT:
		values[StringName(Parameters.PARAMETER_NAMES[index])] = pose[index]
	change(what, character, values)


## Puts the parameters of a category at rest, as [code]eyebrow[/code]; all of them when it is empty.
func reset(what: String, character: AnimatedAnimeCharacter, category: String = "") -> void:
	var pose := character.get_pose()
	for index in Parameters.PARAMETER_COUNT:
		if category.is_empty() or Parameters.PARAMETER_CATEGORIES[index] == category:
			pose[index] = 0.0
	strike(what, character, pose)
