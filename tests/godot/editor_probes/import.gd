@tool
extends "probe.gd"
## Looks at a character file as the editor shows it, drags it onto a node in the inspector, and exchanges it.

const FILE := "res://dragged.tha4"

var _thumbnail: Texture2D


func play() -> void:
	var node := await character()
	await _save_thumbnails()
	await _offer_for_quick_load()
	await _drop(node)
	await _exchange(node)
	EditorInterface.get_file_system_dock().navigate_to_path(FILE)
	await save_window("editor")
	EditorInterface.edit_resource(load(FILE))
	await save_window("inspector")


# Of the file, as the FileSystem dock asks for it, and of the resource, as the inspector does.
func _save_thumbnails() -> void:
	var previewer := EditorInterface.get_resource_previewer()
	previewer.queue_resource_preview(FILE, self, &"_on_thumbnail", null)
	await until(func() -> bool: return _thumbnail != null, "a thumbnail")
	_save(_thumbnail, "file_thumbnail.png")
	_thumbnail = null
	previewer.queue_edited_resource_preview(load(FILE), self, &"_on_thumbnail", null)
	await until(func() -> bool: return _thumbnail != null, "a thumbnail")
	_save(_thumbnail, "resource_thumbnail.png")


# The editor's list of files that a property of this class may hold.
func _offer_for_quick_load() -> void:
	EditorInterface.popup_quick_open(func(_path: String) -> void: pass, [&"AnimeCharacter"])
	await frames(40)
	var dialogs := EditorInterface.get_base_control().find_children("*", "EditorQuickOpenDialog", true, false)
	for dialog: Window in dialogs.filter(func(window: Window) -> bool: return window.visible):
		var search: LineEdit = dialog.find_children("*", "LineEdit", true, false)[0]
		search.text = FILE.get_file()
		search.text_changed.emit(search.text)
		await frames(20)
		_save(dialog.get_texture(), "quick_load.png")
		for label: Label in dialog.find_children("*", "Label", true, false):
			if label.is_visible_in_tree() and label.text.begins_with(FILE):
				tell("offered", label.text)
		dialog.hide()


# Drags the file onto the inspector's property, as the mouse does.
func _drop(node: AnimatedAnimeCharacter) -> void:
	EditorInterface.edit_node(node)
	await until(func() -> bool: return row_of("character") != null, "its row")
	await frames(40)
	var picker: Control = row_of("character").find_children("*", "EditorResourcePicker", true, false)[0]
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
	await until(func() -> bool: return node.character != null, "a character")
	tell("dropped", node.character.resource_path)


# Puts another file in its place, as a program beside the editor would, which notices when it gets the focus again.
func _exchange(node: AnimatedAnimeCharacter) -> void:
	_save(node.texture, "before.png")
	var before := node.character.sha256
	DirAccess.copy_absolute(option("other"), ProjectSettings.globalize_path(FILE))
	EditorInterface.get_resource_filesystem().scan()
	await until(func() -> bool: return node.character.sha256 != before, "the other")
	await frames(40)
	_save(node.texture, "after.png")


func _push_at(place: Vector2, event: InputEventMouse) -> void:
	event.position = place
	event.global_position = place
	EditorInterface.get_base_control().get_window().push_input(event)


func _save(texture: Texture2D, file_name: String) -> void:
	texture.get_image().save_png(option("output").path_join(file_name))


func _on_thumbnail(_path: String, thumbnail: Texture2D, _small: Texture2D, _data: Variant) -> void:
	_thumbnail = thumbnail
