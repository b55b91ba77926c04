extends "scenario.gd"
## Shows a real character in every way there is and saves what the window shows after each.

const SMILE: Dictionary[String, float] = {
	"eye_happy_wink_left": 1.0, "eye_happy_wink_right": 1.0, "mouth_aaa": 0.6, "head_y": -0.5, "neck_z": 0.4
}


func play() -> void:
	RenderingServer.set_default_clear_color(Color8(40, 90, 60))
	var node := add_character(option("character"), option("address"))
	node.position = Vector2(300, 300)
	await wait_for_picture(node)
	await save_window("neutral.png")
	node.eye_happy_wink_left = 1.0
	node.eye_happy_wink_right = 1.0
	node.mouth_aaa = 0.6
	node.head_y = -0.5
	node.neck_z = 0.4
	await wait_for_picture(node)
	await save_window("posed.png")
	await play_animation(node)
	await wait_for_picture(node)
	await save_window("animated.png")
	node.view = AnimatedAnimeCharacter.View.HEAD
	await wait_for_picture(node)
	await save_window("head.png")
	save_texture(node, "head_texture.png")
	await show_elsewhere(node)
	await save_window("elsewhere.png")
	node.view = AnimatedAnimeCharacter.View.CUSTOM
	node.custom_region = Rect2i(131, 20, 251, 333)
	node.centered = false
	node.offset = Vector2(7, -9)
	node.flip_h = true
	node.flip_v = true
	await wait_for_picture(node)
	await save_window("custom.png")
	RenderingServer.set_default_clear_color(Color.WHITE)
	node.view = AnimatedAnimeCharacter.View.HEAD
	node.centered = true
	node.offset = Vector2.ZERO
	node.flip_h = false
	node.flip_v = false
	node.position = Vector2(360, 360)
	node.scale = Vector2(3, 3)
	await wait_for_picture(node)
	await save_window("larger.png")


## Plays an animation to its middle, shows that, and plays it to its end. A busy machine gets the time that it needs.
func play_animation(node: AnimatedAnimeCharacter) -> void:
	var animation := Animation.new()
	animation.length = 4.0
	for property: String in ["head_y", "mouth_aaa"]:
		var track := animation.add_track(Animation.TYPE_VALUE)
		animation.track_set_path(track, ".:" + property)
		animation.track_insert_key(track, 0.0, node.get(property))
		animation.track_insert_key(track, 4.0, 0.7 if property == "head_y" else 0.0)
	var library := AnimationLibrary.new()
	library.add_animation("turn", animation)
	var player := AnimationPlayer.new()
	player.callback_mode_process = AnimationMixer.ANIMATION_CALLBACK_MODE_PROCESS_MANUAL
	player.add_animation_library("", library)
	node.add_child(player)
	player.play("turn")
	player.advance(2.0)
	await wait_for_picture(node)
	await save_window("on_the_way.png")
	player.advance(2.0)
	player.queue_free()


## The same texture in a TextureRect and on a Sprite3D.
func show_elsewhere(node: AnimatedAnimeCharacter) -> void:
	var rect := TextureRect.new()
	rect.texture = node.texture
	rect.position = Vector2(700, 40)
	root.add_child(rect)
	var sprite := Sprite3D.new()
	sprite.texture = node.texture
	sprite.pixel_size = 1.0 / 192.0
	var camera := Camera3D.new()
	camera.projection = Camera3D.PROJECTION_ORTHOGONAL
	# A picture of 192 pixels is one unit high, and the window 720 pixels.
	camera.size = 720.0 / 192.0
	camera.position = Vector3(0, 0, 2)
	root.add_child(camera)
	# So that its left top corner is at (800, 400) of the window of 1280 by 720.
	sprite.position = Vector3((800 + 96 - 640) / 192.0, -(400 + 96 - 360) / 192.0, 0)
	root.add_child(sprite)
	await process_frame
	await process_frame
