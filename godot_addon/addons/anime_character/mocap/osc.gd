@tool
extends RefCounted
## Open Sound Control 1.0: messages and bundles of messages in a datagram, read without trust in their content.

const Utf8 := preload("../wire/utf8.gd")

## The longest datagram that is read.
const MAX_BYTES := 65507
## How deep bundles may lie in bundles.
const MAX_DEPTH := 4
const MAX_MESSAGES := 1024
const _BUNDLE := "#bundle"
const _TIME_TAG_BYTES := 8


## One message.
class Message:
	extends RefCounted
	var address := ""
	## Of type int, float, String, PackedByteArray, bool or null.
	var arguments: Array = []


## What a datagram holds.
class Packet:
	extends RefCounted
	## In the order in which they stand there.
	var messages: Array[Message] = []
	## What is wrong with messages that were left out: a sentence each.
	var flaws := PackedStringArray()
	## Why nothing of it could be read, or empty.
	var error := ""


## Reads a datagram. A message that is damaged is left out; a damaged bundle gives an error and no messages.
static func read(datagram: PackedByteArray) -> Packet:
	var packet := Packet.new()
	if datagram.size() > MAX_BYTES:
		packet.error = "it has %d bytes; at most %d are read." % [datagram.size(), MAX_BYTES]
	else:
		packet.error = _read_element(datagram, 0, datagram.size(), MAX_DEPTH, packet)
	if packet.error.is_empty() and packet.messages.is_empty() and not packet.flaws.is_empty():
		packet.error = packet.flaws[0]
	if not packet.error.is_empty():
		packet.messages.clear()
	return packet


# Gives why what follows cannot be read either.
static func _read_element(data: PackedByteArray, at: int, end: int, depth: int, packet: Packet) -> String:
	if packet.messages.size() + packet.flaws.size() >= MAX_MESSAGES:
		return "it holds more than %d messages." % MAX_MESSAGES
	var address_end := _text_end(data, at, end)
	if address_end < 0:
		packet.flaws.append("its address does not end.")
		return ""
	var address := _text(data, at, address_end)
	if address == _BUNDLE:
		return _read_bundle(data, _aligned(at, address_end), end, depth, packet)
	if not address.begins_with("/"):
		packet.flaws.append("it is not of OSC: an address begins with a slash.")
		return ""
	var message := Message.new()
	message.address = address
	var flaw := _read_arguments(data, message, _aligned(at, address_end), at, end)
	if flaw.is_empty():
		packet.messages.append(message)
	else:
		packet.flaws.append(flaw)
	return ""


static func _read_bundle(data: PackedByteArray, start: int, end: int, depth: int, packet: Packet) -> String:
	if depth == 0:
		return "bundles lie more than %d deep in it." % MAX_DEPTH
	var at := start + _TIME_TAG_BYTES
	if at > end:
		return "a bundle in it is cut off."
	while at < end:
		if at + 4 > end:
			return "a bundle in it is cut off."
		var size := _int_at(data, at)
		at += 4
		if size <= 0 or size % 4 != 0 or size > end - at:
			return "a part of a bundle has %d bytes, which cannot be." % size
		var error := _read_element(data, at, at + size, depth - 1, packet)
		if not error.is_empty():
			return error
		at += size
	return ""


static func _read_arguments(data: PackedByteArray, message: Message, tags_at: int, start: int, end: int) -> String:
	if tags_at >= end:
		# Old senders leave out the type tags when there are no arguments.
		return ""
	var tags_end := _text_end(data, tags_at, end)
	if tags_end < 0 or data[tags_at] != 0x2C:
		return "the types of %s are missing." % message.address.left(80)
	var at := tags_at + _aligned(tags_at - start, tags_end - start) - (tags_at - start)
	for place in range(tags_at + 1, tags_end):
		var size := _argument_size(data, data[place], at, end)
		if size < 0 or size > end - at:
			return "an argument of %s is cut off or of a type that is not known." % message.address.left(80)
		message.arguments.append(_argument(data, data[place], at, end))
		at += size
	return ""


# How many bytes an argument of a type takes with its padding; -1 when that cannot be told.
static func _argument_size(data: PackedByteArray, type: int, at: int, end: int) -> int:
	match String.chr(type):
		"i", "f", "c", "r", "m":
			return 4
		"h", "d", "t":
			return 8
		"T", "F", "N", "I":
			return 0
		"s", "S":
			var text_end := _text_end(data, at, end)
			return _aligned(at, text_end) - at if text_end >= 0 else -1
		"b":
			if at + 4 > end or _int_at(data, at) < 0:
				return -1
			return 4 + _padded(_int_at(data, at))
	return -1


static func _argument(data: PackedByteArray, type: int, at: int, end: int) -> Variant:
	match String.chr(type):
		"i":
			return _int_at(data, at)
		"f":
			return _reversed(data, at, 4).decode_float(0)
		"h", "t":
			return _reversed(data, at, 8).decode_s64(0)
		"d":
			return _reversed(data, at, 8).decode_double(0)
		"s", "S":
			return _text(data, at, _text_end(data, at, end))
		"b":
			return data.slice(at + 4, at + 4 + _int_at(data, at))
		"T":
			return true
		"F":
			return false
	return null


# Where the zero byte of a text is; -1 when there is none.
static func _text_end(data: PackedByteArray, at: int, end: int) -> int:
	var found := data.find(0, at) if at < end else -1
	return found if found >= 0 and found < end else -1


# A text; what is neither printable nor UTF-8 as question marks.
static func _text(data: PackedByteArray, at: int, end: int) -> String:
	var bytes := data.slice(at, end)
	var is_utf8 := Utf8.flaw(bytes).is_empty()
	for index in bytes.size():
		if bytes[index] < 0x20 or bytes[index] == 0x7F or bytes[index] > 0x7E and not is_utf8:
			bytes[index] = 0x3F
	return bytes.get_string_from_utf8()


# Where what follows a text begins: texts are filled up with zeros to a multiple of 4 bytes.
static func _aligned(at: int, text_end: int) -> int:
	return at + _padded(text_end - at + 1)


# The next multiple of 4.
static func _padded(size: int) -> int:
	return (size + 3) & ~3


static func _int_at(data: PackedByteArray, at: int) -> int:
	return _reversed(data, at, 4).decode_s32(0)


# OSC is big-endian, the engine's decoding little-endian.
static func _reversed(data: PackedByteArray, at: int, size: int) -> PackedByteArray:
	var bytes := data.slice(at, at + size)
	bytes.reverse()
	return bytes
