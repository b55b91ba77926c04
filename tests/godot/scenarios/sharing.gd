extends "scenario.gd"
## Two nodes at one address, of which one shows the head.


func play() -> void:
	var address := option("address")
	var body := add_character(option("character"), address)
	var head := add_character(
		option("character"),
		address,
		func(node: AnimatedAnimeCharacter) -> void:
			node.view = AnimatedAnimeCharacter.View.HEAD
			node.resolution_scale = 0.5
			node.mouth_aaa = 1.0
	)
	await wait_for_picture(body)
	await wait_for_picture(head)
	tell("body", [middle(body), body.get_image().get_size(), body.get_rect()])
	tell("head", [middle(head), head.get_image().get_size(), head.get_rect()])
	head.queue_free()
	await wait_seconds(0.3)
	body.mouth_aaa = 0.4
	await wait_for_picture(body)
	tell("alone", middle(body))
