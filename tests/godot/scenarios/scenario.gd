extends SceneTree
## A script that a Python test runs in the project: override [method play]. Talks to the test by name=value lines.

var time_limit_s := 300.0


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	# A script error stops play() for good; this ends the run even then.
	create_timer(time_limit_s, true, false, true).timeout.connect(_on_time_over)
	await play()
	quit(0)


func play() -> void:
	pass


## An option that the test gave, or an empty text.
func option(option_name: String) -> String:
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--%s=" % option_name):
			return argument.substr(option_name.length() + 3)
	return ""


## Where files for the test go.
func output_file(file_name: String) -> String:
	return option("output").path_join(file_name)


## Tells the test something.
func tell(what: String, value: Variant) -> void:
	print("%s=%s" % [what, value])


## A character in the scene that tells the test of its signals.
func add_character(path: String, address: String, setup: Callable = Callable()) -> AnimatedAnimeCharacter:
	var node := AnimatedAnimeCharacter.new()
	node.character = AnimeCharacter.from_file(path) if path else null
	node.bridge_address = address
	node.connected.connect(func() -> void: tell("signal", "connected"))
	node.lost.connect(func() -> void: tell("signal", "lost"))
	node.failed.connect(func(message: String) -> void: tell("failed", message))
	if setup.is_valid():
		setup.call(node)
	root.add_child(node)
	return node


## Waits until [param condition] holds; ends the run with exit code 2 when it does not in time.
func wait_until(condition: Callable, what: String, seconds: float = 60.0) -> void:
	var deadline := Time.get_ticks_msec() + seconds * 1000.0
	while not condition.call():
		if Time.get_ticks_msec() > deadline:
			printerr("ERROR: not within %.1f s: %s" % [seconds, what])
			quit(2)
			await create_timer(1000.0).timeout
		await process_frame


func wait_seconds(seconds: float) -> void:
	await create_timer(seconds).timeout


## Waits until the node shows its present pose.
func wait_for_picture(node: AnimatedAnimeCharacter, seconds: float = 60.0) -> void:
	await wait_until(node.is_up_to_date, "a picture of the present pose", seconds)


## Saves what the window shows.
func save_window(file_name: String) -> void:
	await process_frame
	await RenderingServer.frame_post_draw
	root.get_texture().get_image().save_png(output_file(file_name))


## Saves a node's texture.
func save_texture(node: AnimatedAnimeCharacter, file_name: String) -> void:
	node.texture.get_image().save_png(output_file(file_name))


## The colour in the middle of what a node shows, as a hex number.
func middle(node: AnimatedAnimeCharacter) -> String:
	var image := node.get_image()
	return image.get_pixelv(image.get_size() / 2).to_html()


func _on_time_over() -> void:
	printerr("ERROR: the scenario did not end within %.0f s" % time_limit_s)
	quit(3)
