extends "scenario.gd"
## Moves a character without end; the bridge is killed meanwhile and comes back.


func play() -> void:
	RenderingServer.set_default_clear_color(Color8(40, 90, 60))
	var node := add_character(option("character"), option("address"))
	node.position = Vector2(300, 300)
	var losses: Array[int] = [0]
	node.lost.connect(func() -> void: losses[0] += 1)
	await wait_for_picture(node)
	var frames: Array[int] = [0]
	node.frame_shown.connect(func() -> void: frames[0] += 1)
	while losses[0] == 0:
		node.head_y = sin(Time.get_ticks_msec() / 400.0)
		if frames[0] == 3:
			frames[0] += 1
			tell("phase", "streaming")
		await process_frame
	await wait_seconds(1.0)
	node.get_image().save_png(output_file("last.png"))
	await save_window("lost.png")
	node.head_y = 0.7
	node.mouth_ooo = 1.0
	tell("losses", losses[0])
	tell("phase", "lost")
	await wait_until(node.is_bridge_connected, "the bridge is back", 60.0)
	await wait_for_picture(node, 60.0)
	await save_window("recovered.png")
	tell("losses", losses[0])
