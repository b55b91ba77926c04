@tool
extends RefCounted
## What an engine inside the game needs of a character: its two networks, its picture, and which of it can be seen.
##
## The face network sees a place and the pose's first 39 values, and draws [constant FACE]. The body network has levels
## of half the picture's size to the next; a level's first layer sees the features of the level before, then place and
## whole pose. Every layer but the last of a network ends in a sine of 30 times its sum. [method read] may run on any
## thread.

## Width and height of the picture, in pixels.
const PICTURE := 512
## The part of the picture that the face network draws.
const FACE := Rect2i(192, 80, 128, 128)
## Values of a pose that the face network sees, the first ones, and that the body network sees.
const FACE_POSE := 39
const BODY_POSE := 45

const _PICTURE_FILE := "character.png"
const _FACE_FILE := "face_morpher.safetensors"
const _BODY_FILE := "body_morpher.safetensors"
const _VISIBILITY_FILE := "visibility.json"
# A place has two coordinates.
const _PLACE := 2
const _FACE_CHANNELS := 4
# Two of a flow, one of a blend, four of a colour.
const _BODY_CHANNELS := 7
const _MOST_LAYERS := 16
# Outputs of the layers that the format holds so far.
const _FACE_WIDTHS: PackedInt32Array = [128, 128, 128, 128, 128, 128, 128, 128, 4]
const _BODY_WIDTHS: PackedInt32Array = [360, 360, 180, 180, 180, 90, 90, 90, 90, 7]
const _BODY_LEVELS: PackedInt32Array = [3, 3, 3]

const CharacterFile := preload("../character/character_file.gd")
const CharacterPicture := preload("../character/character_picture.gd")
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
	for member: String in [_PICTURE_FILE, _FACE_FILE, _BODY_FILE]:
		if not zip.has(member):
			error = "misses %s; it is not a whole character file." % member
			return
	var drawn := CharacterPicture.new(zip.read(_PICTURE_FILE))
	if not drawn.error.is_empty():
		error = ": %s." % drawn.error
		return
	picture = drawn.image.get_data()
	var face_tensors := _tensors_of(zip, _FACE_FILE)
	_read_face(face_tensors.duplicate())
	var body_tensors := _tensors_of(zip, _BODY_FILE)
	_read_body(body_tensors.duplicate())
	if error.is_empty() and zip.has(_VISIBILITY_FILE):
		var visible := VisibleTiles.new(zip.read(_VISIBILITY_FILE), _look(face_tensors, body_tensors))
		tiles = visible.tiles
		_fail(_VISIBILITY_FILE, visible.error)


func _tensors_of(zip: StoredZip, member: String) -> Dictionary[String, Safetensors.Tensor]:
	if not error.is_empty():
		return {}
	var file := Safetensors.new(zip.read(member))
	_fail(member, file.error)
	return file.tensors


func _read_face(tensors: Dictionary[String, Safetensors.Tensor]) -> void:
	if not error.is_empty():
		return
	var inputs := _PLACE + FACE_POSE
	while (
		error.is_empty()
		and face.size() < _MOST_LAYERS
		and tensors.has("siren.sine_layers.%d.linear.weight" % face.size())
	):
		inputs = _take_layer(face, tensors, "siren.sine_layers.%d.linear" % face.size(), inputs, _FACE_FILE)
	_take_layer(face, tensors, "siren.last_linear", inputs, _FACE_FILE)
	_check_network(face, _FACE_WIDTHS, tensors, _FACE_FILE)


func _read_body(tensors: Dictionary[String, Safetensors.Tensor]) -> void:
	if not error.is_empty():
		return
	var features := 0
	while (
		error.is_empty()
		and levels.size() < _MOST_LAYERS
		and tensors.has("siren_layers.%d.0.linear.weight" % levels.size())
	):
		var level := levels.size()
		var count := 0
		var inputs := features + _PLACE + BODY_POSE
		while (
			error.is_empty()
			and count < _MOST_LAYERS
			and tensors.has("siren_layers.%d.%d.linear.weight" % [level, count])
		):
			inputs = _take_layer(body, tensors, "siren_layers.%d.%d.linear" % [level, count], inputs, _BODY_FILE)
			count += 1
		features = inputs
		levels.append(count)
	_take_layer(body, tensors, "last_linear", features, _BODY_FILE)
	_check_network(body, _BODY_WIDTHS, tensors, _BODY_FILE)
	if error.is_empty() and levels != _BODY_LEVELS:
		_fail(_BODY_FILE, "has levels of %s layers, but %s are needed" % [levels, _BODY_LEVELS])


# Takes a layer out of the tensors, puts it at the network's end, and says how many outputs it has.
func _take_layer(
	network: Array[Layer], tensors: Dictionary[String, Safetensors.Tensor], name: String, inputs: int, member: String
) -> int:
	if not error.is_empty():
		return 0
	for part: String in [name + ".weight", name + ".bias"]:
		if not tensors.has(part):
			_fail(member, 'misses the tensor "%s"' % part)
			return 0
	var weight := tensors[name + ".weight"]
	var bias := tensors[name + ".bias"]
	var layer := Layer.new()
	layer.inputs = inputs
	layer.outputs = bias.values.size()
	layer.weight = weight.values
	layer.bias = bias.values
	# A map of every pixel for itself, stored as a convolution.
	if weight.shape != PackedInt32Array([layer.outputs, inputs, 1, 1]) or bias.shape.size() != 1:
		_fail(member, 'has a tensor "%s" of the shape %s, which does not fit' % [name + ".weight", weight.shape])
	tensors.erase(name + ".weight")
	tensors.erase(name + ".bias")
	network.append(layer)
	return layer.outputs


func _check_network(
	network: Array[Layer], published: PackedInt32Array, left: Dictionary[String, Safetensors.Tensor], member: String
) -> void:
	if not error.is_empty():
		return
	if not left.is_empty():
		_fail(member, 'has a tensor "%s", which nobody knows' % left.keys()[0].left(80))
		return
	var widths := PackedInt32Array()
	for layer in network:
		widths.append(layer.outputs)
	if widths != published:
		_fail(member, "has layers of %s outputs, but %s are needed" % [widths, published])


# SHA-256 (hex) of picture and weights: what decides how it looks, and what a mask was measured on.
func _look(
	face_tensors: Dictionary[String, Safetensors.Tensor], body_tensors: Dictionary[String, Safetensors.Tensor]
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
	return context.finish().hex_encode()


func _fail(member: String, problem: String) -> void:
	if error.is_empty() and not problem.is_empty():
		error = ": %s %s." % [member, problem]
