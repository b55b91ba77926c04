@tool
extends RefCounted
## Reads the single-file form of a character, [code].tha4[/code], from its bytes, which are not trusted.
##
## The weights are the bridge's to check in full; here they are looked at just enough to notice a broken file.

## The longest file that is read, as by the bridge; a real one is about 2 MB.
const MAX_SIZE := 16 << 20
const _PICTURE := "character.png"
const _DESCRIPTION := "character.json"
const _EXPRESSIONS := "expressions.json"
const _FACE := "face_morpher.safetensors"
const _BODY := "body_morpher.safetensors"

const CharacterDetails := preload("character_details.gd")
const CharacterPicture := preload("character_picture.gd")
const LargerDrawing := preload("larger_drawing.gd")
const StoredZip := preload("stored_zip.gd")

var details := CharacterDetails.new()
var image: Image
## What is wrong, to be put after the file's name; empty when nothing is.
var error := ""


## What is wrong with a file that messages call so, as a sentence. [param problem]: as [member error] has it.
static func sentence(called: String, problem: String) -> String:
	return called + (problem if problem.begins_with(":") else " " + problem)


func _init(bytes: PackedByteArray) -> void:
	if bytes.size() > MAX_SIZE:
		error = "is larger than %d MiB; no character is." % (MAX_SIZE >> 20)
		return
	var zip := StoredZip.new(bytes)
	if not zip.error.is_empty():
		error = zip.error + "."
		return
	for member: String in [_DESCRIPTION, _PICTURE, _FACE, _BODY]:
		if not zip.has(member):
			error = "misses %s; it is not a whole character file." % member
			return
	details.read_description(zip.read(_DESCRIPTION))
	if zip.has(_EXPRESSIONS) and details.error.is_empty():
		details.read_expressions(zip.read(_EXPRESSIONS))
	if not details.error.is_empty():
		error = ": %s." % details.error
		return
	var counts := {_FACE: details.networks.face_tensors(), _BODY: details.networks.body_tensors()}
	for member: String in counts:
		if not _are_weights(zip.read(member), counts[member]):
			error = (": %s is not a safetensors file of %d tensors, or is damaged." % [member, counts[member]])
			return
	var picture := CharacterPicture.new(zip.read(_PICTURE))
	if not picture.error.is_empty():
		error = ": %s." % picture.error
		return
	if zip.has(LargerDrawing.FILE) or details.drawing_hd > 0:
		_check_larger(zip.read(LargerDrawing.FILE), picture.image)
	if error.is_empty():
		image = picture.image


## The picture of a file that was read before; null when it has none.
static func read_picture(bytes: PackedByteArray) -> Image:
	var zip := StoredZip.new(bytes)
	return CharacterPicture.new(zip.read(_PICTURE)).image


## The larger drawing of a file that was read before; null when it has none.
static func read_larger(bytes: PackedByteArray) -> Image:
	var zip := StoredZip.new(bytes)
	if not zip.has(LargerDrawing.FILE):
		return null
	return CharacterPicture.new(zip.read(LargerDrawing.FILE), LargerDrawing.SIDES).image


func _check_larger(png: PackedByteArray, picture: Image) -> void:
	if png.is_empty() or details.drawing_hd == 0:
		var there := "no %s" if png.is_empty() else "a %s"
		error = (("holds " + there + ", but character.json says otherwise; convert it again.") % LargerDrawing.FILE)
		return
	var larger := LargerDrawing.new(png, picture)
	if not larger.error.is_empty():
		error = ": %s." % larger.error
	elif larger.image.get_width() != details.drawing_hd:
		error = ": %s has %d pixels a side, but character.json says %d; convert it again."
		error %= [LargerDrawing.FILE, larger.image.get_width(), details.drawing_hd]


# A safetensors file: the size of its head (64 bits), the head (JSON), the numbers.
static func _are_weights(bytes: PackedByteArray, count: int) -> bool:
	if bytes.size() < 8:
		return false
	var head_size := bytes.decode_s64(0)
	if head_size < 2 or head_size > mini(bytes.size() - 8, CharacterDetails.MAX_JSON):
		return false
	var head := bytes.slice(8, 8 + head_size)
	var json := JSON.new()
	if not CharacterDetails.Utf8.flaw(head).is_empty() or json.parse(head.get_string_from_utf8()) != OK:
		return false
	if not json.data is Dictionary:
		return false
	var tensors: Dictionary = json.data
	tensors.erase("__metadata__")
	var numbers := 0
	for tensor: Variant in tensors.values():
		var place: Variant = (tensor as Dictionary).get("data_offsets") if tensor is Dictionary else null
		if not place is Array or (place as Array).size() != 2 or not (place[0] is float and place[1] is float):
			return false
		numbers += int(place[1] - place[0])
	return tensors.size() == count and numbers == bytes.size() - 8 - head_size
