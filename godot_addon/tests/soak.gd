extends "bench_scene.gd"
## Plays a cast of living characters with head views, for tools/measuring/soak.py: [code]-- --characters=FOLDER
## --engine=NAME --address=ADDRESS --seconds=N --warm_up=N --interval=N --change=N[/code]. Every [code]change[/code]
## seconds another one of them leaves and comes back, once the last one that did is seen: on a machine slower than that
## nobody would ever be.
##
## After the warm-up and at every interval it prints a sample of what the engine counts.

const _CALM_FRAMES := 20
const _WARM_PICTURES := 20
const _COLUMNS := 4
const _STEP := Vector2(260, 300)

var _cast: Array[AnimeCharacter] = []
var _nodes: Array[AnimatedAnimeCharacter] = []
var _pictures := 0
var _changes := 0
var _newest_is_seen := true
var _change_ms := 0.0


func measure() -> void:
	var folder := option("characters")
	for file in DirAccess.get_files_at(folder):
		_cast.append(AnimeCharacter.from_file(folder.path_join(file)))
		_nodes.append(_enter(_cast.size() - 1))
	await _play(option("warm_up").to_float())
	# A busy machine may have shown nothing yet.
	while _pictures < _WARM_PICTURES * _nodes.size():
		await _play(0.1)
	await _sample()
	var until_ms := Time.get_ticks_msec() + option("seconds").to_float() * 1000.0
	while Time.get_ticks_msec() < until_ms:
		await _play(option("interval").to_float())
		await _sample()
	for node in _nodes:
		node.free()


func _play(seconds: float) -> void:
	var until_ms := Time.get_ticks_msec() + seconds * 1000.0
	while Time.get_ticks_msec() < until_ms:
		if _newest_is_seen and Time.get_ticks_msec() > _change_ms:
			_change_ms = Time.get_ticks_msec() + option("change").to_float() * 1000.0
			await _replace()
		for node in _nodes:
			node.mouth_smirk = 0.5 + 0.5 * sin(Time.get_ticks_msec() / 500.0)
		await process_frame


# One leaves, and the next frame it is there again: a bridge knows its file, its texture and layers are new.
func _replace() -> void:
	var place := _changes % _nodes.size()
	_changes += 1
	_nodes[place].queue_free()
	await process_frame
	_nodes[place] = _enter(place)
	_newest_is_seen = false
	_nodes[place].frame_shown.connect(func() -> void: _newest_is_seen = true, CONNECT_ONE_SHOT)


func _enter(place: int) -> AnimatedAnimeCharacter:
	var node := new_character(_cast[place])
	node.view = AnimatedAnimeCharacter.View.HEAD
	node.position = Vector2(180, 180) + _STEP * Vector2(place % _COLUMNS, floori(place / float(_COLUMNS)))
	node.expression = &"joy" if place % 2 else &""
	node.frame_shown.connect(func() -> void: _pictures += 1)
	var living := add_life(node)
	(living[4] as AnimeLipSync).speak_text("The quick brown fox jumps over the lazy dog.")
	root.add_child(node)
	return node


# While all stand still, so that no picture is on its way; the least of some frames, as a ping may be.
func _sample() -> void:
	_enliven(false)
	for node in _nodes:
		await picture(node)
	var objects := INF
	for _frame in _CALM_FRAMES:
		await process_frame
		objects = minf(objects, Performance.get_monitor(Performance.OBJECT_COUNT))
	var counted := {
		"pid": OS.get_process_id(),
		"seconds": Time.get_ticks_msec() / 1000.0,
		"pictures": _pictures,
		"objects": objects,
		"nodes": Performance.get_monitor(Performance.OBJECT_NODE_COUNT),
		"orphans": Performance.get_monitor(Performance.OBJECT_ORPHAN_NODE_COUNT),
		"resources": Performance.get_monitor(Performance.OBJECT_RESOURCE_COUNT),
		"static_memory": Performance.get_monitor(Performance.MEMORY_STATIC),
		"texture_memory": Performance.get_monitor(Performance.RENDER_TEXTURE_MEM_USED),
	}
	print("sample=", JSON.stringify(counted))
	_enliven(true)


func _enliven(enabled: bool) -> void:
	for node in _nodes:
		for child in node.get_children():
			child.set(&"enabled", enabled)
