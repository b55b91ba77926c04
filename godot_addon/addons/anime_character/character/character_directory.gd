@tool
extends RefCounted
## Reads the official form of a character: a directory whose [code]character_model.yaml[/code] names a PNG and two
## [code].pt[/code] files. The weights are the bridge's to read.

const MODEL_FILE := "character_model.yaml"
const _MAX_PNG := 8 << 20
const _IMAGE_KEY := "character_image_file_name:"

const CharacterDetails := preload("character_details.gd")
const CharacterPicture := preload("character_picture.gd")

var details := CharacterDetails.new()
var image: Image
## One sentence when something is wrong.
var error := ""


## [param path]: the directory, or the .yaml in one.
func _init(path: String) -> void:
	var model := path.path_join(MODEL_FILE) if DirAccess.dir_exists_absolute(path) else path
	var folder := model.get_base_dir()
	var picture_path := _find_picture(model)
	if not error.is_empty():
		return
	var picture := CharacterPicture.new(_read(picture_path, _MAX_PNG))
	if error.is_empty() and not picture.error.is_empty():
		error = "%s: %s." % [picture_path, picture.error]
	image = picture.image
	var description := folder.path_join("character.json")
	var expressions := folder.path_join("expressions.json")
	details.name = folder.get_file()
	if FileAccess.file_exists(description):
		details.read_description(_read(description, CharacterDetails.MAX_JSON))
		if FileAccess.file_exists(expressions) and details.error.is_empty():
			details.read_expressions(_read(expressions, CharacterDetails.MAX_JSON))
	if error.is_empty() and not details.error.is_empty():
		error = "%s: %s." % [folder, details.error]


func _find_picture(model: String) -> String:
	if not FileAccess.file_exists(model):
		error = "there is no %s in %s; choose a character's directory." % [MODEL_FILE, model.get_base_dir()]
		return ""
	for line in _read(model, CharacterDetails.MAX_JSON).get_string_from_utf8().split("\n"):
		if not line.begins_with(_IMAGE_KEY):
			continue
		var name := line.trim_prefix(_IMAGE_KEY).strip_edges().trim_prefix('"').trim_suffix('"')
		name = name.trim_prefix("'").trim_suffix("'")
		if name.is_absolute_path() or ".." in name.split("/"):
			error = "%s names the picture %s, which leads out of its directory; put the file there." % [model, name]
		elif not FileAccess.file_exists(model.get_base_dir().path_join(name)):
			error = "%s names the picture %s, which is not there." % [model, model.get_base_dir().path_join(name)]
		return model.get_base_dir().path_join(name)
	if error.is_empty():
		error = "%s has no line %s; choose a character's %s." % [model, _IMAGE_KEY.trim_suffix(":"), MODEL_FILE]
	return ""


func _read(path: String, limit: int) -> PackedByteArray:
	var file := FileAccess.open(path, FileAccess.READ)
	if file == null or file.get_length() > limit:
		if error.is_empty():
			error = "%s cannot be read, or is larger than %d MiB." % [path, limit >> 20]
		return PackedByteArray()
	return file.get_buffer(file.get_length())
