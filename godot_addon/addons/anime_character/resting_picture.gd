@tool
extends RefCounted
## Reads a character's own picture, which is shown until the first frame comes, from either form of character file.

const SIDE := 512
const _MODEL_FILE := "character_model.yaml"
const _IMAGE_KEY := "character_image_file_name:"
const _PNG_SIGNATURE: PackedByteArray = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

## The picture, or null.
var image: Image
## One sentence when there is none.
var error := ""


## The picture of the character at [param path]: a .tha4 file, a character directory, or the .yaml in one.
func _init(path: String) -> void:
	var bytes := PackedByteArray()
	if DirAccess.dir_exists_absolute(path):
		bytes = _read_directory_form(path.path_join(_MODEL_FILE))
	elif not FileAccess.file_exists(path):
		error = "there is no character at %s; choose a .tha4 file or a character_model.yaml." % path
	elif path.get_extension().to_lower() in ["yaml", "yml"]:
		bytes = _read_directory_form(path)
	else:
		bytes = _read_single_file(path)
	if error.is_empty():
		_decode(bytes, path)


## Where a node's [param character] setting points to, as an absolute path for another program; a name without a
## folder's root lies in the project.
static func absolute_path(character: String) -> String:
	var path := ResourceUID.uid_to_path(character) if character.begins_with("uid://") else character
	if path.is_relative_path():
		path = "res://".path_join(path)
	return ProjectSettings.globalize_path(path)


func _read_directory_form(path: String) -> PackedByteArray:
	if not FileAccess.file_exists(path):
		error = "there is no %s in %s; choose a character's directory." % [_MODEL_FILE, path.get_base_dir()]
		return []
	for line in FileAccess.get_file_as_string(path).split("\n"):
		if line.begins_with(_IMAGE_KEY):
			var name := line.trim_prefix(_IMAGE_KEY).strip_edges().trim_prefix('"').trim_suffix('"')
			var picture := path.get_base_dir().path_join(name.trim_prefix("'").trim_suffix("'"))
			if FileAccess.file_exists(picture):
				return FileAccess.get_file_as_bytes(picture)
			error = "%s names the picture %s, which is not there." % [path, picture]
			return []
	error = "%s has no line %s; choose a character's %s." % [path, _IMAGE_KEY.trim_suffix(":"), _MODEL_FILE]
	return []


func _read_single_file(path: String) -> PackedByteArray:
	var zip := ZIPReader.new()
	if zip.open(path) != OK:
		error = "%s is not a character file (a zip); write it again with tools/convert.py." % path
		return []
	var bytes := PackedByteArray()
	if zip.file_exists("character.png"):
		bytes = zip.read_file("character.png")
	else:
		error = "%s holds no character.png; write it again with tools/convert.py." % path
	zip.close()
	return bytes


func _decode(bytes: PackedByteArray, path: String) -> void:
	var read := Image.new()
	# The engine prints errors of its own on what is no PNG at all.
	if bytes.slice(0, 8) != _PNG_SIGNATURE or read.load_png_from_buffer(bytes) != OK:
		error = "the picture of the character %s is not a PNG that can be read." % path
	elif read.get_size() != Vector2i(SIDE, SIDE):
		error = (
			"the picture of the character %s is %s pixels large, not (%d, %d)." % [path, read.get_size(), SIDE, SIDE]
		)
	else:
		read.convert(Image.FORMAT_RGBA8)
		image = read
