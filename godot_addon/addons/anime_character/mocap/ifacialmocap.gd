@tool
extends RefCounted
## The iFacialMocap protocol: one UDP datagram of text for every frame of the tracked face.
##
## Fields are separated by [code]|[/code]: [code]eyeBlink_L&60[/code] is a coefficient in percent (in version 1 of the
## protocol [code]eyeBlink_L-60[/code]), [code]=head#7.9,-19.3,11.0,x,y,z[/code] the head's angles in degrees and its
## position.

const FaceCoefficients := preload("face_coefficients.gd")
const Reading := preload("reading.gd")

## The port of both sides.
const PORT := 49983
## What makes the app send to whoever says it.
const START := "iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719|sendDataVersion=v2"
## The longest datagram that is read.
const MAX_BYTES := 8192

# What else the app sends, which no pose needs.
const _OTHER_NAMES: PackedStringArray = ["hapihapi", "trackingstatus", "righteye", "lefteye"]
const _HEAD := "head#"
const _MAX_DEGREES := 360.0
# The highest bit of each of 8 bytes, as a signed number: 0x8080808080808080.
const _HIGH_BITS := -0x7F7F7F7F7F7F7F80


## Reads a datagram into [param face]; coefficients that it does not name stay as they are. Fields that make no sense
## are passed over; when nothing of a face is left, nothing is changed.
static func read(datagram: PackedByteArray, face: FaceCoefficients) -> Reading:
	var reading := Reading.new()
	if datagram.size() > MAX_BYTES:
		reading.problem = "it has %d bytes; at most %d are read." % [datagram.size(), MAX_BYTES]
		return reading
	var content := datagram.get_string_from_ascii() if _is_ascii(datagram) else ""
	# Control characters have no place in it, nor in a warning about it.
	if content.is_empty() or content.strip_escapes() != content:
		reading.problem = "it is not text."
		return reading
	for field in content.split("|", false):
		var text := field.strip_edges()
		if text.trim_prefix("=").begins_with(_HEAD):
			_read_head(text, face, reading)
		elif not text.is_empty():
			_read_coefficient(text, face, reading)
	if not reading.has_face:
		reading.problem = reading.flaws[0] if reading.flaws else "it holds nothing of a face: %s" % content.left(80)
	return reading


static func _read_head(text: String, face: FaceCoefficients, reading: Reading) -> void:
	var angles := _angles(text.trim_prefix("=").trim_prefix(_HEAD))
	if angles == Vector3.INF:
		reading.flaws.append("its head is not six numbers: %s" % text.left(80))
	else:
		face.head_degrees = angles
		reading.has_face = true


static func _read_coefficient(text: String, face: FaceCoefficients, reading: Reading) -> void:
	var divider := _find_divider(text)
	var name := text.left(divider).strip_edges()
	var index := FaceCoefficients.index_of(name) if divider > 0 and text[divider] != "#" else -1
	if index >= 0:
		var percent := text.substr(divider + 1).strip_edges()
		if not percent.is_valid_float() or not is_finite(percent.to_float()):
			reading.flaws.append("%s is no number." % text.left(80))
			return
		face.values[index] = clampf(percent.to_float() / 100.0, 0.0, 1.0)
		reading.has_face = true
	elif divider <= 0:
		reading.flaws.append("%s is no field of it." % text.left(80))
	elif FaceCoefficients.plain_name(name) not in _OTHER_NAMES:
		reading.unknown.append(name.left(40))


# Where a field's name ends; -1 when it has none. In version 1 the divider is a minus, even before a negative number.
static func _find_divider(text: String) -> int:
	for at in text.length():
		if text[at] in "&-#":
			return at
	return -1


# What is not ASCII is not of the protocol, and would make the engine complain.
static func _is_ascii(datagram: PackedByteArray) -> bool:
	var bytes := datagram.duplicate()
	bytes.resize((bytes.size() + 7) & ~7)
	for at in range(0, bytes.size(), 8):
		if bytes.decode_s64(at) & _HIGH_BITS:
			return false
	return not datagram.has(0)


static func _angles(text: String) -> Vector3:
	var numbers := text.split(",")
	if numbers.size() != 6:
		return Vector3.INF
	for number in numbers:
		if not number.strip_edges().is_valid_float() or not is_finite(number.to_float()):
			return Vector3.INF
	var angles := Vector3(numbers[0].to_float(), numbers[1].to_float(), numbers[2].to_float())
	return angles if angles.abs() <= Vector3.ONE * _MAX_DEGREES else Vector3.INF
