extends SceneTree
## Gives the engine inside Godot broken characters and broken wishes, for [code]tools/fuzz.py --kinds game[/code]:
## [code]-- --seed=N --first=N --count=N --character=PATH[/code].
##
## Try N of a seed is always the same. Each ends in one sentence or in a picture, the right one where only the file was
## broken and was taken all the same. Prints [code]try=N[/code] before each, [code]fault=N: WHAT[/code], and counts.

const CharacterNetworks := preload("res://addons/anime_character/sources/character_networks.gd")

const _LIBRARY := &"AnimeCharacterEngine"
const _REGION := Rect2i(200, 96, 24, 16)
const _SIZE := Vector2i(24, 16)
const _POSE_SIZE := 45
const _HANGS_AFTER_MS := 60_000
const _NUMBERS: PackedInt64Array = [
	0, 1, -1, 2, 7, 8, 90, 127, 512, 513, 0x7fffffff, 0x80000000, -0x80000000, 0xffffffff, 0x7fffffffffffffff
]
const _ODD_FLOATS: PackedFloat32Array = [NAN, INF, -INF, 0.0, -0.0, 1e38, -1e38, 1e-45, 3.0, 1000.0]

var _random := RandomNumberGenerator.new()
var _file := PackedByteArray()
var _right := PackedByteArray()
var _taken := 0
var _refused := 0


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	_file = FileAccess.get_file_as_bytes(_option("character"))
	_right = _picture(_open(_read(_file)), PackedFloat32Array(), _REGION, _SIZE)[0]
	_taken = 0
	var first := _option("first").to_int()
	for number in range(first, first + _option("count").to_int()):
		print("try=%d" % number)
		_random.seed = hash("%s/%d" % [_option("seed"), number])
		var what := _break_file() if _random.randf() < 0.5 else _break_engine()
		if not what.is_empty():
			print("fault=%d: %s" % [number, what])
	print("taken=%d" % _taken)
	print("refused=%d" % _refused)
	quit()


func _option(called: String) -> String:
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--%s=" % called):
			return argument.substr(called.length() + 3)
	return ""


# A broken file: refused, or drawn as the whole one.
func _break_file() -> String:
	var bytes := _file.duplicate()
	for _edit in _random.randi_range(1, 4):
		# A file says at its ends and in the heads of its members how the rest is to be read.
		var span := mini(4096, bytes.size()) if _random.randf() < 0.7 else bytes.size()
		var at := _random.randi_range(0, span - 1)
		if _random.randf() < 0.5:
			at = bytes.size() - 1 - at
		match _random.randi_range(0, 3):
			0:
				bytes[at] = bytes[at] ^ (1 << _random.randi_range(0, 7))
			1:
				bytes.encode_s32(mini(at, bytes.size() - 4), _number())
			2:
				bytes = bytes.slice(0, maxi(at, 8))
			3:
				bytes = bytes.slice(0, at) + bytes.slice(_random.randi_range(0, bytes.size() - 1))
		bytes.resize(maxi(bytes.size(), 8))
	var networks := _read(bytes)
	if not networks.error.is_empty():
		return _refuse(networks.error)
	var answer := _picture(_open(networks), PackedFloat32Array(), _REGION, _SIZE)
	if not (answer[1] as String).is_empty():
		return "a file that was taken does not play: %s" % answer[1]
	return "" if answer[0] == _right else "another picture"


# Broken arguments of the library, which comes after everything that reads files.
func _break_engine() -> String:
	var networks := _read(_file)
	var pose := PackedFloat32Array()
	var region := _REGION
	var size := _SIZE
	for _edit in _random.randi_range(1, 3):
		match _random.randi_range(0, 9):
			0, 1:
				_break_layer(_layer(networks))
			2:
				_layer(networks).weight = _broken_floats(_layer(networks).weight)
			3:
				_layer(networks).bias = _broken_floats(_layer(networks).bias)
			4:
				networks.levels[_random.randi_range(0, networks.levels.size() - 1)] = _number()
			5:
				networks.levels.resize(_random.randi_range(0, 9))
			6:
				networks.picture.resize(clampi(_number(), 0, 1 << 20))
			7:
				networks.tiles.resize(clampi(_number(), 0, 1 << 20))
			8:
				pose = _broken_floats(PackedFloat32Array([0.0]))
			9:
				region = Rect2i(_number(), _number(), _number(), _number())
				size = Vector2i(_number(), _number())
	var answer := _picture(_open(networks), pose, region, size)
	var problem: String = answer[1]
	if not problem.is_empty():
		return _refuse(problem)
	return "" if (answer[0] as PackedByteArray).size() == size.x * size.y * 4 else "a picture of another size"


func _layer(networks: CharacterNetworks) -> CharacterNetworks.Layer:
	var layers := networks.face if _random.randf() < 0.5 else networks.body + networks.heads
	return layers[_random.randi_range(0, layers.size() - 1)]


func _break_layer(layer: CharacterNetworks.Layer) -> void:
	match _random.randi_range(0, 2):
		0:
			layer.inputs = _number()
		1:
			layer.outputs = _number()
		2:
			var inputs := layer.inputs
			layer.inputs = layer.outputs
			layer.outputs = inputs


func _broken_floats(floats: PackedFloat32Array) -> PackedFloat32Array:
	var broken := floats.duplicate()
	if _random.randf() < 0.4 or broken.is_empty():
		broken.resize(clampi(_number(), 0, 1 << 20))
	else:
		broken[_random.randi_range(0, broken.size() - 1)] = _ODD_FLOATS[_random.randi_range(0, _ODD_FLOATS.size() - 1)]
	return broken


func _number() -> int:
	if _random.randf() < 0.3:
		return _random.randi_range(-600, 600)
	return _NUMBERS[_random.randi_range(0, _NUMBERS.size() - 1)]


func _read(bytes: PackedByteArray) -> CharacterNetworks:
	var networks := CharacterNetworks.new()
	networks.read(bytes)
	return networks


func _open(networks: CharacterNetworks) -> RefCounted:
	var engine: RefCounted = ClassDB.instantiate(_LIBRARY)
	var parts: Array[Array] = [networks.face, networks.body, networks.heads]
	for part in parts.size():
		for layer: CharacterNetworks.Layer in parts[part]:
			engine.call(&"add_layer", part, layer.inputs, layer.outputs, layer.weight, layer.bias)
	engine.call(&"open", networks.levels, networks.picture, networks.tiles, 2)
	return engine


# A picture's bytes, and what is wrong with them or with the character; one of the two is empty.
func _picture(engine: RefCounted, pose: PackedFloat32Array, region: Rect2i, size: Vector2i) -> Array:
	var whole := pose
	if pose.is_empty():
		whole = PackedFloat32Array()
		whole.resize(_POSE_SIZE)
	var until := Time.get_ticks_msec() + _HANGS_AFTER_MS
	var asked := false
	while Time.get_ticks_msec() < until:
		var problem: String = engine.call(&"problem")
		if problem.is_empty() and not asked and engine.call(&"is_ready"):
			problem = engine.call(&"ask", 1, whole, region, size)
			asked = true
		if not problem.is_empty():
			return [PackedByteArray(), problem]
		var pixels: PackedByteArray = engine.call(&"take")
		if not pixels.is_empty():
			_taken += 1
			return [pixels, ""]
		OS.delay_msec(1)
	return [PackedByteArray(), "it hangs"]


func _refuse(problem: String) -> String:
	_refused += 1
	if problem.contains("\n") or not problem.ends_with(".") or problem.length() > 600:
		return "not one sentence: %s" % problem
	return ""
