@tool
extends EditorPlugin
## Registers the addon's project settings. The node registers itself by its class_name.

const Settings := preload("settings.gd")


func _enter_tree() -> void:
	Settings.register()


func _exit_tree() -> void:
	Settings.unregister()
