@tool
extends RefCounted
## A character's picture: a PNG of 512 by 512 pixels with alpha, or of other sizes where they are asked for. The bytes
## are not trusted.

const SIDE := 512
const _SIGNATURE: PackedByteArray = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
const _HEADER_SIZE := 33
const _RGBA := 6
# Length, name and checksum of a part.
const _PART_SIZE := 12
const _MOST_PARTS := 1 << 13

## The picture, RGBA8; null when there is none.
var image: Image
## What is wrong, as "the picture is ...", to be put after the file's name; empty when nothing is.
var error := ""


## [param sides]: of the squares that it may be. [param called]: what [member error] calls it.
func _init(png: PackedByteArray, sides: Array[int] = [SIDE], called: String = "the picture") -> void:
	# The size stands in the head: an absurd one is refused before memory is set aside for it.
	var flaw := _head_flaw(png, sides)
	error = "" if flaw.is_empty() else called + flaw
	if not error.is_empty():
		return
	var read := Image.new()
	if read.load_png_from_buffer(_pixels_alone(png)) != OK or read.get_width() not in sides:
		error = called + " is a damaged PNG; save it again"
		return
	read.convert(Image.FORMAT_RGBA8)
	image = read


static func _head_flaw(png: PackedByteArray, sides: Array[int]) -> String:
	var sizes := " or ".join(sides.map(func(side: int) -> String: return "%dx%d" % [side, side]))
	if png.size() < _HEADER_SIZE or png.slice(0, _SIGNATURE.size()) != _SIGNATURE:
		return " is not a PNG; save it as a PNG of %s pixels with alpha" % sizes
	# Numbers in a PNG are big-endian.
	var head := StreamPeerBuffer.new()
	head.big_endian = true
	head.data_array = png.slice(16, 26)
	var width := head.get_u32()
	var height := head.get_u32()
	if width not in sides or height != width:
		return " is %dx%d pixels large, not %s" % [width, height, sizes]
	if png[25] != _RGBA:
		return " has no alpha channel; remove the background and save it with transparency"
	return ""


# A PNG without what it says of its colours: Godot would apply that, but the networks were trained on the file's bytes.
static func _pixels_alone(png: PackedByteArray) -> PackedByteArray:
	var kept := png.slice(0, _SIGNATURE.size())
	var at := _SIGNATURE.size()
	for _part in _MOST_PARTS:
		if at + _PART_SIZE > png.size():
			break
		# The length is big-endian.
		var size := png[at] << 24 | png[at + 1] << 16 | png[at + 2] << 8 | png[at + 3]
		if png.slice(at + 4, at + 8).get_string_from_ascii() in ["IHDR", "IDAT", "IEND"]:
			kept.append_array(png.slice(at, at + _PART_SIZE + size))
		at += _PART_SIZE + size
	return kept
