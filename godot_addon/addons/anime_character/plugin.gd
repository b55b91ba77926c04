@tool
extends EditorPlugin
## Registers the addon's part in the editor: project settings, importer, export, thumbnails, inspector, bottom
## panel, setup page. The nodes register themselves by their class_name.

const CharacterClass := preload("import/character_class.gd")
const CharacterImporter := preload("import/character_importer.gd")
const CharacterInspector := preload("editor/character_inspector.gd")
const CharacterThumbnail := preload("import/character_thumbnail.gd")
const EditorBridge := preload("editor/editor_bridge.gd")
const EnginePanel := preload("editor/engine_panel.gd")
const LibraryExport := preload("editor/library_export.gd")
const Settings := preload("settings.gd")
const SetupWindow := preload("editor/setup_window.gd")

const _SETUP := "Anime Character Setup..."

var _class := CharacterClass.new()
var _importer := CharacterImporter.new()
var _thumbnail := CharacterThumbnail.new()
var _libraries := LibraryExport.new()
var _inspector: CharacterInspector
var _bridge: EditorBridge
var _panel: EnginePanel
var _setup: SetupWindow


func _enter_tree() -> void:
	Settings.register()
	add_import_plugin(_importer)
	add_export_plugin(_libraries)
	_class.watch(EditorInterface.get_resource_filesystem())
	EditorInterface.get_resource_previewer().add_preview_generator(_thumbnail)
	_inspector = CharacterInspector.new(get_undo_redo())
	add_inspector_plugin(_inspector)
	_bridge = EditorBridge.new()
	add_child(_bridge)
	_panel = EnginePanel.new(_bridge)
	add_control_to_bottom_panel(_panel, "Anime Character")
	_setup = SetupWindow.new()
	EditorInterface.get_base_control().add_child(_setup)
	add_tool_menu_item(_SETUP, _setup.open)
	_panel.setup_wanted.connect(_setup.open)


func _exit_tree() -> void:
	remove_tool_menu_item(_SETUP)
	_setup.queue_free()
	remove_control_from_bottom_panel(_panel)
	_panel.queue_free()
	_bridge.queue_free()
	remove_inspector_plugin(_inspector)
	EditorInterface.get_resource_previewer().remove_preview_generator(_thumbnail)
	_class.unwatch(EditorInterface.get_resource_filesystem())
	remove_export_plugin(_libraries)
	remove_import_plugin(_importer)
	Settings.unregister()
