@tool
extends RefCounted
## Moves a layer from what it shows to another expression, over time.

const Parameters := preload("../anime_character_parameters.gd")
const PoseLayer := preload("pose_layer.gd")

## Whether a blend is under way. Read only.
var is_running := false

var _layer: PoseLayer
var _from_amounts := PackedFloat32Array()
var _from_weights := PackedFloat32Array()
var _to_amounts := PackedFloat32Array()
var _to_weights := PackedFloat32Array()
var _elapsed := 0.0
var _seconds := 0.0


func _init(layer: PoseLayer) -> void:
	_layer = layer


## Heads for a mix of poses: each of [param poses] with its share of [param shares], from 0 to 1. Shares that sum up to
## more than 1 are scaled down to it. With 0 [param seconds] it is there at once.
func start(poses: Array[AnimePose], shares: PackedFloat32Array, seconds: float) -> void:
	_from_amounts = _layer.amounts.duplicate()
	_from_weights = _layer.weights.duplicate()
	_elapsed = 0.0
	_seconds = seconds
	is_running = true
	_aim(poses, shares)
	if seconds <= 0.0:
		_layer.assign(_to_amounts, _to_weights)


## The poses that it heads for, or has arrived at, are not what they were.
func aim_again(poses: Array[AnimePose], shares: PackedFloat32Array) -> void:
	_aim(poses, shares)
	if not is_running:
		_layer.assign(_to_amounts, _to_weights)


## Goes on by [param delta] seconds. True when this ended the blend.
func advance(delta: float) -> bool:
	if not is_running:
		return false
	_elapsed += delta
	if _elapsed >= _seconds:
		is_running = false
		_layer.assign(_to_amounts, _to_weights)
		return true
	var share := smoothstep(0.0, 1.0, _elapsed / _seconds)
	var amounts := _zeros()
	var weights := _zeros()
	for index in Parameters.PARAMETER_COUNT:
		amounts[index] = lerpf(_from_amounts[index], _to_amounts[index], share)
		weights[index] = lerpf(_from_weights[index], _to_weights[index], share)
	_layer.assign(amounts, weights)
	return false


func _aim(poses: Array[AnimePose], shares: PackedFloat32Array) -> void:
	_to_amounts = _zeros()
	_to_weights = _zeros()
	var total := 0.0
	for share in shares:
		total += share
	for number in poses.size():
		var share := shares[number] / maxf(1.0, total)
		var amounts := poses[number].get_amounts()
		var weights := poses[number].get_weights()
		for index in Parameters.PARAMETER_COUNT:
			_to_amounts[index] += amounts[index] * share
			_to_weights[index] += weights[index] * share


static func _zeros() -> PackedFloat32Array:
	var numbers := PackedFloat32Array()
	numbers.resize(Parameters.PARAMETER_COUNT)
	return numbers
