extends "scenario.gd"
## Three characters that move all the time with the graphics card's source, of which one leaves on the way; tells what
## it costs the main thread.

const GpuSource := preload("res://addons/anime_character/sources/gpu/gpu_source.gd")
const PictureSource := preload("res://addons/anime_character/sources/picture_source.gd")

var _sources: Array[GpuSource] = []
var _pictures: Array[int] = []
var _render_ms := 0.0


func play() -> void:
	ProjectSettings.set_setting("anime_character/gpu/budget_ms", float(option("budget_ms")))
	# Small: what is measured is the recording, not what software draws.
	var region := Rect2i(232, 112, 16, 16)
	for index in 3:
		_pictures.append(0)
		_sources.append(GpuSource.new(AnimeCharacter.from_file(option("character"))))
		_sources[index].picture_arrived.connect(_on_picture.bind(index))
	await wait_until(_all_are_ready, "three characters", 200.0)
	var costs := PackedFloat32Array()
	var number := 0
	while _pictures.min() < int(option("pictures")):
		number += 1
		var begun := Time.get_ticks_usec()
		for index in _sources.size():
			_sources[index].poll()
			if _sources[index].may_ask(number):
				var pose := PackedFloat32Array()
				pose.resize(45)
				pose[26] = fmod(number * 0.1, 1.0)
				pose[39] = sin(number * 0.3)
				_sources[index].ask(number, pose, region, 1.0)
		costs.append((Time.get_ticks_usec() - begun) / 1000.0)
		await process_frame
		if number == 4:
			_sources[2].close()
			_sources.pop_back()
			_pictures.pop_back()
	costs.sort()
	tell("frames", costs.size())
	tell("main_ms_median", costs[costs.size() >> 1])
	tell("main_ms_p95", costs[floori(costs.size() * 0.95)])
	tell("render_ms", _render_ms)
	for source in _sources:
		source.close()
	for _frame in 3:
		await process_frame


func _all_are_ready() -> bool:
	for source in _sources:
		source.poll()
	return _sources.all(func(source: GpuSource) -> bool: return source.engine == "gpu")


func _on_picture(picture: PictureSource.Picture, index: int) -> void:
	if index < _pictures.size():
		_pictures[index] += 1
	_render_ms = maxf(_render_ms, picture.render_ms)
