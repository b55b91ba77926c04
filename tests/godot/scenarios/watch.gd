extends "scenario.gd"
## Lets a character be for some seconds, or until a "picture" or "failed", and tells what it shows at the end.

const BridgeWorker := preload("res://addons/anime_character/sources/bridge/bridge_worker.gd")


func play() -> void:
	if option("silence"):
		BridgeWorker.silence_limit_ms = int(option("silence"))
	var node := add_character(option("character"), option("address"))
	node.mouth_aaa = 1.0
	var failures: Array[String] = []
	node.failed.connect(func(message: String) -> void: failures.append(message))
	match option("until"):
		"picture":
			await wait_for_picture(node)
		"failed":
			await wait_until(func() -> bool: return not failures.is_empty(), "a failure")
	await wait_seconds(float(option("seconds")))
	tell("shows", middle(node))
	tell("up_to_date", node.is_up_to_date())
	tell("warnings", node._get_configuration_warnings())
