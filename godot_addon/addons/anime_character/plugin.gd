@tool
extends EditorPlugin
## Registers the addon's project settings, its importer and its thumbnails. The nodes register themselves by their
## class_name.

const CharacterClass := preload("import/character_class.gd")
const CharacterImporter := preload("import/character_importer.gd")
const CharacterThumbnail := preload("import/character_thumbnail.gd")
const Settings := preload("settings.gd")

var _class := CharacterClass.new()
var _importer := CharacterImporter.new()
var _thumbnail := CharacterThumbnail.new()


func _enter_tree() -> void:
	Settings.register()
	add_import_plugin(_importer)
	_class.watch(EditorInterface.get_resource_filesystem())
	EditorInterface.get_resource_previewer().add_preview_generator(_thumbnail)


func _exit_tree() -> void:
	EditorInterface.get_resource_previewer().remove_preview_generator(_thumbnail)
	_class.unwatch(EditorInterface.get_resource_filesystem())
	remove_import_plugin(_importer)
	Settings.unregister()
