extends Node
## A face that nobody has: it looks about, blinks, talks and smiles, and is sent over UDP as a phone or a performer
## would send it, 30 times a second. So a puppet can be seen moving without any device.

const FaceCoefficients := preload("res://addons/anime_character/mocap/face_coefficients.gd")

const _DATAGRAMS_PER_SECOND := 30.0
const _BLINK_EVERY := 3.1
const _BLINK_TAKES := 0.3
const _TALKS_EVERY := 6.0
const _TALKS_FOR := 3.2
# OSC's "at once".
const _TIME_TAG: PackedByteArray = [0, 0, 0, 0, 0, 0, 0, 1]

## How the face is sent.
var protocol: AnimeMocap.Protocol = AnimeMocap.Protocol.IFACIALMOCAP
## The port on this computer that it is sent to.
var port := 0
## Whether it is being sent, from its beginning on.
var playing := false:
	set(value):
		playing = value
		_time = 0.0

var _time := 0.0
var _since_sent := 0.0
var _socket := PacketPeerUDP.new()


func _process(delta: float) -> void:
	if not playing:
		return
	_time += delta
	_since_sent += delta
	if _since_sent >= 1.0 / _DATAGRAMS_PER_SECOND:
		_since_sent = fmod(_since_sent, 1.0 / _DATAGRAMS_PER_SECOND)
		send(face_at(_time))


## Sends a face to [member port] of this computer.
func send(face: FaceCoefficients) -> void:
	_socket.set_dest_address("127.0.0.1", port)
	_socket.put_packet(to_vmc(face) if protocol == AnimeMocap.Protocol.VMC else to_ifacialmocap(face))


## The face at a time in seconds.
static func face_at(time: float) -> FaceCoefficients:
	var face := FaceCoefficients.new()
	face.head_degrees = Vector3(5.0 * sin(time * 0.9), 9.0 * sin(time * 0.7), 9.0 * sin(time * 0.5 + 1.0))
	var aside := 0.5 * sin(time * 0.7 + 0.5)
	_put_both(face, "eyeBlink", 1.0 - clampf(absf(fmod(time, _BLINK_EVERY) / _BLINK_TAKES * 2.0 - 1.0), 0.0, 1.0))
	face.put("eyeLookOutLeft", maxf(0.0, aside))
	face.put("eyeLookInRight", maxf(0.0, aside))
	face.put("eyeLookInLeft", maxf(0.0, -aside))
	face.put("eyeLookOutRight", maxf(0.0, -aside))
	face.put("browInnerUp", maxf(0.0, 0.9 * sin(time * 0.6 + 2.0)))
	_put_both(face, "mouthSmile", maxf(0.0, 0.9 * sin(time * 0.45)))
	if fmod(time, _TALKS_EVERY) < _TALKS_FOR:
		# Open vowels and round ones by turns.
		var opening := absf(sin(time * 5.5))
		var rounding := maxf(0.0, -sin(time * 2.3))
		face.put("jawOpen", 0.1 + 0.4 * opening)
		_put_both(face, "mouthLowerDown", 0.5 * opening * (1.0 - rounding))
		face.put("mouthFunnel", 0.7 * rounding)
		face.put("mouthPucker", 0.4 * rounding)
	return face


## A datagram of iFacialMocap, version 2: coefficients in percent, the head's angles and position.
static func to_ifacialmocap(face: FaceCoefficients) -> PackedByteArray:
	var fields := PackedStringArray()
	for index in face.values.size():
		var field := FaceCoefficients.NAMES[index].replace("Left", "_L").replace("Right", "_R")
		fields.append("%s&%d" % [field, roundi(face.values[index] * 100.0)])
	var head := face.head_degrees
	fields.append("=head#%.3f,%.3f,%.3f,0,0,0" % [head.x, head.y, head.z])
	return "|".join(fields).to_ascii_buffer()


## A datagram of VMC: an OSC bundle of a message for every blendshape and one for the head's bone.
static func to_vmc(face: FaceCoefficients) -> PackedByteArray:
	var bundle := _osc_text("#bundle") + _TIME_TAG
	for index in face.values.size():
		bundle += _osc_element("/VMC/Ext/Blend/Val", FaceCoefficients.NAMES[index], [face.values[index]])
	var radians := face.head_degrees * (PI / 180.0)
	var turn := (
		(Basis(Vector3.BACK, radians.z) * Basis(Vector3.UP, radians.y) * Basis(Vector3.RIGHT, radians.x))
		. get_rotation_quaternion()
	)
	# Unity's frame is left-handed: the mirror image of this one.
	var numbers: PackedFloat32Array = [0.0, 0.0, 0.0, turn.x, -turn.y, -turn.z, turn.w]
	return bundle + _osc_element("/VMC/Ext/Bone/Pos", "Head", numbers)


static func _put_both(face: FaceCoefficients, coefficient: String, value: float) -> void:
	face.put(coefficient + "Left", value)
	face.put(coefficient + "Right", value)


# A message of a text and some numbers, with its length before it.
static func _osc_element(address: String, text: String, numbers: PackedFloat32Array) -> PackedByteArray:
	var message := _osc_text(address) + _osc_text(",s" + "f".repeat(numbers.size())) + _osc_text(text)
	for number in numbers:
		message += _big_endian(PackedFloat32Array([number]).to_byte_array())
	return _big_endian(PackedInt32Array([message.size()]).to_byte_array()) + message


# Texts end with a zero byte and are filled up to a multiple of 4.
static func _osc_text(text: String) -> PackedByteArray:
	var bytes := text.to_ascii_buffer()
	bytes.resize((bytes.size() + 4) & ~3)
	return bytes


static func _big_endian(bytes: PackedByteArray) -> PackedByteArray:
	bytes.reverse()
	return bytes
