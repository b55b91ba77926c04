extends "scenario.gd"
## A node on the graphics card through what a game does to it: a window that is resized and minimised, leaving the tree
## and coming back while a picture is being made, a change of scene, an end while it is loaded.

const GpuDevice := preload("res://addons/anime_character/sources/gpu/gpu_device.gd")
const REGION := Rect2i(232, 112, 32, 32)

var _device := RenderingServer.get_rendering_device()
var _scene: PackedScene


func play() -> void:
	# So little that a picture takes many frames.
	ProjectSettings.set_setting("anime_character/gpu/budget_ms", 0.01)
	_scene = _packed()
	var node := _add()
	await wait_for_picture(node, 200.0)
	await _resize(node)
	await _minimise(node)
	await _leave_and_come_back(node)
	node.free()
	await _settle()
	var before := _memory()
	for _round in 2:
		await _change_scene(before)
	await _settle()
	tell("grown_bytes", _memory() - before)
	# While it is loaded, and while it is tried out.
	for frames: int in [0, 2, 10]:
		var short_lived := _add()
		for _frame in frames:
			await process_frame
		var begun := Time.get_ticks_usec()
		short_lived.free()
		tell("freed_ms", (Time.get_ticks_usec() - begun) / 1000.0)
	await wait_until(func() -> bool: return GpuDevice._shared == null, "the end of all loading", 200.0)
	await _settle()
	tell("grown_bytes_loading", _memory() - before)
	# One that is there when the game ends, and one that is being loaded.
	var last := _add()
	await wait_for_picture(last, 200.0)
	last.mouth_aaa = 0.1
	await process_frame
	_add()


func _resize(node: AnimatedAnimeCharacter) -> void:
	node.mouth_aaa = 0.3
	for side: int in [300, 200, 400]:
		root.size = Vector2i(side, side)
		await process_frame
	await wait_for_picture(node, 200.0)
	tell("resized", node.engine_name)


# A window that is minimised does not have the renderer draw; this has the main loop do the same.
func _minimise(node: AnimatedAnimeCharacter) -> void:
	RenderingServer.render_loop_enabled = false
	var drawn := Engine.get_frames_drawn()
	for step in 100:
		node.mouth_aaa = step / 100.0
		await process_frame
	tell("minimised_frames", Engine.get_frames_drawn() - drawn)
	tell("minimised_queue", GpuDevice._shared._queue.size())
	tell("minimised_shows", node.is_up_to_date())
	RenderingServer.render_loop_enabled = true
	await wait_for_picture(node, 200.0)
	tell("restored", node.engine_name)
	node.get_image().save_png(output_file("restored.png"))


func _leave_and_come_back(node: AnimatedAnimeCharacter) -> void:
	var texture := node.texture
	node.mouth_aaa = 0.5
	await wait_until(func() -> bool: return not GpuDevice._shared._queue.is_empty(), "a picture in the making")
	root.remove_child(node)
	tell("left_shows_something", node.get_image() != null)
	await process_frame
	root.add_child(node)
	await wait_for_picture(node, 200.0)
	tell("came_back", node.engine_name)
	tell("same_texture", node.texture == texture)
	node.get_image().save_png(output_file("came_back.png"))


func _change_scene(before: int) -> void:
	change_scene_to_packed(_scene)
	var is_there := func() -> bool: return current_scene != null and current_scene.get_child_count() == 1
	await wait_until(is_there, "a scene")
	var node: AnimatedAnimeCharacter = current_scene.get_child(0)
	await wait_for_picture(node, 200.0)
	node.mouth_aaa = 0.9
	await process_frame
	tell("used_bytes", _memory() - before)
	# In the middle of a picture.
	unload_current_scene()
	await process_frame


func _add() -> AnimatedAnimeCharacter:
	return add_character(option("character"), "", _set_up)


func _set_up(node: AnimatedAnimeCharacter) -> void:
	node.engine = AnimatedAnimeCharacter.EngineChoice.GPU
	node.view = AnimatedAnimeCharacter.View.CUSTOM
	node.custom_region = REGION
	node.centered = false


func _packed() -> PackedScene:
	var top := Node2D.new()
	var node := AnimatedAnimeCharacter.new()
	node.character = AnimeCharacter.from_file(option("character"))
	_set_up(node)
	top.add_child(node)
	node.owner = top
	var scene := PackedScene.new()
	scene.pack(top)
	top.free()
	return scene


# Until what was freed is gone: the device keeps it for some frames.
func _settle() -> void:
	for _frame in 8:
		await RenderingServer.frame_post_draw


func _memory() -> int:
	return _device.get_memory_usage(RenderingDevice.MEMORY_TOTAL)
