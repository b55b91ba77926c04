@tool
extends EditorImportPlugin
## Imports [code].tha4[/code] files of the project as [AnimeCharacter] resources.

# Goes up when an imported resource is not what it was: then the editor imports the files again.
const _FORMAT_VERSION := 1


func _get_importer_name() -> String:
	return "anime_character.tha4"


func _get_visible_name() -> String:
	return "Anime Character"


func _get_recognized_extensions() -> PackedStringArray:
	return ["tha4"]


func _get_save_extension() -> String:
	return "res"


# The engine's own class: a file of a script's class would find no loader.
func _get_resource_type() -> String:
	return "Resource"


func _get_format_version() -> int:
	return _FORMAT_VERSION


func _get_priority() -> float:
	return 1.0


func _get_import_order() -> int:
	return IMPORT_ORDER_DEFAULT


func _get_import_options(_path: String, _preset: int) -> Array[Dictionary]:
	return []


func _import(
	source_file: String,
	save_path: String,
	_options: Dictionary,
	_platform_variants: Array[String],
	_gen_files: Array[String]
) -> Error:
	var problems: Array[String] = []
	var character := AnimeCharacter.from_file(source_file, problems)
	if character == null:
		push_error(problems[-1])
		return ERR_FILE_CORRUPT
	# The resource says by its own path where it is; this one would be that of whoever imported it.
	character.source = ""
	return ResourceSaver.save(character, "%s.%s" % [save_path, _get_save_extension()], ResourceSaver.FLAG_COMPRESS)
