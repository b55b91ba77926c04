extends SceneTree
## Measures a character from the game's side for tools/bench.py: [code]-- --character=PATH --address=ADDRESS
## --frames=N[/code]. Prints a JSON line for each row: name and milliseconds.


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	var node := AnimatedAnimeCharacter.new()
	node.character = AnimeCharacter.from_file(_option("character"))
	node.bridge_address = _option("address")
	node.position = Vector2(300, 300)
	root.add_child(node)
	var frames := int(_option("frames"))
	await _picture(node)
	for view: AnimatedAnimeCharacter.View in [AnimatedAnimeCharacter.View.FULL_BODY, AnimatedAnimeCharacter.View.HEAD]:
		node.view = view
		await _picture(node)
		await _measure(node, frames, "full picture" if view == 0 else "head view 192x192")
	quit(0)


func _measure(node: AnimatedAnimeCharacter, frames: int, view: String) -> void:
	var received: Array[float] = []
	var shown: Array[float] = []
	for index in frames:
		node.head_y = sin(TAU * (index + 0.5) / frames)
		var begun := Time.get_ticks_usec()
		await _picture(node)
		shown.append((Time.get_ticks_usec() - begun) / 1000.0 - node.render_ms)
		received.append(node.latency_ms - node.render_ms)
	_tell("Godot, %s, request to last byte, without the engine's time" % view, received)
	_tell("Godot, %s, pose set to texture updated, without the engine's time" % view, shown)


func _picture(node: AnimatedAnimeCharacter) -> void:
	while not node.is_up_to_date():
		await process_frame


func _tell(name: String, milliseconds: Array[float]) -> void:
	print("row=", JSON.stringify({"name": name, "milliseconds": milliseconds}))


func _option(name: String) -> String:
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--%s=" % name):
			return argument.substr(name.length() + 3)
	return ""
