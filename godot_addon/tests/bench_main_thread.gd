extends "bench_scene.gd"
## Measures what a character costs the game's main thread in a scene of 60 frames a second, for tools/bench.py:
## [code]-- --character=PATH --engine=NAME --address=ADDRESS --frames=N[/code].

const FrameClock := preload("frame_clock.gd")
const ShownPicture := preload("res://addons/anime_character/shown_picture.gd")
const ShownTexture := preload("res://addons/anime_character/sources/shown_texture.gd")

const _LIMIT_MS := 30_000
const _SAVED := "user://character.res"

var _clock := FrameClock.new()
var _pictures := 0
var _texture := TimedTexture.new()


# Times the renderer's share: a picture in memory given to the texture.
class TimedTexture:
	extends ShownTexture
	var milliseconds := 0.0

	func show_image(image: Image, counts_as: Vector2i = Vector2i.ZERO) -> void:
		var begun := Time.get_ticks_usec()
		super(image, counts_as)
		milliseconds = (Time.get_ticks_usec() - begun) / 1000.0


func measure() -> void:
	root.add_child(_clock)
	await _measure_nothing()
	var node := await _measure_loading()
	for view: AnimatedAnimeCharacter.View in [AnimatedAnimeCharacter.View.FULL_BODY, AnimatedAnimeCharacter.View.HEAD]:
		node.view = view
		await picture(node)
		var what := "head view" if view else "full picture"
		await _measure_frames(node, what)
		var living := add_life(node)
		await _measure_frames(node, what + ", with blink, breath, idle, look-at, lip-sync and spring")
		for child in living:
			child.free()


# What the measurement itself takes.
func _measure_nothing() -> void:
	_clock.begin()
	for _frame in option("frames").to_int():
		await process_frame
	tell("nothing but the clock", _clock.milliseconds)


# A character as an imported one is, loaded on a thread while the scene runs.
func _measure_loading() -> AnimatedAnimeCharacter:
	var begun := Time.get_ticks_usec()
	var read := AnimeCharacter.from_file(option("character"))
	tell("AnimeCharacter.from_file, when a game calls it", [(Time.get_ticks_usec() - begun) / 1000.0])
	ResourceSaver.save(read, _SAVED)
	begun = Time.get_ticks_usec()
	ResourceLoader.load(_SAVED, "", ResourceLoader.CACHE_MODE_IGNORE)
	tell("load() of an imported character, when a game calls it", [(Time.get_ticks_usec() - begun) / 1000.0])
	var node := new_character(null)
	(node.get(&"_picture") as ShownPicture).set(&"_shown_texture", _texture)
	node.position = Vector2(300, 300)
	node.frame_shown.connect(func() -> void: _pictures += 1)
	ResourceLoader.load_threaded_request(_SAVED)
	_clock.begin()
	_clock.action = func() -> void:
		if ResourceLoader.load_threaded_get_status(_SAVED) == ResourceLoader.THREAD_LOAD_LOADED:
			_clock.action = Callable()
			node.character = ResourceLoader.load_threaded_get(_SAVED)
			root.add_child(node)
	await node.frame_shown
	await process_frame
	tell("a character comes: loaded on a thread, shown, its first picture", _clock.milliseconds)
	return node


func _measure_frames(node: AnimatedAnimeCharacter, what: String) -> void:
	var with_picture: Array[float] = []
	var all: Array[float] = []
	var renderer: Array[float] = []
	var without_renderer: Array[float] = []
	var all_without_renderer: Array[float] = []
	var until_ms := Time.get_ticks_msec() + _LIMIT_MS
	_clock.action = func() -> void: node.head_y = sin(Time.get_ticks_msec() / 300.0)
	await process_frame
	while with_picture.size() < option("frames").to_int() and Time.get_ticks_msec() < until_ms:
		_clock.begin()
		var before := _pictures
		await process_frame
		if _clock.milliseconds.is_empty():
			continue
		var took := _clock.milliseconds[0]
		all.append(took)
		if _pictures > before:
			with_picture.append(took)
			renderer.append(_texture.milliseconds)
			took -= _texture.milliseconds
			without_renderer.append(took)
		all_without_renderer.append(took)
	_clock.action = Callable()
	tell("%s, frames with a new picture" % what, with_picture)
	tell("%s, all frames" % what, all)
	if option("engine") != "gpu":
		tell("%s, of a new picture's frame the renderer's copy into the texture" % what, renderer)
		tell("%s, frames with a new picture without that" % what, without_renderer)
		tell("%s, all frames without that" % what, all_without_renderer)
