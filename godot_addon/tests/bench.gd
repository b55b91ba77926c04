extends "bench_scene.gd"
## Measures how long a picture takes from the game's side, for tools/bench.py: [code]-- --character=PATH
## --address=ADDRESS --frames=N[/code].


func measure() -> void:
	var node := AnimatedAnimeCharacter.new()
	node.character = AnimeCharacter.from_file(option("character"))
	node.bridge_address = option("address")
	node.position = Vector2(300, 300)
	root.add_child(node)
	await picture(node)
	for view: AnimatedAnimeCharacter.View in [AnimatedAnimeCharacter.View.FULL_BODY, AnimatedAnimeCharacter.View.HEAD]:
		node.view = view
		await picture(node)
		await _measure(node, option("frames").to_int(), "full picture" if view == 0 else "head view 192x192")


func _measure(node: AnimatedAnimeCharacter, frames: int, view: String) -> void:
	var received: Array[float] = []
	var shown: Array[float] = []
	for index in frames:
		node.head_y = sin(TAU * (index + 0.5) / frames)
		var begun := Time.get_ticks_usec()
		await picture(node)
		shown.append((Time.get_ticks_usec() - begun) / 1000.0 - node.render_ms)
		received.append(node.latency_ms - node.render_ms)
	tell("Godot, %s, request to last byte, without the engine's time" % view, received)
	tell("Godot, %s, pose set to texture updated, without the engine's time" % view, shown)
