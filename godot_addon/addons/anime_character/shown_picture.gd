@tool
extends RefCounted
## The picture that a character shows at present: made by a source or at rest, in memory or on the graphics card.

## Another part of the picture is shown.
signal region_changed

const PictureSource := preload("sources/picture_source.gd")
const ShownTexture := preload("sources/shown_texture.gd")

## The same object for good.
var texture: Texture2D:
	get:
		return _shown_texture.texture
## What is in the texture; null while that is on the graphics card alone, and at first.
var image: Image
## What is shown, in pixels of the 512 by 512 picture; empty while that is nothing, or of another character.
var region := Rect2i():
	set(value):
		if value != region:
			region = value
			region_changed.emit()
## Milliseconds that the last picture of a source took to come.
var latency_ms := 0.0
## Milliseconds that the networks took for it.
var render_ms := 0.0

var _shown_texture := ShownTexture.new()


## Whether what is shown is on the graphics card, where its source keeps it.
func is_on_card() -> bool:
	return image == null and region.has_area()


## Shows what a source has made.
func take(picture: PictureSource.Picture) -> void:
	image = picture.image
	# A finer picture counts as one of the region's size, so that whoever draws the texture draws it as large as before.
	var counts_as := picture.size.min(picture.region.size)
	if image:
		_shown_texture.show_image(image, counts_as)
	else:
		_shown_texture.show_device_texture(picture.device_texture, picture.size, counts_as)
	region = picture.region
	latency_ms = picture.latency_ms
	render_ms = picture.render_ms


## Shows a part of a character's resting picture.
func take_resting(picture: Image, part: Rect2i) -> void:
	image = picture if part.size == picture.get_size() else picture.get_region(part)
	_shown_texture.show_image(image)
	region = part


## Shows nothing that is on the graphics card any more: its source is about to take it away.
func let_go_of_card() -> void:
	_shown_texture.release()
