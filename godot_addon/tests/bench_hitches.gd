extends "bench_scene.gd"
## Measures whole frames of a scene of 60 frames a second while characters come and go and what plays them fails, for
## tools/bench.py: [code]-- --character=PATH --another=PATH --engine=NAME --address=ADDRESS --bridge=PID
## --frames=N[/code]. A bridge is killed.

const FrameClock := preload("frame_clock.gd")
const PictureSource := preload("res://addons/anime_character/sources/picture_source.gd")
const SourceRelay := preload("res://addons/anime_character/sources/source_relay.gd")

const _AFTER_FAILURE_MS := 4000

var _clock := FrameClock.new()
var _nodes: Array[AnimatedAnimeCharacter] = []


func measure() -> void:
	root.add_child(_clock)
	var first := AnimeCharacter.from_file(option("character"))
	var second := AnimeCharacter.from_file(option("another"))
	var others: Array[AnimeCharacter] = [second, first]
	var nobody: Array[AnimeCharacter] = []
	await _play()
	await _measure("nothing happens", Callable())
	await _measure("for comparison: a picture that is none of ours comes", _enter_still_picture)
	await _measure("the first character comes", _enter.bind(first))
	await _measure("another one comes", _enter.bind(second))
	await _measure("the scene changes: both go, two others come", _change.bind(others))
	await _measure("the scene ends: all go", _change.bind(nobody))
	_enter(first)
	await _until_shown()
	await _measure_failure()


# Whole frames from an event on, until all who are there show their present pose, and some more.
func _measure(what: String, event: Callable) -> void:
	await _begin()
	if event.is_valid():
		event.call()
	await _until_shown()
	await _play()
	tell(what, _clock.whole)


func _measure_failure() -> void:
	await _begin()
	_fail()
	var until_ms := Time.get_ticks_msec() + _AFTER_FAILURE_MS
	while Time.get_ticks_msec() < until_ms:
		await _play()
	tell("what plays the character fails, and the %d s after it" % roundi(_AFTER_FAILURE_MS / 1000.0), _clock.whole)


# The clock has seen a frame begin when this is over.
func _begin() -> void:
	_clock.begin()
	await process_frame
	await process_frame


func _play() -> void:
	for _frame in option("frames").to_int():
		for node in _nodes:
			node.head_y = sin(Time.get_ticks_msec() / 300.0)
		await process_frame


func _until_shown() -> void:
	for node in _nodes:
		await picture(node)


func _enter(character: AnimeCharacter) -> void:
	var node := new_character(character)
	node.view = AnimatedAnimeCharacter.View.HEAD
	node.position = Vector2(200 + 300 * _nodes.size(), 300)
	_nodes.append(node)
	root.add_child(node)


# The first picture of any kind costs the renderer a shader, and a software renderer a slow first drawing.
func _enter_still_picture() -> void:
	var still := Image.create(256, 256, false, Image.FORMAT_RGBA8)
	still.fill(Color(1.0, 0.8, 0.7, 0.5))
	var sprite := Sprite2D.new()
	sprite.texture = ImageTexture.create_from_image(still)
	sprite.position = Vector2(200, 300)
	root.add_child(sprite)


func _change(cast: Array[AnimeCharacter]) -> void:
	for node in _nodes:
		node.queue_free()
	_nodes.clear()
	for character in cast:
		_enter(character)


func _fail() -> void:
	for node in _nodes:
		node.failed.disconnect(_give_up)
		if option("engine") == "bridge":
			OS.kill(option("bridge").to_int())
		else:
			var relay: SourceRelay = node.get(&"_source")
			var playing: PictureSource = relay.get(&"_current")
			playing.gave_up.emit("the measurement ends it.")
