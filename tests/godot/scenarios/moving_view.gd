extends "scenario.gd"
## Moves a custom view every frame for a second and a half, which is faster than the bridge answers.


func play() -> void:
	var node := add_character(option("character"), option("address"))
	node.view = AnimatedAnimeCharacter.View.CUSTOM
	node.custom_region = Rect2i(0, 0, 64, 64)
	await wait_for_picture(node)
	var pictures: Array[int] = [0]
	node.frame_shown.connect(func() -> void: pictures[0] += 1)
	var begin := Time.get_ticks_msec()
	while Time.get_ticks_msec() - begin < 1500:
		node.custom_region = Rect2i(node.custom_region.position.x % 400 + 1, 0, 64, 64)
		await process_frame
	tell("pictures", pictures[0])
	node.custom_region = Rect2i(7, 8, 20, 30)
	await wait_for_picture(node)
	tell("size", node.get_image().get_size())
