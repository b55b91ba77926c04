extends "scenario.gd"
## A character that changes all the time while it is on no screen, on one, behind a camera, and in a second viewport.

const FAR := Vector2(-3000, 300)
const HERE := Vector2(300, 300)


func play() -> void:
	var node := add_character(
		option("character"), option("address"), func(away: AnimatedAnimeCharacter) -> void: away.position = FAR
	)
	await wait_until(node.is_bridge_connected, "the bridge")
	await tell_pictures(node, "away from the start")
	node.position = HERE
	await tell_pictures(node, "on screen")
	node.position = FAR
	await tell_pictures(node, "moved away")
	var camera := Camera2D.new()
	camera.position = FAR
	root.add_child(camera)
	await tell_pictures(node, "before a camera")
	camera.free()
	await tell_pictures(node, "without the camera")
	var window := SubViewport.new()
	window.size = Vector2i(200, 200)
	window.render_target_update_mode = SubViewport.UPDATE_ALWAYS
	window.world_2d = root.world_2d
	root.add_child(window)
	window.canvas_transform = Transform2D(0.0, -FAR)
	await tell_pictures(node, "in another viewport")
	window.free()
	await tell_pictures(node, "without the viewport")
	node.update_when_hidden = true
	await tell_pictures(node, "for others")
	node.update_when_hidden = false
	node.position = HERE
	node.modulate.a = 0.0
	await tell_pictures(node, "faded out")
	node.modulate.a = 1.0
	await tell_pictures(node, "faded in")
	root.remove_child(node)
	node.position = FAR
	root.add_child(node)
	await wait_until(node.is_bridge_connected, "the bridge again")
	await tell_pictures(node, "away when it comes back")
	node.free()


## How many pictures come within 30 frames, after some in which what was asked for before may come.
func tell_pictures(node: AnimatedAnimeCharacter, where: String) -> void:
	var shown: Array[int] = [0]
	var count := func() -> void: shown[0] += 1
	for frame in 60:
		if frame == 30:
			node.frame_shown.connect(count)
		node.mouth_aaa = fposmod(node.mouth_aaa + 0.01, 1.0)
		await process_frame
	node.frame_shown.disconnect(count)
	tell(where, shown[0])
