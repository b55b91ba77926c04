@tool
extends RefCounted
## The iFacialMocap protocol, version 2: one UDP datagram of text for every frame of the tracked face.
##
## Fields are separated by [code]|[/code]: [code]eyeBlink_L&60[/code] is a coefficient in percent,
## [code]=head#7.9,-19.3,11.0,x,y,z[/code] the head's angles in degrees and its position. Other fields are ignored.

const FaceCoefficients := preload("face_coefficients.gd")

## The port of both sides.
const PORT := 49983
## What makes the app send to whoever says it.
const START := "iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719|sendDataVersion=v2"
## The longest datagram that is read.
const MAX_BYTES := 8192

const _MAX_DEGREES := 360.0
# The highest bit of each of 8 bytes, as a signed number: 0x8080808080808080.
const _HIGH_BITS := -0x7F7F7F7F7F7F7F80


## Reads a datagram into [param face]; coefficients that it does not name stay as they are. Gives what is wrong with it,
## in which case nothing has been changed, or an empty text.
static func read(datagram: PackedByteArray, face: FaceCoefficients) -> String:
	if datagram.size() > MAX_BYTES:
		return "it has %d bytes; at most %d are read." % [datagram.size(), MAX_BYTES]
	var content := datagram.get_string_from_ascii() if _is_ascii(datagram) else ""
	# Control characters have no place in it, nor in a warning about it.
	if content.is_empty() or content.strip_escapes() != content:
		return "it is not text."
	var values := face.values.duplicate()
	var head := face.head_degrees
	var known := 0
	for field in content.split("|", false):
		var text := field.strip_edges()
		if text.begins_with("=head#"):
			var angles := _angles(text.trim_prefix("=head#"))
			if angles == Vector3.INF:
				return "its head is not six numbers: %s" % text.left(80)
			head = angles
			known += 1
			continue
		var parts := text.split("&")
		var index := FaceCoefficients.index_of(_arkit_name(parts[0])) if parts.size() == 2 else -1
		if index < 0:
			continue
		var percent := parts[1].to_float()
		if not parts[1].is_valid_float() or not is_finite(percent):
			return "%s is no number." % text.left(80)
		values[index] = clampf(percent / 100.0, 0.0, 1.0)
		known += 1
	if known == 0:
		return "it holds nothing of a face."
	face.values = values
	face.head_degrees = head
	return ""


# What is not ASCII is not of the protocol, and would make the engine complain.
static func _is_ascii(datagram: PackedByteArray) -> bool:
	var bytes := datagram.duplicate()
	bytes.resize((bytes.size() + 7) & ~7)
	for at in range(0, bytes.size(), 8):
		if bytes.decode_s64(at) & _HIGH_BITS:
			return false
	return not datagram.has(0)


static func _arkit_name(name: String) -> String:
	if name.ends_with("_L"):
		return name.trim_suffix("_L") + "Left"
	if name.ends_with("_R"):
		return name.trim_suffix("_R") + "Right"
	return name


static func _angles(text: String) -> Vector3:
	var numbers := text.split(",")
	if numbers.size() != 6:
		return Vector3.INF
	for number in numbers:
		if not number.strip_edges().is_valid_float() or not is_finite(number.to_float()):
			return Vector3.INF
	var angles := Vector3(numbers[0].to_float(), numbers[1].to_float(), numbers[2].to_float())
	return angles if angles.abs() <= Vector3.ONE * _MAX_DEGREES else Vector3.INF
