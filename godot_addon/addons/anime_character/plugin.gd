@tool
extends EditorPlugin
## The addon's part in the editor. The node registers itself by its class_name.

const BridgePanel := preload("editor/bridge_panel.gd")
const CharacterInspector := preload("editor/character_inspector.gd")
const EditorBridge := preload("editor/editor_bridge.gd")
const OpenCharacters := preload("editor/open_characters.gd")
const Settings := preload("settings.gd")
const SetupWindow := preload("editor/setup_window.gd")

const _SETUP := "Anime Character Setup..."

var _inspector: CharacterInspector
var _bridge: EditorBridge
var _panel: BridgePanel
var _setup: SetupWindow


func _enter_tree() -> void:
	Settings.register()
	_inspector = CharacterInspector.new(get_undo_redo())
	add_inspector_plugin(_inspector)
	_bridge = EditorBridge.new()
	add_child(_bridge)
	_panel = BridgePanel.new(_bridge)
	add_control_to_bottom_panel(_panel, "Anime Character")
	_setup = SetupWindow.new()
	EditorInterface.get_base_control().add_child(_setup)
	add_tool_menu_item(_SETUP, _setup.open)
	_panel.setup_wanted.connect(_setup.open)


func _notification(what: int) -> void:
	# Who has mended a file comes back from another program.
	if what == NOTIFICATION_APPLICATION_FOCUS_IN and is_inside_tree():
		OpenCharacters.read_mended_files()


func _exit_tree() -> void:
	remove_tool_menu_item(_SETUP)
	_setup.queue_free()
	remove_control_from_bottom_panel(_panel)
	_panel.queue_free()
	_bridge.queue_free()
	remove_inspector_plugin(_inspector)
	Settings.unregister()
