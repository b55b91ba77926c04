extends "scenario.gd"
## Plays a character without a bridge: its picture, one after the engine has been changed, and what the node says.


func play() -> void:
	var node := add_character(option("character"), "")
	await wait_for_picture(node)
	tell("engine", node.engine_name)
	tell("playing", node.get_playing_engine())
	var texture := node.texture
	node.mouth_aaa = 1.0
	node.head_y = -0.5
	await wait_for_picture(node)
	tell("measured", node.latency_ms > 0.0 and node.render_ms > 0.0)
	node.get_image().save_png(output_file("posed.png"))
	node.view = AnimatedAnimeCharacter.View.HEAD
	node.resolution_scale = 0.5
	await wait_for_picture(node)
	tell("head", node.get_image().get_size())
	tell("same", texture == node.texture)
	tell("warnings", node._get_configuration_warnings())
	var image := node.get_image()
	node.engine = AnimatedAnimeCharacter.EngineChoice.GPU
	tell("stays", node.get_image() == image)
	await wait_for_picture(node)
	tell("forced", node.engine_name)
	root.remove_child(node)
	root.add_child(node)
	await wait_for_picture(node)
	tell("again", node.engine_name)
	node.queue_free()
