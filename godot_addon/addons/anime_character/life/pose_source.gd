@tool
extends Node
## What the nodes that bring a character to life have in common: each is a child of an AnimatedAnimeCharacter and has a
## layer of its own in the character's pose.
##
## They move in a running game, not in the editor. Every frame [method advance] goes on by the time that has passed;
## with [code]set_process(false)[/code] a script can call it instead.

const Parameters := preload("../anime_character_parameters.gd")
const PoseLayer := preload("../pose/pose_layer.gd")
const PoseLayers := preload("../pose/pose_layers.gd")

const _NO_CHARACTER := "This node moves its parent: put it below an AnimatedAnimeCharacter."

@export_category("Life")
## Whether it does anything. Off, the character is as without this node.
@export var enabled: bool = true:
	set(value):
		enabled = value
		if not value and _layer:
			_layer.clear()

var _character: AnimatedAnimeCharacter
var _layer: PoseLayer
var _said: Dictionary[String, bool] = {}


func _enter_tree() -> void:
	update_configuration_warnings()
	_character = get_parent() as AnimatedAnimeCharacter
	if Engine.is_editor_hint():
		return
	if _character:
		_layer = _character.open_layer(_slot())
	else:
		_say_once("parent", _NO_CHARACTER)


func _exit_tree() -> void:
	if _layer:
		_character.close_layer(_layer)
	_layer = null
	_character = null


func _process(delta: float) -> void:
	if enabled and _layer:
		advance(delta)


func _get_configuration_warnings() -> PackedStringArray:
	if get_parent() is AnimatedAnimeCharacter:
		return []
	return [_NO_CHARACTER]


## Goes on by [param delta] seconds. Any step gives the same motion: twice 0.01 is once 0.02.
func advance(_delta: float) -> void:
	pass


# Where in the order of layers this one belongs.
func _slot() -> PoseLayers.Slot:
	return PoseLayers.Slot.MOTION


# A warning, once for what it is about.
func _say_once(about: String, message: String) -> void:
	if not _said.has(about):
		_said[about] = true
		push_warning("%s: %s" % [name, message])


# A generator of random numbers: the same for the same seed, another each time for the seed 0.
static func _random_generator(random_seed: int) -> RandomNumberGenerator:
	var random := RandomNumberGenerator.new()
	if random_seed == 0:
		random.randomize()
	else:
		random.seed = random_seed
	return random


# Where a parameter stands in a pose.
static func _index(parameter: String) -> int:
	return Parameters.PARAMETER_NAMES.find(parameter)


# Where some parameters stand in a pose.
static func _indices(parameters: PackedStringArray) -> PackedInt32Array:
	var indices := PackedInt32Array()
	for parameter in parameters:
		indices.append(_index(parameter))
	return indices
