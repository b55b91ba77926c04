@tool
extends EditorPlugin
## Looks at a character file as the editor shows it, drags it onto a node in the inspector, and quits.

const FILE := "res://hero.tha4"

var _thumbnail: Texture2D


func _enter_tree() -> void:
	_run.call_deferred()


func _run() -> void:
	get_tree().create_timer(500.0).timeout.connect(_give_up)
	await _until(func() -> bool: return EditorInterface.get_edited_scene_root() is AnimatedAnimeCharacter)
	await _until(func() -> bool: return not EditorInterface.get_resource_filesystem().is_scanning())
	await _save_thumbnails()
	await _offer_for_quick_load()
	await _drop()
	await _exchange()
	EditorInterface.get_file_system_dock().navigate_to_path(FILE)
	await _save_editor("editor.png")
	EditorInterface.edit_resource(load(FILE))
	await _save_editor("inspector.png")
	get_tree().quit(0)


# Of the file, as the FileSystem dock asks for it, and of the resource, as the inspector does.
func _save_thumbnails() -> void:
	var previewer := EditorInterface.get_resource_previewer()
	previewer.queue_resource_preview(FILE, self, &"_on_thumbnail", null)
	await _until(func() -> bool: return _thumbnail != null)
	_save(_thumbnail, "file_thumbnail.png")
	_thumbnail = null
	previewer.queue_edited_resource_preview(load(FILE), self, &"_on_thumbnail", null)
	await _until(func() -> bool: return _thumbnail != null)
	_save(_thumbnail, "resource_thumbnail.png")


# The editor's list of files that a property of this class may hold.
func _offer_for_quick_load() -> void:
	EditorInterface.popup_quick_open(func(_path: String) -> void: pass, [&"AnimeCharacter"])
	await _settle()
	var dialogs := EditorInterface.get_base_control().find_children("*", "EditorQuickOpenDialog", true, false)
	for dialog: Window in dialogs.filter(func(window: Window) -> bool: return window.visible):
		_save(dialog.get_texture(), "quick_load.png")
		for label: Label in dialog.find_children("*", "Label", true, false):
			if label.is_visible_in_tree() and label.text.begins_with(FILE):
				print("offered=%s" % label.text)
		dialog.hide()


# Drags the file onto the inspector's property, as the mouse does.
func _drop() -> void:
	var node: AnimatedAnimeCharacter = EditorInterface.get_edited_scene_root()
	EditorInterface.edit_node(node)
	await _until(func() -> bool: return _property("character") != null)
	await _settle()
	var picker: Control = _property("character").find_children("*", "EditorResourcePicker", true, false)[0]
	var place := picker.get_global_rect().get_center()
	EditorInterface.get_base_control().force_drag({"type": "files", "files": PackedStringArray([FILE])}, Label.new())
	for step: Vector2 in [Vector2(-3, 0), Vector2.ZERO]:
		var motion := InputEventMouseMotion.new()
		motion.button_mask = MOUSE_BUTTON_MASK_LEFT
		motion.relative = Vector2(3, 0)
		_push_at(place + step, motion)
		await get_tree().process_frame
	var release := InputEventMouseButton.new()
	release.button_index = MOUSE_BUTTON_LEFT
	_push_at(place, release)
	await _until(func() -> bool: return node.character != null)
	print("dropped=%s" % node.character.resource_path)


# Puts another file in its place, as a program beside the editor would, which notices when it gets the focus again.
func _exchange() -> void:
	var node: AnimatedAnimeCharacter = EditorInterface.get_edited_scene_root()
	_save(node.texture, "before.png")
	var before := node.character.sha256
	DirAccess.copy_absolute(OS.get_environment("PROBE_OTHER"), ProjectSettings.globalize_path(FILE))
	EditorInterface.get_resource_filesystem().scan()
	await _until(func() -> bool: return node.character.sha256 != before)
	await _settle()
	_save(node.texture, "after.png")


func _push_at(place: Vector2, event: InputEventMouse) -> void:
	event.position = place
	event.global_position = place
	EditorInterface.get_base_control().get_window().push_input(event)


func _property(property: String, below: Node = EditorInterface.get_inspector()) -> EditorProperty:
	for child in below.get_children():
		if child is EditorProperty and (child as EditorProperty).get_edited_property() == property:
			return child
		var found := _property(property, child)
		if found:
			return found
	return null


func _save_editor(file_name: String) -> void:
	await _settle()
	_save(EditorInterface.get_base_control().get_viewport().get_texture(), file_name)


func _save(texture: Texture2D, file_name: String) -> void:
	texture.get_image().save_png(OS.get_environment("PROBE_OUTPUT").path_join(file_name))


func _settle() -> void:
	for _frame in 40:
		await get_tree().process_frame
	# An editor with nothing new to show draws nothing, so that waiting for the next drawing could take for ever.
	RenderingServer.force_draw()


func _on_thumbnail(_path: String, thumbnail: Texture2D, _small: Texture2D, _data: Variant) -> void:
	_thumbnail = thumbnail


func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _give_up() -> void:
	printerr("ERROR: the editor did not get there in time")
	get_tree().quit(3)
