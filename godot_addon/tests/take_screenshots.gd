extends SceneTree
## Opens every demo, waits until its character moves, and saves what the window shows; tools/demo_screenshots.py
## runs it.
##
## [codeblock]
## godot --path godot_addon --script res://tests/take_screenshots.gd -- --output=FOLDER
## [/codeblock]

const DemoOptions := preload("res://demo/shared/demo_options.gd")
const SceneChange := preload("res://demo/shared/scene_change.gd")

const _PATIENCE_MS := 60000


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	var menu: Control = await _open("menu")
	(menu.get_node("%Buttons/VisualNovel") as Button).mouse_entered.emit()
	await _pass(1.6)
	await _save("menu")
	await _take_gallery()
	await _take_visual_novel()
	await _take_puppet()
	await _take_billboard()
	current_scene.queue_free()
	await _pass(0.2)
	quit(0)


func _take_gallery() -> void:
	var gallery: Control = await _open("gallery/gallery")
	_stop_chance(gallery)
	gallery.call("show_mood", "joy")
	await _pass(1.6)
	await _save("gallery")
	gallery.call("show_background", "White")
	gallery.call("show_mood", "wink")
	gallery.call("show_view", AnimatedAnimeCharacter.View.HEAD)
	(gallery.get_node("%Eyes").get_parent().get_parent() as Control).show()
	await _pass(1.6)
	await _save("gallery_head")


func _take_visual_novel() -> void:
	var novel: Control = await _open("visual_novel/visual_novel")
	_stop_chance(novel)
	for _click in 6:
		novel.call("go_on")
	await _pass(2.0)
	await _save("visual_novel")
	while not (novel.get_node("%Choices") as Control).visible:
		novel.call("go_on")
	await _pass(0.6)
	await _save("visual_novel_choice")


func _take_puppet() -> void:
	var puppet: Control = await _open("puppet/puppet")
	(puppet.get_node("%Play") as Button).button_pressed = true
	await _pass(3.3)
	await _save("puppet")


func _take_billboard() -> void:
	var billboard: Node3D = await _open("billboard/billboard")
	_stop_chance(billboard)
	await _pass(2.0)
	await _save("billboard")


# A demo, once its characters show what they are asked to.
func _open(demo: String) -> Node:
	SceneChange.open(self, "res://demo/%s.tscn" % demo)
	await process_frame
	var deadline := Time.get_ticks_msec() + _PATIENCE_MS
	for node in _characters():
		while not node.is_animated() or node.get_image() == null or node.latency_ms == 0.0:
			if Time.get_ticks_msec() > deadline:
				printerr("ERROR: no picture of %s within %d s" % [demo, _PATIENCE_MS / 1000])
				quit(2)
				await create_timer(1000.0).timeout
			await process_frame
	return current_scene


func _characters() -> Array[AnimatedAnimeCharacter]:
	var found: Array[AnimatedAnimeCharacter] = []
	for node in current_scene.find_children("*", "Node2D", true, false):
		if node is AnimatedAnimeCharacter:
			found.append(node)
	return found


# No picture with half-closed lids.
func _stop_chance(demo: Node) -> void:
	for blink in demo.find_children("Blink", "", true, false):
		blink.set("enabled", false)


func _pass(seconds: float) -> void:
	await create_timer(seconds).timeout


func _save(picture: String) -> void:
	await RenderingServer.frame_post_draw
	var path := DemoOptions.value_of("output").path_join(picture + ".png")
	if root.get_texture().get_image().save_png(path) != OK:
		printerr("ERROR: %s cannot be written" % path)
		quit(2)
