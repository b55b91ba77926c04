@tool
extends RefCounted
## The VMC protocol (Virtual Motion Capture, OSC over UDP): blendshapes and the head's bone of a performer.
##
## Read are [code]/VMC/Ext/Blend/Val name value[/code], with ARKit names ("perfect sync") or the vowels and blinks that
## VRM models have, and [code]/VMC/Ext/Bone/Pos[/code] of Head and Neck. Other messages are ignored.

const FaceCoefficients := preload("face_coefficients.gd")
const Osc := preload("osc.gd")

## The port that performers send to unless told otherwise.
const PORT := 39539

## What the names of VRM 0 (A, Blink_L) and VRM 1 (aa, blinkLeft) mean here.
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
	"blink_l": "eye_wink_left",
	"blink_r": "eye_wink_right",
	"blinkleft": "eye_wink_left",
	"blinkright": "eye_wink_right",
}

## The face as it has come so far.
var face := FaceCoefficients.new()
## Whether an ARKit coefficient has ever come. Senders of those send VRM's shapes as well, made from them.
var has_coefficients := false
## VRM's shapes as parameters of a pose, by name.
var parameters: Dictionary[String, float] = {}

var _head := Quaternion.IDENTITY
var _neck := Quaternion.IDENTITY


## Reads a datagram. Gives what is wrong with it, in which case nothing has been changed, or an empty text.
func read(datagram: PackedByteArray) -> String:
	var packet := Osc.read(datagram)
	if not packet.error.is_empty():
		return packet.error
	for message in packet.messages:
		var error := _check(message)
		if not error.is_empty():
			return error
	for message in packet.messages:
		_accept(message)
	return ""


static func _check(message: Osc.Message) -> String:
	var types: Array[int] = []
	match message.address:
		"/VMC/Ext/Blend/Val":
			types = [TYPE_STRING, TYPE_FLOAT]
		"/VMC/Ext/Bone/Pos":
			types = [TYPE_STRING]
			for _number in 7:
				types.append(TYPE_FLOAT)
	if message.arguments.size() < types.size():
		return "%s has %d arguments." % [message.address, message.arguments.size()]
	for number in types.size():
		var argument: Variant = message.arguments[number]
		if typeof(argument) != types[number] or argument is float and not is_finite(argument):
			return "argument %d of %s makes no sense." % [number + 1, message.address]
	return ""


func _accept(message: Osc.Message) -> void:
	match message.address:
		"/VMC/Ext/Blend/Val":
			_accept_blend(message.arguments[0], message.arguments[1])
		"/VMC/Ext/Bone/Pos":
			var bone: String = message.arguments[0]
			var turn := Quaternion(
				message.arguments[4], message.arguments[5], message.arguments[6], message.arguments[7]
			)
			if turn.length_squared() > 1e-6 and is_finite(turn.length_squared()):
				if bone == "Head":
					_head = turn.normalized()
				elif bone == "Neck":
					_neck = turn.normalized()
				face.head_degrees = degrees_of(_neck * _head)


func _accept_blend(name: String, value: float) -> void:
	if face.put(name, value):
		has_coefficients = true
		return
	var parameter: String = VRM_PARAMETERS.get(name.to_lower(), "")
	if not parameter.is_empty():
		parameters[parameter] = clampf(value, 0.0, 1.0)


## The angles of a bone's turn as FaceCoefficients has them, in degrees. [param turn] is as Unity has it: left-handed, x
## to the character's right, y up, z forward.
static func degrees_of(turn: Quaternion) -> Vector3:
	# The same turn seen with x to the left: a mirror keeps a turn about its own axis and reverses the two others.
	var basis := Basis(Quaternion(turn.x, -turn.y, -turn.z, turn.w))
	# R = Rz Ry Rx; basis[column][row].
	var y := asin(clampf(-basis.x.z, -1.0, 1.0))
	return Vector3(rad_to_deg(atan2(basis.y.z, basis.z.z)), rad_to_deg(y), rad_to_deg(atan2(basis.x.y, basis.x.x)))
