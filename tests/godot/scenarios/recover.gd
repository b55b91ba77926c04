extends "scenario.gd"
## Shows a picture, tells of every loss, and says when the picture of the present pose is there again.


func play() -> void:
	if option("silence"):
		preload("res://addons/anime_character/sources/bridge/bridge_worker.gd").silence_limit_ms = int(
			option("silence")
		)
	var node := add_character(option("character"), option("address"))
	var losses: Array[bool] = []
	node.lost.connect(func() -> void: losses.append(true))
	node.mouth_aaa = 0.6
	await wait_for_picture(node)
	tell("shows", middle(node))
	tell("ready", "yes")
	await wait_until(func() -> bool: return not losses.is_empty(), "the loss", 20.0)
	tell("shows_when_lost", middle(node))
	tell("connected_when_lost", node.is_bridge_connected())
	node.mouth_aaa = 1.0
	await wait_for_picture(node)
	tell("shows_again", middle(node))
	tell("losses", losses.size())
