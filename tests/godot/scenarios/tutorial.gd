extends "scenario.gd"
## Plays the scene that the tutorial makes, and tells what the character does.


func play() -> void:
	change_scene_to_file("res://room.tscn")
	await scene_changed
	var hero: AnimatedAnimeCharacter = current_scene.get_node("Hero")
	hero.failed.connect(func(message: String) -> void: tell("failed", message))
	var lips: AnimeLipSync = hero.get_node("LipSync")
	tell("expression", hero.expression)
	var open := 0.0
	while lips.is_speaking():
		for vowel in lips.get_mouth():
			open = maxf(open, vowel)
		await process_frame
	tell("mouth", open)
	var player: AnimationPlayer = current_scene.get_node("Animation")
	await wait_until(player.is_playing, "the animation after the line")
	tell("animation", player.current_animation)
	await wait_until(func() -> bool: return hero.head_x < -0.5, "a nod")
	await wait_until(func() -> bool: return hero.latency_ms > 0.0, "a picture of her")
	tell("engine", hero.engine_name)
