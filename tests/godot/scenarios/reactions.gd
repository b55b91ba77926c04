extends "scenario.gd"
## Handlers that change or remove the node while it emits.


func play() -> void:
	for reason: String in ["connected", "frame_shown", "failed"]:
		var path := option("character") if reason != "failed" else option("refused")
		var node := add_character(path, option("address"))
		var gone: Array[bool] = []
		var leave := func(_message: String = "") -> void:
			node.character = null
			node.queue_free()
			gone.append(true)
		node.connect(reason, leave)
		await wait_until(func() -> bool: return not gone.is_empty(), reason)
		tell("gone", reason)
		await wait_seconds(0.2)
