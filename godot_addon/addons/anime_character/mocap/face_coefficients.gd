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

const _MAX_SPELLINGS := 512

static var _indices: Dictionary[String, int] = {}
# Names as they have come, so that each is taken apart once.
static var _spellings: Dictionary[String, int] = {}

## 52 numbers from 0 to 1.
var values := PackedFloat32Array()
## Turns of the head about x, y and z in degrees, in a right-handed frame whose x points to the face's left, y up and z
## out of the face: looking down, turning left and leaning right are positive. R = Rz Ry Rx.
var head_degrees := Vector3.ZERO


func _init() -> void:
	values.resize(NAMES.size())


## A name as it is compared: small letters alone, with sides in full: eyeblinkright for EyeBlink_R.
static func plain_name(name: String) -> String:
	var plain := name.strip_edges().to_lower()
	if plain.ends_with("_l"):
		plain = plain.trim_suffix("_l") + "left"
	elif plain.ends_with("_r"):
		plain = plain.trim_suffix("_r") + "right"
	return plain.replace("_", "").replace(" ", "")


## Where a coefficient stands in [member values]; -1 for a name that is none. Capitals, underscores, and whether a side
## is written Right or _R make no difference.
static func index_of(name: String) -> int:
	var known: int = _spellings.get(name, -1)
	if known >= 0:
		return known
	if _indices.is_empty():
		for index in NAMES.size():
			_indices[plain_name(NAMES[index])] = index
	var found: int = _indices.get(plain_name(name), -1)
	if found >= 0 and _spellings.size() < _MAX_SPELLINGS:
		_spellings[name] = found
	return found


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
