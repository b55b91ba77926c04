@tool
extends RefCounted
## Which tiles of a character's picture can ever be seen, from its [code]visibility.json[/code], which is not trusted.
##
## Somebody who leans to the left is never seen on the far right, so there is a mask for each of four ways to lean.

## Width and height of a tile in pixels of the picture.
const TILE := Vector2i(8, 4)
## Tiles in a row, and rows.
const GRID := Vector2i(64, 128)
## How many ways there are to lean, see [method lean_of].
const LEANS := 4
## Where a pose has what leans it: neck_z and body_z.
const _LEANING: PackedInt32Array = [41, 43]
const _MAX_JSON := 1 << 20
const _FORMAT := "tha4-visibility"
# With one mask, for poses that lean in whatever way; and with one for each.
const _VERSION_OF_ONE_MASK := 2
const _VERSION := 3

const Utf8 := preload("../wire/utf8.gd")

## A byte for each tile, row by row: bit i is set where something of it can be seen in poses that lean in way i.
var tiles := PackedByteArray()
## What is wrong, to be put after the file's name; empty when nothing is.
var error := ""


## [param look]: SHA-256 (hex) of the picture and the weights that it must have been measured on.
func _init(bytes: PackedByteArray, look: String) -> void:
	var json := JSON.new()
	var is_text := bytes.size() <= _MAX_JSON and Utf8.flaw(bytes).is_empty()
	var is_json := is_text and json.parse(bytes.get_string_from_utf8()) == OK
	var document: Dictionary = json.data if is_json and json.data is Dictionary else {}
	if not _is(document, "format", _FORMAT):
		error = "is not a visibility mask, or is damaged"
	elif not (_is(document, "version", float(_VERSION)) or _is(document, "version", float(_VERSION_OF_ONE_MASK))):
		error = "has a version that this addon does not know; update it"
	elif not _is(document, "character", look):
		error = "was measured on another character; write the file again with tools/convert.py"
	else:
		var masks: Variant = document.get("tiles")
		if _is(document, "version", float(_VERSION_OF_ONE_MASK)):
			masks = [masks, masks, masks, masks]
		_read_masks(masks)


## The way in which a pose leans, from 0 to 3: bit 0 whether neck_z, bit 1 whether body_z is above 0.
static func lean_of(pose: PackedFloat32Array) -> int:
	return int(pose[_LEANING[0]] > 0.0) | int(pose[_LEANING[1]] > 0.0) << 1


func _read_masks(masks: Variant) -> void:
	var packed: Array[PackedByteArray] = []
	for mask: Variant in masks if masks is Array else []:
		packed.append(_unpacked(mask))
	if packed.size() != LEANS or packed.any(func(mask: PackedByteArray) -> bool: return mask.is_empty()):
		error = 'has "tiles" that are not %d masks of %d rows of %d hexadecimal digits' % [LEANS, GRID.y, GRID.x >> 2]
		return
	var spread := _spread_bits()
	tiles.resize(GRID.x * GRID.y)
	# Eight tiles, which are eight bytes, at once.
	for index in packed[0].size():
		var eight := 0
		for lean in LEANS:
			eight |= spread[packed[lean][index]] << lean
		tiles.encode_s64(8 * index, eight)


# A mask's rows of hexadecimal digits as bytes; empty when it is none.
static func _unpacked(rows: Variant) -> PackedByteArray:
	var bytes := PackedByteArray()
	if not rows is Array or (rows as Array).size() != GRID.y:
		return bytes
	for row: Variant in rows:
		if not row is String or (row as String).length() != GRID.x >> 2 or not (row as String).is_valid_hex_number():
			return PackedByteArray()
		bytes.append_array((row as String).hex_decode())
	return bytes if bytes.size() == GRID.x * GRID.y >> 3 else PackedByteArray()


# For each value of a byte the eight bytes that are its bits, the highest bit's first.
static func _spread_bits() -> PackedInt64Array:
	var spread := PackedInt64Array()
	for value in 256:
		var eight := 0
		for bit in 8:
			eight |= (value >> (7 - bit) & 1) << (8 * bit)
		spread.append(eight)
	return spread


static func _is(document: Dictionary, key: String, wanted: Variant) -> bool:
	var value: Variant = document.get(key)
	return typeof(value) == typeof(wanted) and value == wanted
