extends "scenario.gd"
## Draws with the picture source of the processor, without a node: what the test lists as requests, one line each:
## [code]character pose_number x y width height scale[/code]. Then what it does when things happen at once, and at the
## end. Pictures are saved as their bytes.

const CpuSource := preload("res://addons/anime_character/sources/cpu/cpu_source.gd")

const _POSE := 45
const _WHOLE := Rect2i(0, 0, 512, 512)
const _SMALL := Rect2i(240, 100, 32, 32)

var _poses := PackedFloat32Array()
var _characters: Array[AnimeCharacter] = []
var _arrived: Dictionary[CpuSource, Array] = {}


func play() -> void:
	tell("why_not", CpuSource.why_not())
	_poses = FileAccess.get_file_as_bytes(option("poses")).to_float32_array()
	for path in option("characters").split(","):
		_characters.append(AnimeCharacter.from_file(path))
	await _draw_requests()
	await _prefer_the_newest()
	await _come_and_go()
	_quit_in_the_middle()


# A source that counts what arrives.
func _source(character: int) -> CpuSource:
	var source := CpuSource.new(_characters[character])
	_arrived[source] = []
	source.picture_arrived.connect(func(picture: CpuSource.Picture) -> void: _arrived[source].append(picture))
	source.gave_up.connect(func(message: String) -> void: tell("gave_up", message))
	source.failed.connect(func(message: String) -> void: tell("failed", message))
	return source


func _ready_source(character: int) -> CpuSource:
	var source := _source(character)
	await _poll_until(source, func() -> bool: return source.may_ask(1))
	return source


func _poll_until(source: CpuSource, condition: Callable) -> void:
	await wait_until(
		func() -> bool:
			source.poll()
			return condition.call(),
		"something of the processor's source"
	)


func _picture_of(source: CpuSource, number: int) -> CpuSource.Picture:
	await _poll_until(source, func() -> bool: return not _arrived[source].is_empty())
	var picture: CpuSource.Picture = _arrived[source].pop_back()
	tell("arrived", picture.number == number)
	return picture


func _pose(number: int) -> PackedFloat32Array:
	return _poses.slice(_POSE * number, _POSE * (number + 1))


func _draw_requests() -> void:
	var sources: Array[CpuSource] = []
	for character in _characters.size():
		sources.append(await _ready_source(character))
	tell("engine", sources[0].engine)
	var lines := FileAccess.get_file_as_string(option("requests")).split("\n", false)
	for index in lines.size():
		var words := lines[index].split(" ")
		var source := sources[words[0].to_int()]
		var region := Rect2i(words[2].to_int(), words[3].to_int(), words[4].to_int(), words[5].to_int())
		var picture: CpuSource.Picture = null
		# Until larger ones can be drawn, pictures of the usual size come.
		while picture == null or picture.size != CpuSource.scaled_size(region, words[6].to_float()):
			await _poll_until(source, func() -> bool: return source.may_ask(index + 1))
			source.ask(index + 1, _pose(words[1].to_int()), region, words[6].to_float())
			picture = await _picture_of(source, index + 1)
		FileAccess.open(output_file("%d.rgba" % index), FileAccess.WRITE).store_buffer(picture.image.get_data())
		tell("picture", [picture.region == region, picture.size == picture.image.get_size(), picture.size])
		tell("timed", picture.render_ms > 0.0 and picture.latency_ms >= picture.render_ms)
		tell("kept", source.read_back() == picture.image)
		tell("asked_again", source.may_ask(index + 1))
	for source in sources:
		source.close()


# While one character is drawn, another's wishes take each other's place.
func _prefer_the_newest() -> void:
	var busy := await _ready_source(0)
	var waiting := await _ready_source(_characters.size() - 1)
	busy.ask(1, _pose(1), _WHOLE, 1.0)
	for number in range(1, 5):
		if waiting.may_ask(number):
			waiting.ask(number, _pose(number % 2), _SMALL, 1.0)
	await _poll_until(waiting, func() -> bool: return not _arrived[waiting].is_empty())
	tell("newest", _arrived[waiting].map(func(picture: CpuSource.Picture) -> int: return picture.number))
	busy.close()
	waiting.close()


func _come_and_go() -> void:
	await wait_until(func() -> bool: return _own_threads() == 0, "the engine's threads to end")
	var memory := PackedInt64Array()
	for _round in 6:
		var source := await _ready_source(0)
		source.ask(1, _pose(1), _WHOLE, 1.0)
		tell("has_threads", _own_threads() > 0)
		source.close()
		await wait_until(func() -> bool: return _own_threads() == 0, "the engine's threads to end")
		memory.append(_resident_kilobytes())
	tell("grown_megabytes", (memory[-1] - memory[1]) >> 10)


func _quit_in_the_middle() -> void:
	var drawing := _source(0)
	_source(0).close()
	# Its character is being read when the game ends.
	tell("quits", drawing.may_ask(1))


# The library's threads are nicer than the game's.
func _own_threads() -> int:
	var nice := _niceness("/proc/self/stat")
	var count := 0
	for task in DirAccess.get_directories_at("/proc/self/task"):
		count += int(_niceness("/proc/self/task/%s/stat" % task) > nice)
	return count


# Of a thread that has ended meanwhile: the least.
func _niceness(path: String) -> int:
	var values := _of_kernel(path).get_slice(") ", 1).split(" ")
	return values[16].to_int() if values.size() > 16 else -20


func _resident_kilobytes() -> int:
	for line in _of_kernel("/proc/self/status").split("\n"):
		if line.begins_with("VmRSS:"):
			return line.to_int()
	return 0


# Files of /proc have a length of 0, which Godot would read.
func _of_kernel(path: String) -> String:
	var file := FileAccess.open(path, FileAccess.READ)
	return file.get_buffer(8192).get_string_from_ascii() if file else ""
