@tool
@icon("../icon.svg")
class_name AnimeSpring
extends "pose_source.gd"
## Lets head and body of its parent character lag behind their pose as if they hung on springs.
##
## It works on whatever moves them: properties, animations, expressions, mocap, other nodes. What
## [code]override_parameter[/code] says stays exact.

const SpringMotion := preload("spring_motion.gd")
const _HEAD: PackedStringArray = ["head_x", "head_y", "neck_z"]
const _BODY: PackedStringArray = ["body_y", "body_z"]

## How much of the lag is shown: 0 is none of it.
@export_range(0.0, 1.0, 0.01) var strength: float = 1.0
## How stiff the neck is: oscillations a second, without damping.
@export_range(0.1, 20.0, 0.1, "suffix:Hz") var head_frequency: float = 2.2
## How soon the head stops swinging: below 1 it overshoots, at 1 it does not.
@export_range(0.05, 4.0, 0.05) var head_damping: float = 0.6
## How stiff the body is: oscillations a second, without damping.
@export_range(0.1, 20.0, 0.1, "suffix:Hz") var body_frequency: float = 1.4
## How soon the body stops swinging: below 1 it overshoots, at 1 it does not.
@export_range(0.05, 4.0, 0.05) var body_damping: float = 0.8

var _springs: Array[SpringMotion] = []
var _moved := _indices(_HEAD + _BODY)


func _init() -> void:
	# After the nodes that move what it follows.
	process_priority = 1


## Goes on by [param delta] seconds.
func advance(delta: float) -> void:
	if _layer == null:
		return
	var pose := _character.get_pose_below(PoseLayers.Slot.SPRING)
	if _springs.is_empty():
		for index in _moved:
			var spring := SpringMotion.new()
			spring.rest_at(pose[index])
			_springs.append(spring)
	for number in _moved.size():
		var index := _moved[number]
		var is_head := number < _HEAD.size()
		(
			_springs[number]
			. advance(
				pose[index],
				head_frequency if is_head else body_frequency,
				head_damping if is_head else body_damping,
				delta,
			)
		)
		_layer.put(index, _springs[number].position, strength)


## Puts head and body where their pose is, at rest: after a cut to another scene, say.
func settle() -> void:
	_springs.clear()


func _slot() -> PoseLayers.Slot:
	return PoseLayers.Slot.SPRING
