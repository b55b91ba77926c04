@tool
extends RefCounted
## How a character's networks are laid out for the graphics card: stages, the sizes of their tiles, where weights lie,
## and what their shaders are told. All of it follows from the networks' shapes.

## Threads of a work group of the tile kernel.
const THREADS := 128
## Width of a tile in pixels.
const TILE_WIDTH := 8
# A sine layer's sine is of 30 times its sum; the kernel's of so many turns.
const _TURNS := 30.0 / TAU
const _MOST_CHANNELS := 512
# Sums that a thread keeps for each of four pixels.
const _MOST_SUMS := 16
# Weights are read in pairs, and layers begin at whole cache lines.
const _ALIGNMENT := 16
const _TILE_PIXELS: PackedInt32Array = [64, 32, 16]

const CharacterNetworks := preload("../character_networks.gd")


## A first layer, whose constants are folded with the pose.
class Fold:
	extends RefCounted
	var push := PackedByteArray()
	var outputs := 0


## A layer that is turned and scaled once.
class Turn:
	extends RefCounted
	var push := PackedByteArray()
	var count := 0


## One fused stage.
class Stage:
	extends RefCounted
	## What its shader is told, as lines of [code]#define[/code].
	var defines := ""
	## Side of its grid in pixels.
	var edge := 0
	## Pixels of a tile.
	var tile := Vector2i.ZERO
	## Multiply-adds of a tile.
	var cost := 0
	## Numbers that it leaves for the next level; 0: none.
	var coarse_size := 0
	## Bytes of shared memory.
	var shared_bytes := 0

	## Tiles in a row, and rows.
	func grid() -> Vector2i:
		@warning_ignore("integer_division")
		return Vector2i(edge, edge) / tile


## Layers' raw weights and biases, one after the other.
var raw := PackedFloat32Array()
var folds: Array[Fold] = []
var turns: Array[Turn] = []
## The face, then the body's levels from the coarsest.
var stages: Array[Stage] = []
## How many numbers the turned weights have, and how many channels the first layers.
var turned_size := 0
var constants_size := 0
## Why the graphics card cannot draw these networks, as a sentence; empty when it can.
var error := ""

var _places: Dictionary[CharacterNetworks.Layer, Vector2i] = {}


## [param snorm16]: activations have 16 bits.
func _init(networks: CharacterNetworks, snorm16: bool) -> void:
	for layer: CharacterNetworks.Layer in networks.face + networks.body:
		_place(layer)
	var face := CharacterNetworks.FACE
	var lines: PackedStringArray = ["#define FACE", "#define FACE_X %d" % face.position.x]
	lines.append("#define FACE_Y %d" % face.position.y)
	_add_stage(networks.face, null, 0, face.size.x, lines, 0, CharacterNetworks.FACE_POSE, snorm16)
	var begin := 0
	var features := 0
	for level in networks.levels.size():
		var end := begin + networks.levels[level]
		var is_finest := level == networks.levels.size() - 1
		var layers := networks.body.slice(begin, end + 1 if is_finest else end)
		lines = ["#define %s" % ("FINEST" if is_finest else "COARSE_OUT")]
		if level > 0:
			lines.append("#define COARSE_IN")
			if not networks.heads.is_empty():
				lines.append("#define ANSWER %d" % (0 if is_finest else networks.body[end].outputs))
		var edge := CharacterNetworks.PICTURE >> (networks.levels.size() - 1 - level)
		var next: CharacterNetworks.Layer = null if is_finest else networks.body[end]
		var answers := 0
		if next and not networks.heads.is_empty():
			answers = networks.heads[level].outputs
			next = _joined(next, networks.heads[level])
		_add_stage(layers, next, answers, edge, lines, features, CharacterNetworks.BODY_POSE, snorm16)
		features = networks.body[end - 1].outputs
		begin = end


# A stage of sine layers, of which the last ends without a sine unless another level follows, whose first layer
# [param next] then is applied to the features before they are made larger: it is the same for each pixel. Its last
# [param answers] outputs are not the next level's, but what this one answers.
func _add_stage(
	layers: Array[CharacterNetworks.Layer],
	next: CharacterNetworks.Layer,
	answers: int,
	edge: int,
	lines: PackedStringArray,
	features: int,
	parameters: int,
	snorm16: bool
) -> void:
	var widest := layers[0].outputs
	for layer in layers:
		widest = maxi(widest, layer.outputs)
	if next:
		widest = maxi(widest, next.outputs - answers)
	if widest > _MOST_CHANNELS:
		error = ("its networks have layers of %d channels, but the graphics card draws %d." % [widest, _MOST_CHANNELS])
		return
	var stage := Stage.new()
	stage.edge = edge
	var pixels := _TILE_PIXELS[0 if widest <= 96 else (1 if widest <= 180 else 2)]
	stage.tile = Vector2i(TILE_WIDTH, pixels >> 3)
	lines.append("#define CONSTANTS %d" % constants_size)
	_add_fold(layers[0], features, parameters)
	var calls := PackedStringArray()
	var held := layers[0].outputs
	var cost := layers[0].outputs * 3
	for index in range(1, layers.size() + (1 if next else 0)):
		var is_between := index == layers.size()
		var layer := next if is_between else layers[index]
		var is_last := is_between or not next and index == layers.size() - 1
		var inputs := layers[-1].outputs if is_between else layer.inputs
		var padded := _padded(layer.outputs, pixels)
		var finish := "STORE" if is_between else ("RAW" if is_last else "SINE")
		var numbers := [inputs, padded, _sums(layer.outputs, pixels), turned_size, finish]
		calls.append("LAYER(%d, %d, %d, %d, %s)" % numbers)
		_add_turn(layer, inputs, padded, not is_between or answers > 0, 1.0 if is_last and not is_between else _TURNS)
		if not is_last:
			held = maxi(held, padded)
		if is_between:
			stage.coarse_size = padded * edge * edge
		cost += inputs * padded
	stage.cost = cost * pixels
	stage.shared_bytes = held * pixels * (2 if snorm16 else 4) + (0 if next else 8 * pixels * 4)
	lines.append("#define EDGE %d" % edge)
	lines.append("#define TILE_WIDTH %d" % TILE_WIDTH)
	lines.append("#define PIXELS %d" % pixels)
	lines.append("#define CHANNELS %d" % held)
	lines.append("#define FIRST %d" % layers[0].outputs)
	lines.append("#define LAYERS %s" % " ".join(calls))
	if snorm16:
		lines.append("#define SNORM16")
	stage.defines = "\n".join(lines)
	stages.append(stage)


func _place(layer: CharacterNetworks.Layer) -> void:
	_places[layer] = Vector2i(raw.size(), raw.size() + layer.weight.size())
	raw.append_array(layer.weight)
	raw.append_array(layer.bias)


# A level's map of its features for the next one's first layer, and behind it its head, which is not to be turned.
func _joined(next: CharacterNetworks.Layer, head: CharacterNetworks.Layer) -> CharacterNetworks.Layer:
	var joined := CharacterNetworks.Layer.new()
	joined.inputs = head.inputs
	joined.outputs = next.outputs + head.outputs
	for row in next.outputs:
		joined.weight.append_array(next.weight.slice(row * next.inputs, row * next.inputs + head.inputs))
	joined.bias.resize(next.outputs)
	for weight in head.weight:
		joined.weight.append(weight / _TURNS)
	for bias in head.bias:
		joined.bias.append(bias / _TURNS)
	_place(joined)
	return joined


func _add_fold(layer: CharacterNetworks.Layer, features: int, parameters: int) -> void:
	var fold := Fold.new()
	fold.outputs = layer.outputs
	var numbers: PackedInt32Array = [_places[layer].x, _places[layer].y, constants_size, layer.outputs]
	numbers.append_array([layer.inputs, features, parameters])
	fold.push = numbers.to_byte_array()
	fold.push.append_array(PackedFloat32Array([_TURNS]).to_byte_array())
	folds.append(fold)
	constants_size += layer.outputs


func _add_turn(layer: CharacterNetworks.Layer, inputs: int, padded: int, has_bias: bool, scale: float) -> void:
	var turn := Turn.new()
	turn.count = padded * (inputs + 1)
	var bias := _places[layer].y if has_bias else -1
	var numbers: PackedInt32Array = [_places[layer].x, bias, turned_size, layer.outputs, padded, inputs, layer.inputs]
	turn.push = numbers.to_byte_array()
	turn.push.append_array(PackedFloat32Array([scale]).to_byte_array())
	turns.append(turn)
	turned_size = _aligned(turned_size + turn.count)


# Sums for each thread, an even number: so many that all groups of threads together have all outputs.
func _sums(outputs: int, pixels: int) -> int:
	var sums := _ceil_of(outputs * pixels, THREADS * 4)
	sums += sums & 1
	if sums > _MOST_SUMS:
		error = ("its networks have layers of %d channels, which are too many for the graphics card." % outputs)
	return sums


func _padded(outputs: int, pixels: int) -> int:
	var sums := _sums(outputs, pixels)
	return _ceil_of(outputs, sums) * sums


static func _aligned(size: int) -> int:
	return _ceil_of(size, _ALIGNMENT) * _ALIGNMENT


static func _ceil_of(number: int, divisor: int) -> int:
	@warning_ignore("integer_division")
	return (number + divisor - 1) / divisor
