@tool
extends RefCounted
## A character's larger drawing: its picture once more at 1024 or 2048 pixels. The bytes are not trusted.
##
## It must be the picture, larger: averaged down to the picture's size no more may differ than resampling changes. The
## library asks the same ([code]tha4_core/character/larger_drawing.py[/code]).

const FILE := "character_hd.png"
const KEY := "drawing_hd"
const SIDES: Array[int] = [1024, 2048]
const MAX_SIZE := 12 << 20
# In levels of 0 to 255, premultiplied: the root of the mean square, and of the mean of any tile.
const _MOST_RMS := 8.0
const _MOST_TILE := 16.0
const _TILES := 32

const CharacterPicture := preload("character_picture.gd")

## The drawing, RGBA8; null when there is none.
var image: Image
## What is wrong, as "the larger drawing is ...", to be put after the file's name; empty when nothing is.
var error := ""


## [param picture]: the character's own, which it must be alike.
func _init(png: PackedByteArray, picture: Image) -> void:
	if png.size() > MAX_SIZE:
		error = ("the larger drawing is larger than %d MiB; save it as a plain PNG" % (MAX_SIZE >> 20))
		return
	var read := CharacterPicture.new(png, SIDES, "the larger drawing")
	error = read.error
	if error.is_empty():
		error = _flaw(read.image, picture)
	if error.is_empty():
		image = read.image


static func _flaw(larger: Image, picture: Image) -> String:
	var fine := _reduced(larger, CharacterPicture.SIDE)
	var coarse := _reduced(picture, CharacterPicture.SIDE)
	var rms: float = fine.compute_image_metrics(coarse, false)["root_mean_squared"]
	var tile: float = _reduced(fine, _TILES, false).compute_image_metrics(_reduced(coarse, _TILES, false), false)["max"]
	if rms <= _MOST_RMS and tile <= _MOST_TILE:
		return ""
	return (
		"the larger drawing is not the picture drawn larger: averaged down it is %.1f levels from it, %.0f somewhere"
		% [rms, tile]
	)


static func _reduced(image_of: Image, side: int, premultiply: bool = true) -> Image:
	var reduced: Image = image_of.duplicate()
	if premultiply:
		reduced.premultiply_alpha()
	while reduced.get_width() > side:
		reduced.shrink_x2()
	return reduced
