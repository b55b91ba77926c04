@tool
extends RefCounted
## [url=https://rfc.zeromq.org/spec/37]ZMTP 3.1[/url] as bytes: greeting, commands and frames; no socket in here.

const GREETING_SIZE := 64
const SIGNATURE_SIZE := 10
## A libzmq peer with another mechanism ends the connection once it has read the whole greeting, and tells its own only
## to who has sent so much and no more.
const OPENING_SIZE := 12
const MECHANISM_END := 32
## The longest frame that is read, and the longest message, in bytes.
const MAX_FRAME := 64 << 20
const MAX_COMMAND := 1 << 16
const MAX_PARTS := 64

const _MORE := 1
const _LONG := 2
const _COMMAND := 4


## A command frame, read: its name and what follows the name, or what is wrong with it.
class Command:
	extends RefCounted
	var name := ""
	var data: PackedByteArray
	var error := ""


## Bytes in, messages and commands out.
##
## The owner of the socket reads at most [method wanted] bytes at a time and hands them to [method accept]: then each
## part of a message is gathered in an array of its own, and nothing long is ever cut out of something longer.
class Decoder:
	extends RefCounted
	## One sentence, once the bytes have made no sense; nothing is accepted after that.
	var error := ""
	## Whether the peer's greeting has been read.
	var greeted := false
	## Complete messages, oldest first: arrays of PackedByteArray.
	var messages: Array[Array] = []
	## Bodies of command frames, oldest first.
	var commands: Array[PackedByteArray] = []

	var _gathered := PackedByteArray()
	var _missing := SIGNATURE_SIZE
	var _in_header := false
	var _flags := 0
	var _parts: Array[PackedByteArray] = []
	var _message_size := 0

	## How many bytes the decoder can take now.
	func wanted() -> int:
		return _missing if error.is_empty() else 0

	## Takes the next bytes of the connection, at most [method wanted] of them.
	func accept(chunk: PackedByteArray) -> void:
		if not error.is_empty() or chunk.is_empty():
			return
		if _gathered.is_empty():
			_gathered = chunk
		else:
			_gathered.append_array(chunk)
		_missing -= chunk.size()
		if _missing > 0:
			return
		if not greeted:
			_accept_greeting()
		elif _in_header:
			_accept_header()
		else:
			_accept_body()

	func _accept_greeting() -> void:
		if _gathered[0] != 0xff or _gathered[9] != 0x7f:
			error = "what answers there does not speak ZeroMQ (ZMTP)."
		elif _gathered.size() < GREETING_SIZE:
			_missing = GREETING_SIZE - _gathered.size()
		elif _gathered[10] < 3:
			error = "the peer speaks ZMTP %d, but version 3 is needed." % _gathered[10]
		else:
			error = _refuse_mechanism(_gathered.slice(OPENING_SIZE, MECHANISM_END))
			greeted = error.is_empty()
			_expect_header()

	# What is wrong with the mechanism that the peer's greeting names.
	func _refuse_mechanism(field: PackedByteArray) -> String:
		var names: Array[String] = ["NULL", "CURVE"]
		var padded := names.map(func(name: String) -> String: return name.to_ascii_buffer().hex_encode().rpad(40, "0"))
		match padded.find(field.hex_encode()):
			0:
				return ""
			1:
				return (
					"the bridge there lets in only clients with CURVE keys (--curve-keys), which this addon does not"
					+ " speak; use a tunnel (ssh -L) to a bridge without keys, as the addon's README shows."
				)
		return "the peer asks for a login (a ZMTP mechanism other than NULL), which is not supported."

	func _accept_header() -> void:
		_flags = _gathered[0]
		if _gathered.size() == 2 and _flags & _LONG:
			_missing = 7
			return
		var size := _gathered[1]
		if _flags & _LONG:
			var reader := StreamPeerBuffer.new()
			reader.big_endian = true
			reader.data_array = _gathered
			reader.seek(1)
			size = reader.get_64()
		_message_size += size
		if _flags & ~(_MORE | _LONG | _COMMAND) or _flags & _COMMAND and _flags & _MORE:
			error = ("the peer sent a frame with the flags 0x%02x, which ZMTP does not know." % _flags)
		elif _flags & _COMMAND and (size < 0 or size > MAX_COMMAND):
			error = ("the peer announced a command of %d bytes; at most %d are read." % [size, MAX_COMMAND])
		elif size < 0 or _message_size > MAX_FRAME:
			error = "the peer announced a message of more than %d MiB." % (MAX_FRAME >> 20)
		elif _parts.size() >= MAX_PARTS and not _flags & _COMMAND:
			error = "the peer sent a message of more than %d parts." % MAX_PARTS
		else:
			_gathered = PackedByteArray()
			_in_header = false
			_missing = size
			if size == 0:
				_accept_body()

	func _accept_body() -> void:
		if _flags & _COMMAND:
			_message_size -= _gathered.size()
			commands.append(_gathered)
		else:
			_parts.append(_gathered)
			if not _flags & _MORE:
				messages.append(_parts)
				_parts = []
				_message_size = 0
		_expect_header()

	func _expect_header() -> void:
		_gathered = PackedByteArray()
		_in_header = true
		_missing = 2


## The 64 bytes that open a connection with the NULL mechanism.
static func greeting() -> PackedByteArray:
	var bytes := PackedByteArray()
	bytes.resize(GREETING_SIZE)
	bytes[0] = 0xff
	bytes[9] = 0x7f
	bytes[10] = 3
	bytes[11] = 1
	var mechanism := "NULL".to_ascii_buffer()
	for index in mechanism.size():
		bytes[12 + index] = mechanism[index]
	return bytes


## The frame that ends the handshake.
static func ready(socket_type: String, identity: PackedByteArray = PackedByteArray()) -> PackedByteArray:
	var out := StreamPeerBuffer.new()
	out.big_endian = true
	for property: Array in [["Socket-Type", socket_type.to_ascii_buffer()], ["Identity", identity]]:
		var name: String = property[0]
		var value: PackedByteArray = property[1]
		out.put_u8(name.length())
		out.put_data(name.to_ascii_buffer())
		out.put_u32(value.size())
		out.put_data(value)
	return command("READY", out.data_array)


## A command frame.
static func command(name: String, data: PackedByteArray = PackedByteArray()) -> PackedByteArray:
	var body := PackedByteArray([name.length()])
	body.append_array(name.to_ascii_buffer())
	body.append_array(data)
	var frame := _frame_header(body.size(), _COMMAND)
	frame.append_array(body)
	return frame


## The bytes before a message part of [param size] bytes; [param more]: another part follows it.
static func part_header(size: int, more: bool) -> PackedByteArray:
	return _frame_header(size, _MORE if more else 0)


## Reads a command frame's body.
static func parse_command(body: PackedByteArray) -> Command:
	var result := Command.new()
	if body.is_empty() or body[0] == 0 or body[0] >= body.size():
		result.error = "the peer sent a command without a name."
		return result
	result.name = _ascii(body.slice(1, 1 + body[0]))
	result.data = body.slice(1 + body[0])
	return result


## The properties in a READY command's data, by lower-case name; empty when they cannot be read.
static func parse_properties(data: PackedByteArray) -> Dictionary[String, PackedByteArray]:
	var properties: Dictionary[String, PackedByteArray] = {}
	var reader := StreamPeerBuffer.new()
	reader.big_endian = true
	reader.data_array = data
	while reader.get_available_bytes() > 0:
		var name_size := reader.get_u8()
		if name_size == 0 or reader.get_available_bytes() < name_size + 4:
			return {}
		var start := reader.get_position()
		var name := _ascii(data.slice(start, start + name_size)).to_lower()
		reader.seek(start + name_size)
		var value_size := reader.get_u32()
		if reader.get_available_bytes() < value_size:
			return {}
		start = reader.get_position()
		properties[name] = data.slice(start, start + value_size)
		reader.seek(start + value_size)
	return properties


## The reason in an ERROR command's data.
static func parse_error(data: PackedByteArray) -> String:
	return "" if data.is_empty() else _ascii(data.slice(1, 1 + data[0]))


## The data of the PONG that answers a PING with this data: its context, without the time to live.
static func pong_data(ping_data: PackedByteArray) -> PackedByteArray:
	return ping_data.slice(2, 18)


static func _frame_header(size: int, flags: int) -> PackedByteArray:
	if size <= 0xff:
		return PackedByteArray([flags, size])
	var out := StreamPeerBuffer.new()
	out.big_endian = true
	out.put_u8(flags | _LONG)
	out.put_64(size)
	return out.data_array


# Printable ASCII only: what a peer sends ends up in messages for people.
static func _ascii(bytes: PackedByteArray) -> String:
	var text := ""
	for byte in bytes.slice(0, 256):
		text += String.chr(byte) if byte >= 0x20 and byte < 0x7f else "?"
	return text
