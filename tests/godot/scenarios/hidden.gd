extends "scenario.gd"
## A character that is hidden for a second, with changing poses, and then shown.


func play() -> void:
	var node := add_character(
		option("character"), option("address"), func(hidden: AnimatedAnimeCharacter) -> void: hidden.hide()
	)
	for step in 10:
		node.mouth_aaa = step / 10.0
		await wait_seconds(0.1)
	tell("hidden", node.is_up_to_date())
	node.show()
	await wait_for_picture(node)
	tell("shows", middle(node))
	node.hide()
	node.update_when_hidden = true
	node.mouth_aaa = 0.4
	await wait_for_picture(node)
	tell("shows_elsewhere", middle(node))
