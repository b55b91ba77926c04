@tool
extends EditorExportPlugin
## Keeps the addon's libraries out of a game's pack, where a filter for all of the addon's files puts them: Godot would
## look for them in there, where no system can load them, and not beside the game, where the export has put the right
## one.

const _EXTENSIONS: PackedStringArray = ["so", "dll", "dylib"]


func _get_name() -> String:
	return "Anime Character"


func _export_file(path: String, _type: String, _features: PackedStringArray) -> void:
	var here: GDScript = get_script()
	var addon := here.resource_path.get_base_dir().get_base_dir()
	if path.begins_with(addon + "/bin/") and path.get_extension() in _EXTENSIONS:
		skip()
