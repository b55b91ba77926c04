extends "scenario.gd"
## Draws characters in different ways and saves the window.


func play() -> void:
	RenderingServer.set_default_clear_color(Color.BLACK)
	var plain := _add(Vector2(10, 10), func(_node: AnimatedAnimeCharacter) -> void: pass)
	_add(Vector2(110, 10), func(node: AnimatedAnimeCharacter) -> void: node.flip_h = true)
	_add(Vector2(210, 10), func(node: AnimatedAnimeCharacter) -> void: node.flip_v = true)
	_add(Vector2(310, 10), func(node: AnimatedAnimeCharacter) -> void: node.offset = Vector2(5, 7))
	_add(Vector2(460, 60), func(node: AnimatedAnimeCharacter) -> void: node.centered = true)
	var texture_rect := TextureRect.new()
	texture_rect.texture = plain.texture
	texture_rect.position = Vector2(510, 10)
	root.add_child(texture_rect)
	await save_window("window.png")
	if option("address") != "tcp://127.0.0.1:1":
		plain.mouth_aaa = 1.0
		await wait_for_picture(plain)
		save_texture(plain, "texture.png")
		await save_window("moved.png")


# The upper left quarter is what tells the sides apart: the head's corner lies in the region's middle.
func _add(position: Vector2, setup: Callable) -> AnimatedAnimeCharacter:
	return add_character(
		option("character"),
		option("address"),
		func(node: AnimatedAnimeCharacter) -> void:
			node.view = AnimatedAnimeCharacter.View.CUSTOM
			node.custom_region = Rect2i(160 - 40, 48 - 40, 80, 80)
			node.centered = false
			node.position = position
			setup.call(node)
	)
