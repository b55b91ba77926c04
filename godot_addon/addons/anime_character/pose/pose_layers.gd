@tool
extends RefCounted
## How a character's pose adds up: the base pose, then one layer after another, each on top of what lies below.
##
## The base pose is the node's 45 properties: what the inspector, AnimationPlayer, Tweens and scripts set. On top of it
## come the layers in the order of [enum Slot], and within one slot in the order in which they were opened. A layer
## replaces a parameter by its weight, or adds to it (pose_layer.gd); the sum is clamped to the parameter's range at the
## very end. A parameter that no layer touches is the property's value, unchanged.

## Something is not what it was when the whole pose was last composed; told once until it is composed again.
signal changed

## The order of layers, from the lowest.
enum Slot {
	MOCAP,  ## A tracked face, instead of the base pose.
	EXPRESSION,  ## [code]express("joy")[/code].
	LOOK,  ## Eyes, head and body turn to what is looked at.
	MOTION,  ## Breath and idle motion; they add.
	LIP_SYNC,  ## The mouth while it speaks.
	BLINK,  ## The lids while they blink.
	SPRING,  ## Head and body lag behind all of the above.
	CODE,  ## [code]override_parameter[/code]: the last word.
	END,  ## Above everything.
}

const Parameters := preload("../anime_character_parameters.gd")
const PoseLayer := preload("pose_layer.gd")

var _layers: Array[PoseLayer] = []
var _change_is_told := false


## A new layer, on top of those of its slot.
func open(slot: Slot) -> PoseLayer:
	var layer := PoseLayer.new(slot)
	var at := 0
	while at < _layers.size() and _layers[at].slot <= slot:
		at += 1
	_layers.insert(at, layer)
	layer.changed.connect(_on_layer_changed)
	return layer


## Takes a layer away.
func close(layer: PoseLayer) -> void:
	if layer in _layers:
		_layers.erase(layer)
		layer.changed.disconnect(_on_layer_changed)
		_on_layer_changed()


## How many layers there are.
func count() -> int:
	return _layers.size()


## The pose (45 numbers) of a base pose and of every layer whose slot comes before [param end].
func compose(base: PackedFloat32Array, end: Slot = Slot.END) -> PackedFloat32Array:
	if end == Slot.END:
		_change_is_told = false
		for layer in _layers:
			layer.change_is_told = false
	var pose := base.duplicate()
	for layer in _layers:
		if layer.slot >= end:
			break
		var amounts := layer.amounts
		var weights := layer.weights
		for index in layer.indices:
			pose[index] = pose[index] * (1.0 - weights[index]) + amounts[index]
	# The others are the base pose's, which keeps to the ranges itself.
	for layer in _layers:
		if layer.slot >= end:
			break
		for index in layer.indices:
			pose[index] = clampf(
				pose[index], Parameters.PARAMETER_MINIMUMS[index], Parameters.PARAMETER_MAXIMUMS[index]
			)
	return pose


func _on_layer_changed() -> void:
	if not _change_is_told:
		_change_is_told = true
		changed.emit()
