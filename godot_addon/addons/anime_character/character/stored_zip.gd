@tool
extends RefCounted
## The members of a zip in memory, none of them packed. The bytes are not trusted: every place and size is checked
## before it is used.
##
## [ZIPReader] reads files only, and would unpack whatever it is given.

const _END_SIGNATURE := 0x06054b50
const _ENTRY_SIGNATURE := 0x02014b50
const _LOCAL_SIGNATURE := 0x04034b50
const _END_SIZE := 22
const _ENTRY_SIZE := 46
const _LOCAL_SIZE := 30
const _LONGEST_COMMENT := 0xffff
const _MAX_MEMBERS := 1024
const _NO_ZIP := "is not a character file, or is damaged or cut short; copy it again"

const Utf8 := preload("../wire/utf8.gd")

## What is wrong, as "is ...", to be put after the file's name; empty when nothing is.
var error := ""

var _bytes := PackedByteArray()
# Where each member's content lies: first byte and size.
var _places: Dictionary[String, Vector2i] = {}


func _init(bytes: PackedByteArray) -> void:
	_bytes = bytes
	var end := _find_end()
	if end < 0:
		error = _NO_ZIP
	else:
		_read_directory(bytes.decode_u16(end + 10), bytes.decode_u32(end + 16), end)


## Whether there is a member of this name.
func has(member: String) -> bool:
	return _places.has(member)


## A member's size in bytes; 0 when there is none.
func size_of(member: String) -> int:
	return _places[member].y if has(member) else 0


## A member's content; empty when there is none.
func read(member: String) -> PackedByteArray:
	if not has(member):
		return PackedByteArray()
	var place := _places[member]
	return _bytes.slice(place.x, place.x + place.y)


# Where the record lies that ends a zip; only a comment may follow it.
func _find_end() -> int:
	var last := _bytes.size() - _END_SIZE
	for at in range(last, maxi(last - _LONGEST_COMMENT, 0) - 1, -1):
		if _bytes.decode_u32(at) == _END_SIGNATURE:
			return at
	return -1


func _read_directory(count: int, start: int, end: int) -> void:
	var at := start
	if count > _MAX_MEMBERS:
		error = _NO_ZIP
	for _index in count:
		if error.is_empty():
			at = _read_entry(at, end)


# Notes the member whose entry is at a place; the place after it.
func _read_entry(at: int, end: int) -> int:
	if at + _ENTRY_SIZE > end or _bytes.decode_u32(at) != _ENTRY_SIGNATURE:
		error = _NO_ZIP
		return at
	var name_size := _bytes.decode_u16(at + 28)
	var next := at + _ENTRY_SIZE + name_size + _bytes.decode_u16(at + 30) + _bytes.decode_u16(at + 32)
	var raw_name := _bytes.slice(at + _ENTRY_SIZE, at + _ENTRY_SIZE + name_size)
	if next > end or not Utf8.flaw(raw_name).is_empty():
		error = _NO_ZIP
		return at
	var member := raw_name.get_string_from_utf8()
	var size := _bytes.decode_u32(at + 24)
	var start := _find_content(_bytes.decode_u32(at + 42), end)
	if _bytes.decode_u16(at + 8) & 1 or _bytes.decode_u16(at + 10) != 0 or _bytes.decode_u32(at + 20) != size:
		error = "holds %s packed, but members must be stored; write it again with tools/convert.py" % member
	elif has(member):
		error = "has two members named %s; it was not made by us" % member
	elif start < 0 or start + size > end:
		error = _NO_ZIP
	_places[member] = Vector2i(start, size)
	return next


# Where the content begins whose local header is at a place; -1 when there is no such header.
func _find_content(at: int, end: int) -> int:
	if at + _LOCAL_SIZE > end or _bytes.decode_u32(at) != _LOCAL_SIGNATURE:
		return -1
	return at + _LOCAL_SIZE + _bytes.decode_u16(at + 26) + _bytes.decode_u16(at + 28)
