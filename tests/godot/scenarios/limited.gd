extends "scenario.gd"
## A character that changes with every frame and may ask for ten pictures a second, then for any number.


func play() -> void:
	Engine.max_fps = 100
	var limit := func(node: AnimatedAnimeCharacter) -> void: node.max_fps = 10
	var node := add_character(option("character"), option("address"), limit)
	await wait_for_picture(node)
	await tell_pictures(node, "limited")
	node.max_fps = 0
	await tell_pictures(node, "unlimited")


func tell_pictures(node: AnimatedAnimeCharacter, what: String) -> void:
	var shown: Array[int] = [0]
	var count := func() -> void: shown[0] += 1
	node.frame_shown.connect(count)
	var begun := Time.get_ticks_msec()
	while Time.get_ticks_msec() - begun < 2000:
		node.mouth_aaa = fposmod(node.mouth_aaa + 0.01, 1.0)
		await process_frame
	node.frame_shown.disconnect(count)
	tell(what, shown[0])
	tell("%s seconds" % what, (Time.get_ticks_msec() - begun) / 1000.0)
