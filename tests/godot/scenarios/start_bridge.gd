extends "scenario.gd"
## Lets the node start its bridge with a command that the test gives, its parts divided by bars.


func play() -> void:
	ProjectSettings.set_setting("anime_character/bridge/command", option("command").split("|"))
	var node := add_character(
		option("character"),
		option("address"),
		func(starting: AnimatedAnimeCharacter) -> void:
			starting.start_bridge = true
			starting.mouth_aaa = 1.0
	)
	var failures: Array[String] = []
	node.failed.connect(func(message: String) -> void: failures.append(message))
	await wait_until(
		func() -> bool: return node.is_up_to_date() or not failures.is_empty(), "a picture or a failure", 60.0
	)
	tell("shows", middle(node))
	await wait_seconds(float(option("linger")))
