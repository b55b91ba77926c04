@tool
extends RefCounted
## Reads the official form of a character: a directory whose [code]character_model.yaml[/code] names a PNG and two
## [code].pt[/code] files. The weights are the bridge's to read.

const MODEL_FILE := "character_model.yaml"
const _MAX_PNG := 8 << 20

const CharacterDetails := preload("character_details.gd")
const CharacterPicture := preload("character_picture.gd")
const LargerDrawing := preload("larger_drawing.gd")
const ModelYaml := preload("model_yaml.gd")

var details := CharacterDetails.new()
var image: Image
## The larger drawing, RGBA8; null when there is none.
var larger: Image
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
	_read_larger(folder.path_join(LargerDrawing.FILE))
	if error.is_empty() and not details.networks.is_published:
		error = (
			(
				"%s describes other networks than the published ones, which an official directory cannot hold; take the"
				+ " character's .tha4 file."
			)
			% description
		)


func _read_larger(path: String) -> void:
	var there := FileAccess.file_exists(path)
	if not error.is_empty() or not there and details.drawing_hd == 0:
		return
	if not there:
		error = "%s is not there, but character.json names it; copy the whole directory." % path
		return
	var read := LargerDrawing.new(_read(path, LargerDrawing.MAX_SIZE), image)
	if error.is_empty() and not read.error.is_empty():
		error = "%s: %s." % [path, read.error]
	larger = read.image


func _find_picture(model: String) -> String:
	if not FileAccess.file_exists(model):
		error = ("there is no %s in %s; choose a character's directory." % [MODEL_FILE, model.get_base_dir()])
		return ""
	var bytes := _read(model, CharacterDetails.MAX_JSON)
	if not error.is_empty():
		return ""
	var named := ModelYaml.new(bytes)
	var files := PackedStringArray()
	for key in ModelYaml.KEYS:
		if named.error.is_empty():
			files.append(model.get_base_dir().path_join(named.file_of(key)))
	if not named.error.is_empty():
		error = model + named.error
		return ""
	if not FileAccess.file_exists(files[0]):
		error = "%s names the picture %s, which is not there." % [model, files[0]]
	return files[0]


func _read(path: String, limit: int) -> PackedByteArray:
	var file := FileAccess.open(path, FileAccess.READ)
	if file == null or file.get_length() > limit:
		if error.is_empty():
			error = "%s cannot be read, or is larger than %d MiB." % [path, limit >> 20]
		return PackedByteArray()
	return file.get_buffer(file.get_length())
