extends "scenario.gd"
## Expressions of the addon, of the character's file and of the node.


func play() -> void:
	var setup := func(node: AnimatedAnimeCharacter) -> void:
		node.expressions = {&"mine": AnimePose.from_values({"mouth_aaa": 0.4})}
		node.expression_fade = 0.1
	# As a scene sets them, the expression comes before the character that brings it.
	var early := AnimatedAnimeCharacter.new()
	early.expression = &"custom"
	early.character = AnimeCharacter.from_file(option("character"))
	early.bridge_address = option("address")
	root.add_child(early)
	tell("early", early.expression if shown(early, "mouth_aaa") > 0.79 else &"")
	early.free()
	var node := add_character(option("character"), option("address"), setup)
	node.express(&"custom", 0.1)
	await wait_until(func() -> bool: return shown(node, "mouth_aaa") > 0.79, "the file's expression")
	await wait_for_picture(node)
	tell("custom", middle(node))
	tell("listed", node.get_expression_names().has("custom"))
	node.express(&"joy", 0.2)
	var ended: StringName = await node.expression_finished
	tell("ended", ended)
	await wait_for_picture(node)
	tell("joy", middle(node))
	tell("smile", shown(node, "mouth_raised_corner_left"))
	node.express(&"mine", 0.0)
	await wait_for_picture(node)
	tell("mine", middle(node))
	node.expressions = {}
	node.clear_expression(0.0)
	node.mouth_aaa = 0.2
	await wait_for_picture(node)
	tell("base", middle(node))
	node.override_parameter(&"mouth_aaa", 1.0)
	await wait_for_picture(node)
	tell("code", [middle(node), node.mouth_aaa])
	node.release_parameters()
	await wait_for_picture(node)
	tell("released", middle(node))


func shown(node: AnimatedAnimeCharacter, parameter: String) -> float:
	return node.get_shown_pose()[AnimatedAnimeCharacter.PARAMETER_NAMES.find(parameter)]
