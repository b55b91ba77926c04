@tool
extends ResourceFormatLoader
## Has the editor know imported [code].tha4[/code] files as [AnimeCharacter]s, so that Quick Load offers them.
##
## Before Godot 4.7 the editor knows an imported file by a class of the engine's own only
## ([url]https://github.com/godotengine/godot/issues/72639[/url]), which is [Resource] here; but when it looks at a file
## again it asks the loaders for its script's class. This is a loader that answers nothing else, for just that moment.

const _SUFFIX := "tha4"


func _get_recognized_extensions() -> PackedStringArray:
	return []


func _recognize_path(_path: String, _type: StringName) -> bool:
	return false


func _handles_type(_type: StringName) -> bool:
	return false


func _get_resource_script_class(path: String) -> String:
	return "AnimeCharacter" if path.get_extension().to_lower() == _SUFFIX else ""


## Tells of every character file that there is, now and whenever one has been imported.
func watch(files: EditorFileSystem) -> void:
	files.resources_reimported.connect(_tell)
	if files.is_scanning():
		files.filesystem_changed.connect(_tell_all, CONNECT_ONE_SHOT)
	else:
		_tell_all.call_deferred()


## Ends what [method watch] began.
func unwatch(files: EditorFileSystem) -> void:
	files.resources_reimported.disconnect(_tell)
	if files.filesystem_changed.is_connected(_tell_all):
		files.filesystem_changed.disconnect(_tell_all)


func _tell_all() -> void:
	_tell(_files_below(EditorInterface.get_resource_filesystem().get_filesystem()))


func _tell(paths: PackedStringArray) -> void:
	ResourceLoader.add_resource_format_loader(self)
	for path in paths:
		if path.get_extension().to_lower() == _SUFFIX:
			EditorInterface.get_resource_filesystem().update_file(path)
	ResourceLoader.remove_resource_format_loader(self)


func _files_below(folder: EditorFileSystemDirectory) -> PackedStringArray:
	var paths := PackedStringArray()
	for index in folder.get_file_count() if folder else 0:
		paths.append(folder.get_file_path(index))
	for index in folder.get_subdir_count() if folder else 0:
		paths.append_array(_files_below(folder.get_subdir(index)))
	return paths
