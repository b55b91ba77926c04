extends SceneTree
## What the scripts have in common that tools/bench.py runs: override [method measure]. Each row or sample is a line of
## JSON on the standard output.

const SourceChoice := preload("res://addons/anime_character/sources/source_choice.gd")


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	Engine.max_fps = 60
	DisplayServer.window_set_vsync_mode(DisplayServer.VSYNC_DISABLED)
	if option("engine") == "gpu":
		var disguise := " (the processor in disguise)" if SourceChoice.is_software_rasteriser() else ""
		print("note=GPU: %s%s" % [RenderingServer.get_video_adapter_name(), disguise])
	await measure()
	quit(0)


func measure() -> void:
	pass


## Tells a row: its name, and what was measured. [param is_rate]: how many of them there are in a second is of
## interest.
func tell(name: String, milliseconds: Array[float], is_rate: bool = false) -> void:
	print("row=", JSON.stringify({"name": name, "milliseconds": milliseconds, "rate": is_rate}))


## A character that is played by what the option [code]engine[/code] names, and by nothing else. It is not in the
## scene yet.
func new_character(character: AnimeCharacter) -> AnimatedAnimeCharacter:
	var node := AnimatedAnimeCharacter.new()
	node.character = character
	node.engine = AnimatedAnimeCharacter.EngineChoice[option("engine").to_upper()]
	node.bridge_address = option("address")
	node.failed.connect(_give_up)
	return node


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


func _give_up(message: String) -> void:
	printerr("ERROR: ", message)
	quit(1)


## What the command line gave, or an empty text.
func option(name: String) -> String:
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--%s=" % name):
			return argument.substr(name.length() + 3)
	return ""
