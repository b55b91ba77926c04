extends "scenario.gd"
## Draws each wish of a file with the graphics card's source, and writes the pictures as PNG, as numbered.

const GpuSource := preload("res://addons/anime_character/sources/gpu/gpu_source.gd")
const PictureSource := preload("res://addons/anime_character/sources/picture_source.gd")

var _picture: PictureSource.Picture
var _gave_up := ""


func _init() -> void:
	time_limit_s = 3000.0


func play() -> void:
	# Frames are drawn when something has changed, as in the editor.
	OS.low_processor_usage_mode = not option("sparing").is_empty()
	var wishes: Dictionary = JSON.parse_string(FileAccess.get_file_as_string(option("wishes")))
	for setting: String in wishes["settings"]:
		ProjectSettings.set_setting(setting, wishes["settings"][setting])
	for file: String in wishes["characters"]:
		await _draw_all(file, wishes["characters"][file])
	for _frame in 3:
		await process_frame


func _draw_all(file: String, wishes: Array) -> void:
	var source := GpuSource.new(AnimeCharacter.from_file(file))
	_gave_up = ""
	source.picture_arrived.connect(func(picture: PictureSource.Picture) -> void: _picture = picture)
	source.gave_up.connect(func(message: String) -> void: _gave_up = message)
	var state := func() -> bool:
		source.poll()
		return source.engine == "gpu" or not _gave_up.is_empty()
	await wait_until(state, "an engine", 600.0)
	tell("gave_up", _gave_up)
	for wish: Dictionary in wishes if _gave_up.is_empty() else []:
		await _draw(source, wish)
	source.close()


func _draw(source: GpuSource, wish: Dictionary) -> void:
	var number := int(wish["number"])
	var numbers: Array = wish["region"]
	var region := Rect2i(int(numbers[0]), int(numbers[1]), int(numbers[2]), int(numbers[3]))
	_picture = null
	var frames := [0]
	var pose := PackedFloat32Array(wish["pose"])
	var scale: float = wish["scale"]
	source.ask(number, pose, region, scale)
	var arrived := func() -> bool:
		frames[0] += 1
		source.poll()
		# Until larger ones can be drawn, a picture of the usual size comes.
		if _picture and _picture.size != PictureSource.scaled_size(region, scale) and source.may_ask(number):
			_picture = null
			source.ask(number, pose, region, scale)
		return _picture != null and _picture.size == PictureSource.scaled_size(region, scale)
	await wait_until(arrived, "picture %d" % number, 600.0)
	var image := source.read_back()
	image.save_png(output_file("%d.png" % number))
	tell("picture", "%d %s %s after %d" % [number, _picture.size, _picture.region, frames[0]])
