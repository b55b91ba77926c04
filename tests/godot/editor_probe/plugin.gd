@tool
extends EditorPlugin
## Waits for the opened scene, moves a slider of its root in the inspector, saves what the editor shows, and quits.

var _node: AnimatedAnimeCharacter


func _enter_tree() -> void:
	_run.call_deferred()


func _run() -> void:
	get_tree().create_timer(90.0).timeout.connect(_give_up)
	await _until(func() -> bool: return EditorInterface.get_edited_scene_root() is AnimatedAnimeCharacter)
	_node = EditorInterface.get_edited_scene_root()
	EditorInterface.set_main_screen_editor("2D")
	await _until(_node.is_up_to_date)
	EditorInterface.edit_node(_node)
	await _until(func() -> bool: return _slider("mouth_aaa") != null)
	_slider("mouth_aaa").emit_changed("mouth_aaa", 0.6)
	await _until(func() -> bool: return _node.mouth_aaa > 0.5)
	await _until(_node.is_up_to_date)
	await _settle()
	var folder := OS.get_environment("PROBE_OUTPUT")
	_node.get_image().save_png(folder.path_join("texture.png"))
	var viewport := EditorInterface.get_editor_viewport_2d()
	viewport.get_texture().get_image().save_png(folder.path_join("viewport.png"))
	EditorInterface.get_base_control().get_viewport().get_texture().get_image().save_png(
		folder.path_join("editor.png")
	)
	var place := viewport.global_canvas_transform * (_node.position + _node.get_rect().position)
	print("place=%d,%d" % [roundi(place.x), roundi(place.y)])
	print("zoom=%s" % viewport.global_canvas_transform.get_scale().x)
	print("warnings=%s" % [_node._get_configuration_warnings()])
	get_tree().quit(0)


func _slider(property: String, below: Node = EditorInterface.get_inspector()) -> EditorProperty:
	for child in below.get_children():
		if child is EditorProperty and (child as EditorProperty).get_edited_property() == property:
			return child
		var found := _slider(property, child)
		if found:
			return found
	return null


func _settle() -> void:
	for _frame in 30:
		await get_tree().process_frame
	# An editor with nothing new to show draws nothing, so that waiting for the next drawing could take for ever.
	RenderingServer.force_draw()


func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _give_up() -> void:
	printerr("ERROR: the editor did not get there in time")
	get_tree().quit(3)
