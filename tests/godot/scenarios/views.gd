extends "scenario.gd"
## Goes through the views of a connected character.


func play() -> void:
	var node := add_character(option("character"), option("address"))
	var texture := node.texture
	await wait_for_picture(node)
	node.view = AnimatedAnimeCharacter.View.HEAD
	await wait_for_picture(node)
	tell("head", node.get_image().get_size())
	node.view = AnimatedAnimeCharacter.View.CUSTOM
	node.custom_region = Rect2i(10, 20, 100, 50)
	await wait_for_picture(node)
	tell("custom", node.get_image().get_size())
	node.resolution_scale = 0.5
	await wait_for_picture(node)
	tell("scaled", [node.get_image().get_size(), node.get_rect().size])
	tell("same_texture", node.texture == texture)
