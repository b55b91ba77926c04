@tool
extends RefCounted
## What an engine inside the game needs of a character: its two networks, its picture, and which of it can be seen.
##
## The face network sees a place and the pose's first 39 values, and draws [constant FACE]. The body network has levels
## of half the picture's size to the next; a level's first layer sees the features of the level before, then place and
## whole pose. Every layer but the last of a network ends in a sine of 30 times its sum; where answers are summed, each
## coarser level has a head of its own besides. How many layers and how wide, the character says. [method read] may run
## on any thread.

## Width and height of the picture, in pixels.
const PICTURE := 512
## The part of the picture that the face network draws.
const FACE := Rect2i(192, 80, 128, 128)
## Values of a pose that the face network sees, the first ones, and that the body network sees.
const FACE_POSE := 39
const BODY_POSE := 45

const _DESCRIPTION_FILE := "character.json"
const _PICTURE_FILE := "character.png"
const _FACE_FILE := "face_morpher.safetensors"
const _BODY_FILE := "body_morpher.safetensors"
const _VISIBILITY_FILE := "visibility.json"
# A place has two coordinates.
const _PLACE := 2

const CharacterDetails := preload("../character/character_details.gd")
const CharacterFile := preload("../character/character_file.gd")
const CharacterPicture := preload("../character/character_picture.gd")
const NetworkShapes := preload("../character/network_shapes.gd")
const Safetensors := preload("safetensors.gd")
const StoredZip := preload("../character/stored_zip.gd")
const VisibleTiles := preload("visible_tiles.gd")


## A linear map: [code]weight * input + bias[/code].
class Layer:
	extends RefCounted
	var inputs := 0
	var outputs := 0
	## [member outputs] rows of [member inputs] numbers.
	var weight := PackedFloat32Array()
	## [member outputs] numbers.
	var bias := PackedFloat32Array()


## The face network: sine layers, then the linear one, which gives red, green, blue and alpha.
var face: Array[Layer] = []
## The body network: all levels' sine layers, then the linear one, which gives the flow's x and y, how much of the
## direct colour is taken, and the direct red, green, blue and alpha.
var body: Array[Layer] = []
## The coarser levels' heads, which give the same as the last layer, where answers are summed; else there are none.
var heads: Array[Layer] = []
## How many of the body's sine layers each level has, from the coarsest.
var levels := PackedInt32Array()
## The picture at rest, straight-alpha sRGB RGBA8, row by row.
var picture := PackedByteArray()
## Of [code]visible_tiles.gd[/code]; empty when nobody measured what can be seen.
var tiles := PackedByteArray()
## What is wrong, to be put after the file's name; empty when nothing is.
var error := ""


## Takes the bytes of a [code].tha4[/code] file ([member AnimeCharacter.file]), which are not trusted.
func read(bytes: PackedByteArray) -> void:
	if bytes.size() > CharacterFile.MAX_SIZE:
		error = "is larger than %d MiB; no character is." % (CharacterFile.MAX_SIZE >> 20)
		return
	var zip := StoredZip.new(bytes)
	if not zip.error.is_empty():
		error = zip.error + "."
		return
	for member: String in [_DESCRIPTION_FILE, _PICTURE_FILE, _FACE_FILE, _BODY_FILE]:
		if not zip.has(member):
			error = "misses %s; it is not a whole character file." % member
			return
	var drawn := CharacterPicture.new(zip.read(_PICTURE_FILE))
	if not drawn.error.is_empty():
		error = ": %s." % drawn.error
		return
	picture = drawn.image.get_data()
	var details := CharacterDetails.new()
	details.read_description(zip.read(_DESCRIPTION_FILE))
	if not details.error.is_empty():
		error = ": %s." % details.error
		return
	var shapes := details.networks
	var face_tensors := _tensors_of(zip, _FACE_FILE)
	_read_face(shapes, face_tensors.duplicate())
	var body_tensors := _tensors_of(zip, _BODY_FILE)
	_read_body(shapes, body_tensors.duplicate())
	if error.is_empty() and zip.has(_VISIBILITY_FILE):
		var visible := VisibleTiles.new(zip.read(_VISIBILITY_FILE), _look(shapes, face_tensors, body_tensors))
		tiles = visible.tiles
		_fail(_VISIBILITY_FILE, visible.error)


func _tensors_of(zip: StoredZip, member: String) -> Dictionary[String, Safetensors.Tensor]:
	if not error.is_empty():
		return {}
	var file := Safetensors.new(zip.read(member))
	_fail(member, file.error)
	return file.tensors


func _read_face(shapes: NetworkShapes, tensors: Dictionary[String, Safetensors.Tensor]) -> void:
	var inputs := _PLACE + FACE_POSE
	for width in shapes.face.widths:
		var name := "siren.sine_layers.%d.linear" % face.size()
		face.append(_take_layer(tensors, name, inputs, width, _FACE_FILE))
		inputs = width
	face.append(_take_layer(tensors, "siren.last_linear", inputs, NetworkShapes.FACE_CHANNELS, _FACE_FILE))
	_check_rest(tensors, _FACE_FILE)


func _read_body(shapes: NetworkShapes, tensors: Dictionary[String, Safetensors.Tensor]) -> void:
	var features := 0
	for index in shapes.body.size():
		var widths := shapes.body[index].widths
		var inputs := features + _PLACE + BODY_POSE
		for layer in widths.size():
			var name := "siren_layers.%d.%d.linear" % [index, layer]
			body.append(_take_layer(tensors, name, inputs, widths[layer], _BODY_FILE))
			inputs = widths[layer]
		features = inputs
		levels.append(widths.size())
		if shapes.is_summed and index + 1 < shapes.body.size():
			heads.append(_take_layer(tensors, "heads.%d" % index, features, NetworkShapes.BODY_CHANNELS, _BODY_FILE))
	body.append(_take_layer(tensors, "last_linear", features, NetworkShapes.BODY_CHANNELS, _BODY_FILE))
	_check_rest(tensors, _BODY_FILE)


# Takes a layer out of the tensors.
func _take_layer(
	tensors: Dictionary[String, Safetensors.Tensor], name: String, inputs: int, outputs: int, member: String
) -> Layer:
	var layer := Layer.new()
	layer.inputs = inputs
	layer.outputs = outputs
	# A map of every pixel for itself, stored as a convolution.
	var shapes: Dictionary[String, PackedInt32Array] = {
		name + ".weight": [outputs, inputs, 1, 1], name + ".bias": [outputs]
	}
	for part in shapes:
		if not error.is_empty():
			return layer
		if not tensors.has(part):
			_fail(member, 'misses the tensor "%s"' % part)
		elif tensors[part].shape != shapes[part]:
			_fail(member, 'has a tensor "%s" of the shape %s, which does not fit' % [part, tensors[part].shape])
		else:
			layer.set("weight" if part.ends_with(".weight") else "bias", tensors[part].values)
			tensors.erase(part)
	return layer


func _check_rest(left: Dictionary[String, Safetensors.Tensor], member: String) -> void:
	if error.is_empty() and not left.is_empty():
		_fail(member, 'has a tensor "%s", which nobody knows' % left.keys()[0].left(80))


# SHA-256 (hex) of picture and networks: what decides how it looks, and what a mask was measured on.
func _look(
	shapes: NetworkShapes,
	face_tensors: Dictionary[String, Safetensors.Tensor],
	body_tensors: Dictionary[String, Safetensors.Tensor]
) -> String:
	var context := HashingContext.new()
	context.start(HashingContext.HASH_SHA256)
	context.update(picture)
	for tensors: Dictionary[String, Safetensors.Tensor] in [face_tensors, body_tensors]:
		var names := tensors.keys()
		names.sort()
		for name: String in names:
			context.update(name.to_utf8_buffer())
			context.update(tensors[name].values.to_byte_array())
	if not shapes.is_published:
		context.update(shapes.signature().to_utf8_buffer())
	return context.finish().hex_encode()


func _fail(member: String, problem: String) -> void:
	if error.is_empty() and not problem.is_empty():
		error = ": %s %s." % [member, problem]
