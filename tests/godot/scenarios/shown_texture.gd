extends "scenario.gd"
## Shows images and textures of the graphics card by one texture, in 2D, in a user interface and in 3D, and tells the
## colours that the window shows in their middles.

const ShownTexture := preload("res://addons/anime_character/sources/shown_texture.gd")
const _COLORS: Array[Color] = [Color8(200, 100, 50), Color8(50, 200, 100), Color8(10, 20, 250)]

var _device := RenderingServer.get_rendering_device()
var _shown := ShownTexture.new()
var _changes := 0


func play() -> void:
	_build()
	var rid := _shown.texture.get_rid()
	_shown.texture.changed.connect(func() -> void: _changes += 1)
	_shown.show_image(_image(_COLORS[0], 128))
	await _tell_colors("image")
	var first := _device_texture(_COLORS[1], 128)
	_shown.show_device_texture(first, Vector2i(128, 128))
	await _tell_colors("device")
	tell("read_back", _shown.texture.get_image().get_pixel(9, 9).to_html(false))
	var drawn := _image(_COLORS[2], 128).get_data()
	RenderingServer.call_on_render_thread(_device.texture_update.bind(first, 0, drawn))
	await _tell_colors("drawn_into")
	var second := _device_texture(_COLORS[0], 64)
	_shown.show_device_texture(second, Vector2i(64, 64))
	RenderingServer.call_on_render_thread(_device.free_rid.bind(first))
	await _tell_colors("smaller")
	tell("size", _shown.texture.get_size())
	_shown.show_image(_image(_COLORS[1], 64))
	RenderingServer.call_on_render_thread(_device.free_rid.bind(second))
	await _tell_colors("image_again")
	_shown.show_image(_image(_COLORS[2], 64))
	await _tell_colors("updated")
	var third := _device_texture(_COLORS[0], 64)
	_shown.show_device_texture(third, Vector2i(64, 64))
	_shown.release()
	RenderingServer.call_on_render_thread(_device.free_rid.bind(third))
	await save_window("released.png")
	tell("kept", _shown.texture.get_rid() == rid)
	tell("changes", _changes)


func _build() -> void:
	var sprite := Sprite2D.new()
	sprite.texture = _shown.texture
	sprite.position = Vector2(100, 100)
	root.add_child(sprite)
	var rect := TextureRect.new()
	rect.texture = _shown.texture
	rect.position = Vector2(1000, 100)
	root.add_child(rect)
	var camera := Camera3D.new()
	camera.position.z = 3
	root.add_child(camera)
	var in_space := Sprite3D.new()
	in_space.texture = _shown.texture
	in_space.pixel_size = 0.02
	root.add_child(in_space)


func _tell_colors(moment: String) -> void:
	for _frame in 3:
		await RenderingServer.frame_post_draw
	var window := root.get_texture().get_image()
	for place: Vector2i in [Vector2i(100, 100), Vector2i(1010, 110), window.get_size() / 2]:
		tell(moment, window.get_pixelv(place).to_html(false))


func _image(color: Color, side: int) -> Image:
	var image := Image.create_empty(side, side, false, Image.FORMAT_RGBA8)
	image.fill(color)
	return image


func _device_texture(color: Color, side: int) -> RID:
	var format := RDTextureFormat.new()
	format.format = RenderingDevice.DATA_FORMAT_R8G8B8A8_SRGB
	format.width = side
	format.height = side
	format.usage_bits = (
		RenderingDevice.TEXTURE_USAGE_SAMPLING_BIT
		| RenderingDevice.TEXTURE_USAGE_CAN_COPY_FROM_BIT
		| RenderingDevice.TEXTURE_USAGE_CAN_UPDATE_BIT
	)
	format.add_shareable_format(RenderingDevice.DATA_FORMAT_R8G8B8A8_UNORM)
	format.add_shareable_format(RenderingDevice.DATA_FORMAT_R8G8B8A8_SRGB)
	return _device.texture_create(format, RDTextureView.new(), [_image(color, side).get_data()])
