@tool
extends RefCounted
## The VMC protocol (Virtual Motion Capture, OSC over UDP): blendshapes and the head's bone of a performer.
##
## Read are [code]/VMC/Ext/Blend/Val name value[/code], with ARKit names ("perfect sync") or the vowels and blinks that
## VRM models have, and [code]/VMC/Ext/Bone/Pos[/code] of Head and Neck. Other messages of VMC are rightly there and
## told nothing of.

const FaceCoefficients := preload("face_coefficients.gd")
const Osc := preload("osc.gd")
const Reading := preload("reading.gd")

## The port that performers send to unless told otherwise.
const PORT := 39539

## What the names of VRM 0 (A, Blink_L) and VRM 1 (aa, blinkLeft) mean here, as FaceCoefficients.plain_name has them.
const VRM_PARAMETERS: Dictionary[String, String] = {
	"a": "mouth_aaa",
	"i": "mouth_iii",
	"u": "mouth_uuu",
	"e": "mouth_eee",
	"o": "mouth_ooo",
	"aa": "mouth_aaa",
	"ih": "mouth_iii",
	"ou": "mouth_uuu",
	"ee": "mouth_eee",
	"oh": "mouth_ooo",
	"blink": "eye_wink",
	"blinkleft": "eye_wink_left",
	"blinkright": "eye_wink_right",
}
# VRM's other shapes, which no parameter stands for.
const _OTHER_SHAPES: PackedStringArray = [
	"neutral",
	"joy",
	"angry",
	"sorrow",
	"fun",
	"happy",
	"sad",
	"relaxed",
	"surprised",
	"lookup",
	"lookdown",
	"lookleft",
	"lookright",
	"extra",
	"unknown",
]
const _BLEND := "/VMC/Ext/Blend/Val"
const _BONE := "/VMC/Ext/Bone/Pos"
const _EYES: PackedStringArray = ["eyeBlinkLeft", "eyeBlinkRight"]
const _MOUTH: PackedStringArray = ["jawOpen", "mouthFunnel", "mouthPucker", "mouthLowerDownLeft", "mouthLowerDownRight"]
# A coefficient that is above this is used; senders without perfect sync may name some, all at 0.
const _USED := 0.001

## The face as it has come so far.
var face := FaceCoefficients.new()
## VRM's shapes as parameters of a pose, by name.
var parameters: Dictionary[String, float] = {}

var _eyes_are_tracked := false
var _mouth_is_tracked := false
var _head := Quaternion.IDENTITY
var _neck := Quaternion.IDENTITY


## Reads a datagram. A message that makes no sense is passed over, the others count.
func read(datagram: PackedByteArray) -> Reading:
	var reading := Reading.new()
	var packet := Osc.read(datagram)
	reading.flaws = packet.flaws
	if packet.error.is_empty():
		for message in packet.messages:
			_accept(message, reading)
	if not reading.has_face:
		reading.problem = reading.flaws[0] if packet.error.is_empty() and reading.flaws else packet.error
	return reading


## The parameters that VRM's shapes set: those that no coefficient gives better. Performers with perfect sync send VRM's
## shapes as well, made from the coefficients.
func counting_parameters() -> Dictionary[String, float]:
	var counting: Dictionary[String, float] = {}
	for parameter in parameters:
		if not (_mouth_is_tracked if parameter.begins_with("mouth") else _eyes_are_tracked):
			counting[parameter] = parameters[parameter]
	return counting


func _accept(message: Osc.Message, reading: Reading) -> void:
	if not message.address.begins_with("/VMC/"):
		reading.flaws.append("%s is no message of VMC." % message.address.left(80))
	if message.address not in [_BLEND, _BONE]:
		return
	var numbers := _numbers_of(message)
	if numbers.size() < (1 if message.address == _BLEND else 7):
		reading.flaws.append(
			"argument %d of %s makes no sense." % [numbers.size() + 2 if _has_name(message) else 1, message.address]
		)
	elif message.address == _BLEND:
		_accept_blend(message.arguments[0], numbers[0], reading)
	else:
		_accept_bone(message.arguments[0], Quaternion(numbers[3], numbers[4], numbers[5], numbers[6]), reading)


func _accept_blend(name: String, value: float, reading: Reading) -> void:
	var index := FaceCoefficients.index_of(name)
	var plain := FaceCoefficients.plain_name(name)
	if index >= 0:
		face.values[index] = clampf(value, 0.0, 1.0)
		if value > _USED:
			_eyes_are_tracked = _eyes_are_tracked or FaceCoefficients.NAMES[index] in _EYES
			_mouth_is_tracked = _mouth_is_tracked or FaceCoefficients.NAMES[index] in _MOUTH
		reading.has_face = true
	elif VRM_PARAMETERS.has(plain):
		parameters[VRM_PARAMETERS[plain]] = clampf(value, 0.0, 1.0)
		reading.has_face = true
	elif plain not in _OTHER_SHAPES:
		reading.unknown.append(name.left(40))


func _accept_bone(bone: String, turn: Quaternion, reading: Reading) -> void:
	var name := bone.to_lower()
	if name not in ["head", "neck"]:
		return
	if turn.length_squared() < 1e-6 or not is_finite(turn.length_squared()):
		reading.flaws.append("the turn of %s makes no sense." % bone.left(40))
		return
	if name == "head":
		_head = turn.normalized()
	else:
		_neck = turn.normalized()
	face.head_degrees = degrees_of(_neck * _head)
	reading.has_face = true


static func _has_name(message: Osc.Message) -> bool:
	return not message.arguments.is_empty() and message.arguments[0] is String


# The numbers after the name, up to the first argument that is none; of any type, switches as 0 and 1.
static func _numbers_of(message: Osc.Message) -> PackedFloat64Array:
	var numbers := PackedFloat64Array()
	if _has_name(message):
		for argument: Variant in message.arguments.slice(1):
			if not (argument is float or argument is int or argument is bool) or not is_finite(float(argument)):
				break
			numbers.append(float(argument))
	return numbers


## The angles of a bone's turn as FaceCoefficients has them, in degrees. [param turn] is as Unity has it: left-handed, x
## to the character's right, y up, z forward.
static func degrees_of(turn: Quaternion) -> Vector3:
	# The same turn seen with x to the left: a mirror keeps a turn about its own axis and reverses the two others.
	var basis := Basis(Quaternion(turn.x, -turn.y, -turn.z, turn.w))
	# R = Rz Ry Rx; basis[column][row].
	var y := asin(clampf(-basis.x.z, -1.0, 1.0))
	return Vector3(rad_to_deg(atan2(basis.y.z, basis.z.z)), rad_to_deg(y), rad_to_deg(atan2(basis.x.y, basis.x.x)))
