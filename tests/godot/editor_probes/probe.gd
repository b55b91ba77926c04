@tool
extends EditorPlugin
## A script that a Python test runs inside the real editor, as a part of a plugin (host.gd): override [method play].
## Talks to the test by name=value lines.


func play() -> void:
	pass


## What the test gave, or an empty text.
func option(option_name: String) -> String:
	return OS.get_environment("PROBE_%s" % option_name.to_upper())


## Tells the test something.
func tell(what: String, value: Variant) -> void:
	print("%s=%s" % [what, value])


## The root of the scene that is open, when it is.
func character() -> AnimatedAnimeCharacter:
	var is_open := func() -> bool:
		var root := EditorInterface.get_edited_scene_root()
		return root is AnimatedAnimeCharacter and root.scene_file_path == option("scene")
	await until(is_open, "a scene")
	return EditorInterface.get_edited_scene_root()


## Waits until [param condition] holds; ends the run when it does not in time.
func until(condition: Callable, what: String, seconds: float = 200.0) -> void:
	var deadline := Time.get_ticks_msec() + seconds * 1000.0
	while not condition.call():
		if Time.get_ticks_msec() > deadline:
			_give_up("not within %.0f s: %s" % [seconds, what])
			await get_tree().create_timer(1000.0).timeout
		await get_tree().process_frame


func frames(count: int) -> void:
	for _frame in count:
		await get_tree().process_frame


## Shows a node in the inspector, with every group of its properties open.
func inspect(node: Node) -> void:
	EditorInterface.edit_node(node)
	await frames(5)
	for section in below(EditorInterface.get_inspector(), "EditorInspectorSection"):
		section.call("unfold")
	await frames(5)


## The inspector's row of a property, or null.
func row_of(property: String) -> EditorProperty:
	for row: EditorProperty in below(EditorInterface.get_inspector(), "EditorProperty"):
		if row.get_edited_property() == property:
			return row
	return null


## The button with this text, in or below [param node].
func button(node: Node, text: String) -> Button:
	for found: Button in below(node, "Button"):
		if found.text == text:
			return found
	_give_up("there is no button %s" % text)
	return null


## All nodes of a class at or below [param node], one inside another, too.
func below(node: Node, type: String) -> Array[Node]:
	var found: Array[Node] = []
	for child in node.get_children(true):
		if child.is_class(type):
			found.append(child)
		found.append_array(below(child, type))
	return found


## The part of the addon's editor whose script has this name.
func part(script: String) -> Node:
	for node in below(EditorInterface.get_base_control(), "Node"):
		var its: Script = node.get_script()
		if its and its.resource_path.get_file() == script:
			return node
	_give_up("there is no %s" % script)
	return null


## The steps that can be undone in a node's scene.
func history_of(node: Node) -> UndoRedo:
	var undo_redo := get_undo_redo()
	return undo_redo.get_history_undo_redo(undo_redo.get_object_history_id(node))


## Undoes the last step, as the menu does.
func undo() -> void:
	press(KEY_Z)
	await frames(10)


## Does it again.
func redo() -> void:
	press(KEY_Z, true)
	await frames(10)


## Presses a key with control.
func press(key: Key, shift: bool = false) -> void:
	for is_pressed: bool in [true, false]:
		var event := InputEventKey.new()
		event.keycode = key
		event.ctrl_pressed = true
		event.shift_pressed = shift
		event.pressed = is_pressed
		EditorInterface.get_base_control().get_viewport().push_input(event)


## Drags the mouse over a control from one place to another and on to a third, each a share of its width; between the
## last two it stands still for so many seconds.
func drag(control: Control, places: PackedFloat32Array, still_seconds: float = 0.0) -> void:
	var rect := control.get_global_rect()
	var at := func(share: float) -> Vector2: return rect.position + Vector2(rect.size.x * share, rect.size.y / 2.0)
	_click(control, at.call(places[0]), true)
	for place in places:
		if place == places[-1] and still_seconds > 0.0:
			await get_tree().create_timer(still_seconds).timeout
		var motion := InputEventMouseMotion.new()
		motion.position = at.call(place)
		motion.global_position = motion.position
		motion.button_mask = MOUSE_BUTTON_MASK_LEFT
		control.get_viewport().push_input(motion)
		await frames(2)
	_click(control, at.call(places[-1]), false)
	await frames(2)


## Saves what the editor's window shows.
func save_window(picture: String) -> void:
	await frames(15)
	# An editor with nothing new to show draws nothing, so that waiting for the next drawing could take for ever.
	RenderingServer.force_draw()
	var window := EditorInterface.get_base_control().get_viewport().get_texture().get_image()
	window.save_png(option("output").path_join(picture + ".png"))


func _click(control: Control, place: Vector2, is_pressed: bool) -> void:
	var event := InputEventMouseButton.new()
	event.button_index = MOUSE_BUTTON_LEFT
	event.button_mask = MOUSE_BUTTON_MASK_LEFT if is_pressed else 0
	event.pressed = is_pressed
	event.position = place
	event.global_position = place
	control.get_viewport().push_input(event)


func _give_up(why: String) -> void:
	printerr("ERROR: %s" % why)
	get_tree().quit(3)
