extends "scenario.gd"
## Sets poses one after another and tells the colour that each leads to.


func play() -> void:
	var node := add_character(option("character"), option("address"))
	tell("resting", middle(node))
	tell("engine_before", node.engine_name)
	await wait_for_picture(node)
	tell("engine", node.engine_name)
	tell("first", middle(node))
	for red: float in [0.2, 0.6, 1.0]:
		node.mouth_aaa = red
		await wait_for_picture(node)
		tell("colour", middle(node))
	tell("latency_is_sane", node.latency_ms > 0.0 and node.latency_ms < 1000.0)
	node.queue_free()
	await process_frame
	tell("connections", node_connections())


func node_connections() -> int:
	return preload("res://addons/anime_character/sources/bridge/bridge_connections.gd").count()
