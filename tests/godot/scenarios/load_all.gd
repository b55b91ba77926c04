extends "scenario.gd"
## Loads every script of the addon, which compiles it.


func play() -> void:
	tell("loaded", load_below("res://addons/anime_character"))


func load_below(folder: String) -> int:
	var count := 0
	for file in DirAccess.get_files_at(folder):
		if file.get_extension() == "gd":
			var script: GDScript = load(folder.path_join(file))
			count += int(script.can_instantiate())
	for below in DirAccess.get_directories_at(folder):
		count += load_below(folder.path_join(below))
	return count
