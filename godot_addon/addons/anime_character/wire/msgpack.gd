@tool
extends RefCounted
## [url=https://msgpack.org]msgpack[/url] for GDScript values, with limits that make hostile bytes harmless.
##
## nil, bool, int, float, String, PackedByteArray (bin), Array, Dictionary and [Ext] both ways. Neither side ever
## raises a script error: what cannot be encoded or decoded comes back as one sentence in [code]error[/code].

const Utf8 := preload("utf8.gd")

## Arrays and maps inside one another, at most.
const MAX_DEPTH := 32
## Values in one message, at most.
const MAX_ITEMS := 1 << 20


## A value of an extension type: a number from -128 to 127, and its bytes.
class Ext:
	extends RefCounted
	var type: int
	var data: PackedByteArray

	func _init(ext_type: int = 0, ext_data: PackedByteArray = PackedByteArray()) -> void:
		type = ext_type
		data = ext_data


## What [method encode] gives: the bytes, or what is wrong.
class Encoded:
	extends RefCounted
	var bytes: PackedByteArray
	var error := ""


## What [method decode] gives: the value, or what is wrong.
class Decoded:
	extends RefCounted
	var value: Variant
	var error := ""


class _Reader:
	extends RefCounted
	var error := ""
	var _bytes: PackedByteArray
	var _numbers := StreamPeerBuffer.new()
	var _size: int
	var _items := 0

	func _init(bytes: PackedByteArray) -> void:
		_bytes = bytes
		_size = bytes.size()
		_numbers.big_endian = true
		_numbers.data_array = bytes

	func left() -> int:
		return _size - _numbers.get_position()

	func read(depth: int) -> Variant:
		_items += 1
		if _items > MAX_ITEMS:
			return _fail("holds more than %d values" % MAX_ITEMS)
		if not _has(1):
			return null
		var tag := _numbers.get_u8()
		if tag <= 0x7f:
			return tag
		if tag <= 0x8f:
			return _read_map(tag & 0x0f, depth)
		if tag <= 0x9f:
			return _read_array(tag & 0x0f, depth)
		if tag <= 0xbf:
			return _read_text(tag & 0x1f)
		if tag >= 0xe0:
			return tag - 0x100
		return _read_tagged(tag, depth)

	func _read_tagged(tag: int, depth: int) -> Variant:
		match tag:
			0xc0:
				return null
			0xc2:
				return false
			0xc3:
				return true
			0xc4, 0xc5, 0xc6:
				return _read_bytes(_read_unsigned(1 << (tag - 0xc4)))
			0xc7, 0xc8, 0xc9:
				return _read_ext(_read_unsigned(1 << (tag - 0xc7)))
			0xca:
				return _numbers.get_float() if _has(4) else 0.0
			0xcb:
				return _numbers.get_double() if _has(8) else 0.0
			0xcc, 0xcd, 0xce, 0xcf:
				return _read_unsigned(1 << (tag - 0xcc))
			0xd0, 0xd1, 0xd2, 0xd3:
				return _read_signed(1 << (tag - 0xd0))
			0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
				return _read_ext(1 << (tag - 0xd4))
			0xd9, 0xda, 0xdb:
				return _read_text(_read_unsigned(1 << (tag - 0xd9)))
			0xdc, 0xdd:
				return _read_array(_read_unsigned(2 << (tag - 0xdc)), depth)
			0xde, 0xdf:
				return _read_map(_read_unsigned(2 << (tag - 0xde)), depth)
		return _fail(
			"has the byte 0x%02x, which msgpack does not use, at offset %d" % [tag, _numbers.get_position() - 1]
		)

	func _read_unsigned(width: int) -> int:
		if not _has(width):
			return 0
		match width:
			1:
				return _numbers.get_u8()
			2:
				return _numbers.get_u16()
			4:
				return _numbers.get_u32()
		var value := _numbers.get_64()
		if value < 0:
			_fail("has an integer above 2^63 - 1, which GDScript cannot hold")
		return value

	func _read_signed(width: int) -> int:
		if not _has(width):
			return 0
		match width:
			1:
				return _numbers.get_8()
			2:
				return _numbers.get_16()
			4:
				return _numbers.get_32()
		return _numbers.get_64()

	func _read_bytes(size: int) -> PackedByteArray:
		if not _has(size):
			return PackedByteArray()
		var start := _numbers.get_position()
		_numbers.seek(start + size)
		return _bytes.slice(start, start + size)

	func _read_text(size: int) -> String:
		var raw := _read_bytes(size)
		if error.is_empty():
			var flaw := Utf8.flaw(raw)
			if not flaw.is_empty():
				_fail(flaw)
		return raw.get_string_from_utf8() if error.is_empty() else ""

	func _read_ext(size: int) -> Ext:
		if not error.is_empty() or not _has(1):
			return null
		var type := _numbers.get_8()
		return Ext.new(type, _read_bytes(size))

	func _read_array(count: int, depth: int) -> Array:
		var values := []
		# Every value takes a byte or more: a count that the bytes cannot hold is refused before anything is made.
		if not _nests(depth) or not _has(count):
			return values
		for _index in count:
			values.append(read(depth + 1))
			if not error.is_empty():
				break
		return values

	func _read_map(count: int, depth: int) -> Dictionary:
		var values := {}
		if not _nests(depth) or not _has(2 * count):
			return values
		for _index in count:
			var key: Variant = read(depth + 1)
			var value: Variant = read(depth + 1)
			if not error.is_empty():
				break
			values[key] = value
		return values

	func _nests(depth: int) -> bool:
		if error.is_empty() and depth >= MAX_DEPTH:
			_fail("has more than %d arrays and maps inside one another" % MAX_DEPTH)
		return error.is_empty()

	func _has(size: int) -> bool:
		if error.is_empty() and size > left():
			_fail("ends too early: %d bytes are missing" % (size - left()))
		return error.is_empty()

	func _fail(what: String) -> Variant:
		if error.is_empty():
			error = "this msgpack %s." % what
		return null


## [param value] as msgpack, each integer and length in its shortest form, floats as float64.
static func encode(value: Variant) -> Encoded:
	var result := Encoded.new()
	var out := StreamPeerBuffer.new()
	out.big_endian = true
	result.error = _put(out, value, 0)
	if result.error.is_empty():
		result.bytes = out.data_array
	return result


## The one value that [param bytes] hold.
static func decode(bytes: PackedByteArray) -> Decoded:
	var reader := _Reader.new(bytes)
	var result := Decoded.new()
	var value: Variant = reader.read(0)
	result.error = reader.error
	if result.error.is_empty() and reader.left() > 0:
		result.error = "this msgpack has %d bytes after its end." % reader.left()
	if result.error.is_empty():
		result.value = value
	return result


static func _put(out: StreamPeerBuffer, value: Variant, depth: int) -> String:
	match typeof(value):
		TYPE_NIL:
			out.put_u8(0xc0)
		TYPE_BOOL:
			out.put_u8(0xc3 if value else 0xc2)
		TYPE_INT:
			_put_int(out, value)
		TYPE_FLOAT:
			out.put_u8(0xcb)
			out.put_double(value)
		TYPE_STRING, TYPE_STRING_NAME:
			var text := String(value).to_utf8_buffer()
			if text.size() < 32:
				out.put_u8(0xa0 | text.size())
			else:
				_put_length(out, text.size(), 0xd9, 1)
			out.put_data(text)
		TYPE_PACKED_BYTE_ARRAY:
			var data: PackedByteArray = value
			_put_length(out, data.size(), 0xc4, 1)
			out.put_data(data)
		TYPE_DICTIONARY:
			return _put_map(out, value, depth)
		TYPE_OBJECT:
			if not value is Ext:
				return "msgpack has no form for an object; give numbers, text, bytes, arrays or dictionaries."
			return _put_ext(out, value)
		_:
			if typeof(value) == TYPE_ARRAY or typeof(value) > TYPE_ARRAY and typeof(value) <= TYPE_PACKED_STRING_ARRAY:
				return _put_array(out, value, depth)
			return "msgpack has no form for a %s; give numbers, text, bytes or arrays." % type_string(typeof(value))
	return ""


static func _put_array(out: StreamPeerBuffer, values: Variant, depth: int) -> String:
	if depth >= MAX_DEPTH:
		return "more than %d arrays and dictionaries are inside one another." % MAX_DEPTH
	var items := Array(values)
	if items.size() < 16:
		out.put_u8(0x90 | items.size())
	else:
		_put_length(out, items.size(), 0xdc, 2)
	for item: Variant in items:
		var error := _put(out, item, depth + 1)
		if not error.is_empty():
			return error
	return ""


static func _put_map(out: StreamPeerBuffer, values: Dictionary, depth: int) -> String:
	if depth >= MAX_DEPTH:
		return "more than %d arrays and dictionaries are inside one another." % MAX_DEPTH
	if values.size() < 16:
		out.put_u8(0x80 | values.size())
	else:
		_put_length(out, values.size(), 0xde, 2)
	for key: Variant in values:
		var error := _put(out, key, depth + 1)
		if error.is_empty():
			error = _put(out, values[key], depth + 1)
		if not error.is_empty():
			return error
	return ""


static func _put_ext(out: StreamPeerBuffer, value: Ext) -> String:
	if value.type < -128 or value.type > 127:
		return "a msgpack extension type is a number from -128 to 127, not %d." % value.type
	var fixed := [1, 2, 4, 8, 16].find(value.data.size())
	if fixed >= 0:
		out.put_u8(0xd4 + fixed)
	else:
		_put_length(out, value.data.size(), 0xc7, 1)
	out.put_8(value.type)
	out.put_data(value.data)
	return ""


static func _put_int(out: StreamPeerBuffer, value: int) -> void:
	if value >= -32 and value < 0x80:
		out.put_u8(value & 0xff)
	elif value >= 0 and value <= 0xffffffff:
		_put_length(out, value, 0xcc, 1)
	elif value >= 0:
		out.put_u8(0xcf)
		out.put_64(value)
	elif value >= -0x80:
		out.put_u8(0xd0)
		out.put_8(value)
	elif value >= -0x8000:
		out.put_u8(0xd1)
		out.put_16(value)
	elif value >= -0x80000000:
		out.put_u8(0xd2)
		out.put_32(value)
	else:
		out.put_u8(0xd3)
		out.put_64(value)


# An unsigned number below 2^32 in the shortest of the widths that follow one another from `tag` on.
static func _put_length(out: StreamPeerBuffer, value: int, tag: int, narrowest: int) -> void:
	if value <= 0xff and narrowest == 1:
		out.put_u8(tag)
		out.put_u8(value)
	elif value <= 0xffff:
		out.put_u8(tag + (1 if narrowest == 1 else 0))
		out.put_u16(value)
	else:
		out.put_u8(tag + (2 if narrowest == 1 else 1))
		out.put_u32(value)
