@tool
extends RefCounted
## One texture that shows pictures from memory and from the graphics card alike: whoever draws [member texture] keeps it
## for good.
##
## Godot has no texture for both. But what a texture's RID stands for can be replaced: by one that shows a texture of
## the RenderingDevice as well as by an image.

## What is to be drawn; never another object, and its RID never changes. Nothing but a transparent pixel at first.
var texture := ImageTexture.create_from_image(Image.create_empty(1, 1, false, Image.FORMAT_RGBA8))

var _device_texture := RID()
# Of the image in the texture; and which size the texture says that it has.
var _size := Vector2i.ONE
var _format := Image.FORMAT_RGBA8
var _counts_as := Vector2i.ONE


## Shows a picture in memory, which is copied. [param counts_as]: the size that the texture says it has, and is drawn
## with by those who do not choose another; zero: the picture's.
func show_image(image: Image, counts_as: Vector2i = Vector2i.ZERO) -> void:
	var size := image.get_size()
	if counts_as == Vector2i.ZERO:
		counts_as = size
	var fits := _size == size and _counts_as == counts_as and _format == image.get_format()
	if _device_texture.is_valid() or not fits:
		_device_texture = RID()
		_size = size
		_format = image.get_format()
		_counts_as = counts_as
		texture.set_image(image)
		if counts_as != _size:
			texture.set_size_override(counts_as)
			# What draws it has heard of its own size.
			texture.emit_changed()
	else:
		# Not by the texture, which takes none of another size than it says it has.
		RenderingServer.texture_2d_update(texture.get_rid(), image, 0)


## Shows a texture of the main RenderingDevice, of [param size] pixels, without copying it: what is drawn into it later
## is seen at once. [param counts_as] is as in [method show_image]. It must have the format R8G8B8A8_SRGB with both that
## and R8G8B8A8_UNORM shareable: then it looks like an image in 2D and in 3D. It may be freed on the render thread after
## [method release], or when something else is shown.
func show_device_texture(device_texture: RID, size: Vector2i, counts_as: Vector2i = Vector2i.ZERO) -> void:
	if counts_as == Vector2i.ZERO:
		counts_as = size
	if device_texture == _device_texture:
		return
	if _counts_as != counts_as:
		_counts_as = counts_as
		# Whoever draws the texture asks it for its size, and hears of a new one.
		texture.set_image(Image.create_empty(counts_as.x, counts_as.y, false, Image.FORMAT_RGBA8))
	_size = counts_as
	_device_texture = device_texture
	RenderingServer.call_on_render_thread(_replace.bind(texture.get_rid(), device_texture, counts_as))


## Lets go of the graphics card's texture; a transparent picture of the same size is shown.
func release() -> void:
	if _device_texture.is_valid():
		show_image(Image.create_empty(texture.get_width(), texture.get_height(), false, Image.FORMAT_RGBA8))


static func _replace(texture_rid: RID, device_texture: RID, counts_as: Vector2i) -> void:
	RenderingServer.texture_replace(texture_rid, RenderingServer.texture_rd_create(device_texture))
	RenderingServer.texture_set_size_override(texture_rid, counts_as.x, counts_as.y)
