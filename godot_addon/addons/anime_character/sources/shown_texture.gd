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


## Shows a picture in memory, which is copied.
func show_image(image: Image) -> void:
	var fits := Vector2i(texture.get_size()) == image.get_size() and texture.get_format() == image.get_format()
	if _device_texture.is_valid() or not fits:
		_device_texture = RID()
		texture.set_image(image)
	else:
		texture.update(image)


## Shows a texture of the main RenderingDevice, of [param size] pixels, without copying it: what is drawn into it later
## is seen at once. It must have the format R8G8B8A8_SRGB with both that and R8G8B8A8_UNORM shareable: then it looks
## like an image in 2D and in 3D. It may be freed on the render thread after [method release], or when something else is
## shown.
func show_device_texture(device_texture: RID, size: Vector2i) -> void:
	if device_texture == _device_texture:
		return
	if Vector2i(texture.get_size()) != size:
		# Whoever draws the texture asks it for its size, and hears of a new one.
		texture.set_image(Image.create_empty(size.x, size.y, false, Image.FORMAT_RGBA8))
	_device_texture = device_texture
	RenderingServer.call_on_render_thread(_replace.bind(texture.get_rid(), device_texture))


## Lets go of the graphics card's texture; a transparent picture of the same size is shown.
func release() -> void:
	if _device_texture.is_valid():
		show_image(Image.create_empty(texture.get_width(), texture.get_height(), false, Image.FORMAT_RGBA8))


static func _replace(texture_rid: RID, device_texture: RID) -> void:
	RenderingServer.texture_replace(texture_rid, RenderingServer.texture_rd_create(device_texture))
