extends "scenario.gd"
## Sets a new pose every frame for a second and a half, which is faster than the bridge answers.


func play() -> void:
	var node := add_character(option("character"), option("address"))
	await wait_for_picture(node)
	tell("ready", "yes")
	var begin := Time.get_ticks_msec()
	while Time.get_ticks_msec() - begin < 1500:
		node.mouth_aaa = fposmod(Time.get_ticks_msec() / 777.0, 1.0)
		await process_frame
	node.mouth_aaa = 1.0
	await wait_for_picture(node)
	tell("shows", middle(node))
