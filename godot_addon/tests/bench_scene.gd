extends SceneTree
## What the scripts have in common that tools/bench.py runs: override [method measure]. Each row or sample is a line of
## JSON on the standard output.


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	await measure()
	quit(0)


func measure() -> void:
	pass


## Tells a row: its name, and what was measured.
func tell(name: String, milliseconds: Array[float]) -> void:
	print("row=", JSON.stringify({"name": name, "milliseconds": milliseconds}))


## Waits until a node shows its present pose.
func picture(node: AnimatedAnimeCharacter) -> void:
	while not node.is_up_to_date():
		await process_frame


## Gives a character all nodes that bring it to life.
func add_life(character: AnimatedAnimeCharacter) -> Array[Node]:
	var look_at := AnimeLookAt.new()
	look_at.mode = AnimeLookAt.Mode.DIRECTION
	look_at.direction = Vector2(0.5, 0.2)
	var living: Array[Node] = [
		AnimeBlink.new(), AnimeBreath.new(), AnimeIdle.new(), look_at, AnimeLipSync.new(), AnimeSpring.new()
	]
	for node in living:
		character.add_child(node)
	return living


## What the command line gave, or an empty text.
func option(name: String) -> String:
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--%s=" % name):
			return argument.substr(name.length() + 3)
	return ""
