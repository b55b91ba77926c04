extends "bench_scene.gd"
## Measures how long a picture takes from the game's side, for tools/bench.py: [code]-- --character=PATH --engine=NAME
## --address=ADDRESS --frames=N[/code].

# No row takes longer, however slow the engine is.
const _LIMIT_MS := 30_000

var _pictures := 0


func measure() -> void:
	# More than pictures, but no more than leave the engine's threads their share of the processor.
	Engine.max_fps = 120
	var node := new_character(AnimeCharacter.from_file(option("character")))
	node.position = Vector2(300, 300)
	node.frame_shown.connect(func() -> void: _pictures += 1)
	root.add_child(node)
	await picture(node)
	for view: AnimatedAnimeCharacter.View in [AnimatedAnimeCharacter.View.FULL_BODY, AnimatedAnimeCharacter.View.HEAD]:
		node.view = view
		await picture(node)
		var what := "head view 192x192" if view else "full picture"
		await _measure_latency(node, what)
		await _measure_rate(node, what)


# One pose after the other, each when the last one is shown.
func _measure_latency(node: AnimatedAnimeCharacter, view: String) -> void:
	var shown: Array[float] = []
	var networks: Array[float] = []
	var rest: Array[float] = []
	var until_ms := Time.get_ticks_msec() + _LIMIT_MS
	for index in option("frames").to_int():
		if Time.get_ticks_msec() > until_ms:
			break
		node.head_y = sin(TAU * (index + 0.5) / option("frames").to_float())
		var begun := Time.get_ticks_usec()
		await picture(node)
		shown.append((Time.get_ticks_usec() - begun) / 1000.0)
		networks.append(node.render_ms)
		rest.append(node.latency_ms - node.render_ms)
	tell("%s, pose set to texture updated" % view, shown)
	tell("%s, the networks" % view, networks)
	if option("engine") != "gpu":
		# On the graphics card nobody waits for a picture that is asked for.
		tell("%s, asking until it is there, without the networks" % view, rest)


# A pose of its own in every frame of the game.
func _measure_rate(node: AnimatedAnimeCharacter, view: String) -> void:
	var between: Array[float] = []
	var before := _pictures
	var then := Time.get_ticks_usec()
	var until_ms := Time.get_ticks_msec() + _LIMIT_MS
	while between.size() < option("frames").to_int() and (between.is_empty() or Time.get_ticks_msec() < until_ms):
		node.head_y = sin(Time.get_ticks_msec() / 300.0)
		await process_frame
		if _pictures > before:
			var now := Time.get_ticks_usec()
			between.append((now - then) / 1000.0)
			then = now
			before = _pictures
	tell("%s, from one to the next" % view, between, true)
