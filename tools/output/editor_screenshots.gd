@tool
extends EditorPlugin
## Poses for tools/editor_screenshots.py: a character in the editor with the addon's inspector, panel and setup page.
##
## Saves window.png, character.png and setup.png in the folder that the variable SCREENSHOTS names, and prints where in
## the window inspector and panel are.

const _SECONDS := 500.0
const _CALM_SECONDS := 2.0
const _MOVING_SECONDS := 3.0
## Groups that are open in the inspector, by a parameter in each.
const _OPEN: PackedStringArray = ["mouth_aaa", "head_y", "breathing"]
const _POSE: Dictionary[StringName, float] = {
	&"mouth_aaa": 0.55,
	&"mouth_raised_corner_left": 0.8,
	&"mouth_raised_corner_right": 0.8,
	&"eyebrow_happy_left": 1.0,
	&"eyebrow_happy_right": 1.0,
	&"eye_wink_left": 1.0,
	&"head_x": 0.2,
	&"head_y": -0.35,
	&"neck_z": 0.4,
	&"body_z": 0.2,
}


func _enter_tree() -> void:
	_run.call_deferred()


func _run() -> void:
	get_tree().create_timer(_SECONDS).timeout.connect(_give_up)
	await _until(func() -> bool: return EditorInterface.get_edited_scene_root() is AnimatedAnimeCharacter)
	# The engine now and then aborts (Godot 4.6.3, a thread waited for twice) when it is hurried at its start.
	await _until(func() -> bool: return not EditorInterface.get_resource_filesystem().is_scanning())
	await get_tree().create_timer(_CALM_SECONDS).timeout
	var character: AnimatedAnimeCharacter = EditorInterface.get_edited_scene_root()
	for parameter in _POSE:
		character.set(parameter, _POSE[parameter])
	EditorInterface.set_main_screen_editor("2D")
	EditorInterface.edit_node(character)
	var panel := _part("engine_panel.gd")
	make_bottom_panel_item_visible(panel)
	await _show_groups()
	await _breathe(character)
	await _save(get_viewport(), "window.png")
	_tell("inspector", EditorInterface.get_inspector())
	_tell("panel", panel)
	EditorInterface.edit_resource(character.character)
	var inspector := EditorInterface.get_inspector()
	await _until(func() -> bool: return inspector.get_edited_object() == character.character)
	inspector.scroll_vertical = 0
	await _save(get_viewport(), "character.png")
	var setup: Window = _part("setup_window.gd")
	setup.call("open")
	await _until(func() -> bool: return _is_searched(setup))
	await _save(setup, "setup.png")
	get_tree().quit(0)


# Opens some groups of parameters, closes all others, and scrolls to the first.
func _show_groups() -> void:
	await _until(func() -> bool: return not _below(EditorInterface.get_inspector(), "EditorProperty").is_empty())
	var rows := _below(EditorInterface.get_inspector(), "EditorProperty")
	for section in _below(EditorInterface.get_inspector(), "EditorInspectorSection"):
		var is_open := rows.any(
			func(row: EditorProperty) -> bool: return section.is_ancestor_of(row) and row.get_edited_property() in _OPEN
		)
		section.call("unfold" if is_open else "fold")
	await _frames(10)
	var toolbar: Control = _part("pose_toolbar.gd")
	var inspector := EditorInterface.get_inspector()
	inspector.scroll_vertical += roundi(toolbar.global_position.y - inspector.global_position.y) - 8


# Moves for a while, so that the panel has frames to count.
func _breathe(character: AnimatedAnimeCharacter) -> void:
	await _until(character.is_up_to_date)
	var began_ms := Time.get_ticks_msec()
	var seconds := 0.0
	while seconds < _MOVING_SECONDS:
		seconds = (Time.get_ticks_msec() - began_ms) / 1000.0
		character.breathing = 0.5 - 0.5 * cos(seconds * TAU / 3.0)
		await get_tree().process_frame
	character.breathing = 0.5
	await _until(character.is_up_to_date)


func _is_searched(setup: Window) -> bool:
	var tree: Tree = _below(setup, "Tree")[0]
	var rows := tree.get_root().get_children() if tree.get_root() else ([] as Array[TreeItem])
	return not rows.is_empty() and rows.all(func(row: TreeItem) -> bool: return row.get_text(2) != "Being tried ...")


func _save(viewport: Viewport, file: String) -> void:
	await _frames(20)
	# An editor with nothing new to show draws nothing.
	RenderingServer.force_draw()
	viewport.get_texture().get_image().save_png(OS.get_environment("SCREENSHOTS").path_join(file))


func _tell(what: String, control: Control) -> void:
	var rect := Rect2i(control.get_global_rect())
	print("%s=%d,%d,%d,%d" % [what, rect.position.x, rect.position.y, rect.end.x, rect.end.y])


func _part(script: String) -> Node:
	for node in _below(EditorInterface.get_base_control(), "Node"):
		var its: Script = node.get_script()
		if its and its.resource_path.get_file() == script:
			return node
	return null


func _below(node: Node, type: String) -> Array[Node]:
	var found: Array[Node] = []
	for child in node.get_children(true):
		if child.is_class(type):
			found.append(child)
		found.append_array(_below(child, type))
	return found


func _frames(count: int) -> void:
	for _frame in count:
		await get_tree().process_frame


func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _give_up() -> void:
	printerr("ERROR: the editor did not get there in %.0f s" % _SECONDS)
	get_tree().quit(3)
