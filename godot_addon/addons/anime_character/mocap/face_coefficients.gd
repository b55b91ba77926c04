@tool
extends RefCounted
## The 52 coefficients (ARKit blendshapes) and the head angles of a tracked face: what the protocols fill in and the
## mapping reads.

const FaceCoefficients := preload("face_coefficients.gd")
## Their names, in the order of [member values].
const NAMES: PackedStringArray = [
	"eyeLookInLeft",
	"eyeLookOutLeft",
	"eyeLookDownLeft",
	"eyeLookUpLeft",
	"eyeBlinkLeft",
	"eyeSquintLeft",
	"eyeWideLeft",
	"eyeLookInRight",
	"eyeLookOutRight",
	"eyeLookDownRight",
	"eyeLookUpRight",
	"eyeBlinkRight",
	"eyeSquintRight",
	"eyeWideRight",
	"browDownLeft",
	"browOuterUpLeft",
	"browDownRight",
	"browOuterUpRight",
	"browInnerUp",
	"noseSneerLeft",
	"noseSneerRight",
	"cheekSquintLeft",
	"cheekSquintRight",
	"cheekPuff",
	"mouthLeft",
	"mouthDimpleLeft",
	"mouthFrownLeft",
	"mouthLowerDownLeft",
	"mouthPressLeft",
	"mouthSmileLeft",
	"mouthStretchLeft",
	"mouthUpperUpLeft",
	"mouthRight",
	"mouthDimpleRight",
	"mouthFrownRight",
	"mouthLowerDownRight",
	"mouthPressRight",
	"mouthSmileRight",
	"mouthStretchRight",
	"mouthUpperUpRight",
	"mouthClose",
	"mouthFunnel",
	"mouthPucker",
	"mouthRollLower",
	"mouthRollUpper",
	"mouthShrugLower",
	"mouthShrugUpper",
	"jawLeft",
	"jawRight",
	"jawForward",
	"jawOpen",
	"tongueOut",
]

static var _indices: Dictionary[String, int] = {}

## 52 numbers from 0 to 1.
var values := PackedFloat32Array()
## Turns of the head about x, y and z in degrees, in a right-handed frame whose x points to the face's left, y up and z
## out of the face: looking down, turning left and leaning right are positive. R = Rz Ry Rx.
var head_degrees := Vector3.ZERO


func _init() -> void:
	values.resize(NAMES.size())


## Where a coefficient stands in [member values]; -1 for a name that is none. The first letter may be a capital.
static func index_of(name: String) -> int:
	if _indices.is_empty():
		for index in NAMES.size():
			_indices[NAMES[index]] = index
			_indices[NAMES[index].left(1).to_upper() + NAMES[index].substr(1)] = index
	return _indices.get(name, -1)


## Sets a coefficient, clamped to its range. False when there is none of that name.
func put(name: String, value: float) -> bool:
	var index := index_of(name)
	if index < 0 or not is_finite(value):
		return false
	values[index] = clampf(value, 0.0, 1.0)
	return true


## Another one with the same numbers.
func copy() -> FaceCoefficients:
	var other := FaceCoefficients.new()
	other.values = values.duplicate()
	other.head_degrees = head_degrees
	return other
