extends "scenario.gd"
## What an installed addon brings: its node, its helper nodes, its expressions.


func play() -> void:
	var node := add_character("", "tcp://127.0.0.1:1")
	tell("node", (node.get_script() as Script).resource_path)
	tell("expressions", ",".join(node.get_expression_names()))
	for helper: Node in [AnimeBlink.new(), AnimeLipSync.new(), AnimeLookAt.new(), AnimeMocap.new()]:
		node.add_child(helper)
	node.express(&"joy", 0.0)
	tell("smile", node.get_shown_pose()[AnimatedAnimeCharacter.PARAMETER_NAMES.find("mouth_raised_corner_left")])
	node.clear_expression(0.0)
	node.mouth_aaa = 2.0
	tell("mouth_aaa", node.mouth_aaa)
