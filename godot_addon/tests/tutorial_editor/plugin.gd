@tool
extends EditorPlugin
## Shows the editor as the tutorial does, saves pictures of it where TUTORIAL_OUTPUT says, and quits.

const _FILE := "res://hero.tha4"
const _GIVE_UP_S := 110.0


func _enter_tree() -> void:
	_run.call_deferred()


func _run() -> void:
	get_tree().create_timer(_GIVE_UP_S).timeout.connect(_give_up)
	await _until(func() -> bool: return EditorInterface.get_edited_scene_root() != null)
	await _until(func() -> bool: return not EditorInterface.get_resource_filesystem().is_scanning())
	EditorInterface.set_main_screen_editor("2D")
	var hero: AnimatedAnimeCharacter = EditorInterface.get_edited_scene_root().get_node("Hero")
	EditorInterface.get_file_system_dock().navigate_to_path(_FILE)
	_select(hero)
	await _until(func() -> bool: return hero.is_animated() and hero.is_up_to_date())
	await _save("tutorial_node.png")
	_select(EditorInterface.get_edited_scene_root().get_node("Animation"))
	await _save("tutorial_animation.png")
	get_tree().quit(0)


func _select(node: Node) -> void:
	EditorInterface.get_selection().clear()
	EditorInterface.get_selection().add_node(node)
	EditorInterface.edit_node(node)


func _save(file_name: String) -> void:
	for _frame in 60:
		await get_tree().process_frame
	# An editor with nothing new to show draws nothing.
	RenderingServer.force_draw()
	var picture := EditorInterface.get_base_control().get_viewport().get_texture().get_image()
	picture.save_png(OS.get_environment("TUTORIAL_OUTPUT").path_join(file_name))


func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _give_up() -> void:
	printerr("ERROR: the editor did not get there in time")
	get_tree().quit(3)
