extends "scenario.gd"
## An expression that neither the addon nor the character's file has.


func play() -> void:
	var setup := func(made: AnimatedAnimeCharacter) -> void: made.expression = &"rapture"
	var node := add_character(option("character"), option("address"), setup)
	await wait_for_picture(node)
	await wait_seconds(0.2)
	tell("expression", node.expression)
