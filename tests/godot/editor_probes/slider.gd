@tool
extends "probe.gd"
## Moves a slider of the opened scene's root in the inspector, and saves what the editor shows.


func play() -> void:
	var node := await character()
	EditorInterface.set_main_screen_editor("2D")
	await until(node.is_up_to_date, "a picture")
	await inspect(node)
	row_of("mouth_aaa").emit_changed("mouth_aaa", 0.6)
	await until(func() -> bool: return node.mouth_aaa > 0.5, "a moved mouth")
	await until(node.is_up_to_date, "a picture of it")
	await save_window("editor")
	node.get_image().save_png(option("output").path_join("texture.png"))
	var viewport := EditorInterface.get_editor_viewport_2d()
	viewport.get_texture().get_image().save_png(option("output").path_join("viewport.png"))
	var place := viewport.global_canvas_transform * (node.position + node.get_rect().position)
	tell("place", "%d,%d" % [roundi(place.x), roundi(place.y)])
	tell("zoom", viewport.global_canvas_transform.get_scale().x)
	tell("warnings", node._get_configuration_warnings())
