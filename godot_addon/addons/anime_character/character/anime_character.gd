@tool
@icon("../icon.svg")
class_name AnimeCharacter
extends Resource
## A character distilled from one anime illustration, for [member AnimatedAnimeCharacter.character].
##
## A [code].tha4[/code] file in the project is imported as one: drag it onto the node. It goes with the exported game,
## and the bridge gets its bytes over the connection, wherever it runs. [method from_file] makes one in the running
## game. Everything is read only.

const CharacterDetails := preload("character_details.gd")
const CharacterDirectory := preload("character_directory.gd")
const CharacterFile := preload("character_file.gd")
const Credit := preload("credit.gd")

const _SHOWN := PROPERTY_USAGE_DEFAULT | PROPERTY_USAGE_READ_ONLY
# A constant array cannot be written to, so it is known from one that a caller gave.
const _NOWHERE: Array[String] = []

## The resting picture, 512 by 512 pixels; null when there is none.
@export_custom(PROPERTY_HINT_RESOURCE_TYPE, "Texture2D", PROPERTY_USAGE_EDITOR | PROPERTY_USAGE_READ_ONLY)
var picture: Texture2D:
	get:
		if _texture == null and get_image() != null:
			_texture = ImageTexture.create_from_image(get_image())
		return _texture
## What the character is called; may be empty.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var name: String = ""
## Who made it; may be empty.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var author: String = ""
## What may be done with it; may be empty.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var licence: String = ""
## What a head view shows, in pixels of the picture.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var head_view: Rect2i = CharacterDetails.DEFAULT_HEAD_VIEW
## Its own expressions: partial poses by name, each a dictionary of parameters' names and numbers.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var expressions: Dictionary = {}
## The edge of its largest drawing, in pixels: 512, or 1024 or 2048 where it has a larger one, for sharp pictures of
## that size.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var drawing_size: int = 512
## How it came to be: teacher, training.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var provenance: Dictionary = {}
## What was measured of it.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var quality: Dictionary = {}
## SHA-256 of [member file] (hex); empty for a character's directory.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var sha256: String = ""
## Where [method from_file] read it, as an absolute path; empty for an imported one.
@export_custom(PROPERTY_HINT_NONE, "", _SHOWN) var source: String = ""
## The bytes of the [code].tha4[/code] file; empty for a character's directory, which the bridge reads itself.
@export_custom(PROPERTY_HINT_NONE, "", PROPERTY_USAGE_STORAGE) var file: PackedByteArray = PackedByteArray():
	set(value):
		file = value
		_texture = null
		# Unpacked now: on the thread that loads the character, not in the frame that shows it first.
		_image = _unpacked if _unpacked or file.is_empty() else CharacterFile.read_picture(file)
		_unpacked = null
		emit_changed()

var _image: Image
# The picture of the next file, when it is known already.
var _unpacked: Image
var _texture: Texture2D


## The character at [param path]: a [code].tha4[/code] file, or the [code]character_model.yaml[/code] of a character's
## directory, or the directory ([code]res://[/code], [code]user://[/code] or absolute). Null when it is no usable
## character; then one sentence says why: at the end of [param problems] if an array is given, otherwise as an error.
## Any thread may call it: all of the file is checked, which takes as long as several frames.
static func from_file(path: String, problems: Array[String] = _NOWHERE) -> AnimeCharacter:
	var place := ResourceUID.uid_to_path(path) if path.begins_with("uid://") else path
	if place.is_relative_path():
		place = "res://".path_join(place)
	if DirAccess.dir_exists_absolute(place):
		return _from_directory(place, problems)
	if FileAccess.file_exists(place):
		if place.get_extension().to_lower() in ["yaml", "yml"]:
			return _from_directory(place, problems)
		return _from_single_file(place, problems)
	# In an exported game only the imported form of the project's files is there.
	if ResourceLoader.exists(place):
		var imported := load(place) as AnimeCharacter
		if imported:
			return imported
	var what := "a .tha4 file or a %s" % CharacterDirectory.MODEL_FILE
	return _refuse("there is no character at %s; choose %s." % [place, what], problems)


## The character in the bytes of a [code].tha4[/code] file, as they come from a download. [param called]: what messages
## call it. Null when it is no usable character; [param problems] as in [method from_file].
static func from_bytes(
	bytes: PackedByteArray, called: String = "the file", problems: Array[String] = _NOWHERE
) -> AnimeCharacter:
	var read := CharacterFile.new(bytes)
	if not read.error.is_empty():
		return _refuse(CharacterFile.sentence(called, read.error), problems)
	var character := AnimeCharacter.new()
	character._take(read.details)
	character.drawing_size = read.details.drawing_hd if read.details.drawing_hd else 512
	character._unpacked = read.image
	character.file = bytes
	character.sha256 = _sum(bytes)
	return character


## The resting picture without a way over the graphics card, RGBA8; null when there is none. Do not change it.
func get_image() -> Image:
	if _image == null and file.is_empty() and not source.is_empty():
		_image = CharacterDirectory.new(source).image
	return _image


## The larger drawing, RGBA8, of [member drawing_size] pixels a side, unpacked anew; null when there is none.
func get_larger_image() -> Image:
	if file.is_empty():
		return null if source.is_empty() else CharacterDirectory.new(source).larger
	return CharacterFile.read_larger(file)


## Whether there is nothing in it: a new one, which no file was read into.
func is_empty() -> bool:
	return file.is_empty() and source.is_empty()


## Whom to name for it, a line each, for a game's page of credits: who drew it, and who made the networks from which it
## learned to move, each with the licence and, in parentheses, what that allows. Empty when nobody is known.
func credits() -> PackedStringArray:
	var lines := PackedStringArray()
	if not (author + licence).is_empty():
		var drawn := (name if name else "The character") + ("" if author.is_empty() else " by " + author)
		lines.append(drawn + ("" if licence.is_empty() else ", " + licence))
	lines.append_array(Credit.lines(provenance))
	return lines


## What messages call it: its file, else its name.
func describe() -> String:
	for text: String in [resource_path.get_slice("::", 0), source, name]:
		if not text.is_empty():
			return text
	return "the character"


func _take(details: CharacterDetails) -> void:
	name = details.name
	author = details.author
	licence = details.licence
	head_view = details.head_view
	expressions = details.expressions
	provenance = details.provenance
	quality = details.quality


static func _from_single_file(path: String, problems: Array[String]) -> AnimeCharacter:
	var opened := FileAccess.open(path, FileAccess.READ)
	if opened == null:
		return _refuse("%s cannot be read: %s." % [path, error_string(FileAccess.get_open_error())], problems)
	# A byte more than there may be is enough to tell that there are too many.
	var bytes := opened.get_buffer(mini(opened.get_length(), CharacterFile.MAX_SIZE + 1))
	var character := from_bytes(bytes, path, problems)
	if character:
		character.source = ProjectSettings.globalize_path(path)
	return character


static func _from_directory(path: String, problems: Array[String]) -> AnimeCharacter:
	var read := CharacterDirectory.new(path)
	if not read.error.is_empty():
		return _refuse(read.error, problems)
	var character := AnimeCharacter.new()
	character._take(read.details)
	character.source = ProjectSettings.globalize_path(path)
	character._image = read.image
	if read.larger:
		character.drawing_size = read.larger.get_width()
	return character


static func _refuse(problem: String, problems: Array[String]) -> AnimeCharacter:
	if problems.is_read_only():
		push_error(problem)
	else:
		problems.append(problem)
	return null


static func _sum(bytes: PackedByteArray) -> String:
	var context := HashingContext.new()
	context.start(HashingContext.HASH_SHA256)
	context.update(bytes)
	return context.finish().hex_encode()
