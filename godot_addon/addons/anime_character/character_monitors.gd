@tool
extends RefCounted
## One character's monitors, in the debugger's Monitors tab and for [method Performance.get_custom_monitor]: pictures a
## second, latency, and bytes a second.

## What the names of all monitors begin with; the debugger files them under it.
const CATEGORY := "Anime Character"
## What a character has, by the end of its name; [code]Hero latency (ms)[/code].
const PICTURES := "pictures per second"
const LATENCY := "latency (ms)"
const BYTES := "bytes per second"
const _WINDOW_MS := 1000

## The names under which they are registered; none while they are not.
var names := PackedStringArray()

# The character, not held alive by this.
var _character_id := 0
var _window_began_ms := 0
var _pictures := 0
var _bytes := 0
var _pictures_per_second := 0.0
var _bytes_per_second := 0.0


## Adds the monitors of [param character], as "Hero pictures per second"; a name that is taken gets a number. In the
## editor there are none.
func register(character: Node) -> void:
	if Engine.is_editor_hint():
		return
	unregister()
	_character_id = character.get_instance_id()
	_window_began_ms = Time.get_ticks_msec()
	var prefix := "%s/%s" % [CATEGORY, character.name]
	var number := 1
	while Performance.has_custom_monitor("%s %s" % [prefix, LATENCY]):
		number += 1
		prefix = "%s/%s (%d)" % [CATEGORY, character.name, number]
	var sources: Dictionary[String, Callable] = {
		PICTURES: get_pictures_per_second, LATENCY: get_latency_ms, BYTES: get_bytes_per_second
	}
	for what in sources:
		var monitor := "%s %s" % [prefix, what]
		Performance.add_custom_monitor(monitor, sources[what])
		names.append(monitor)


## Takes the monitors away.
func unregister() -> void:
	for monitor in names:
		Performance.remove_custom_monitor(monitor)
	names.clear()


## Counts a picture of so many bytes.
func count(bytes: int, now_ms: int = Time.get_ticks_msec()) -> void:
	_pictures += 1
	_bytes += bytes
	if now_ms - _window_began_ms >= _WINDOW_MS:
		_turn(now_ms)


## Pictures that came in the last full second.
func get_pictures_per_second(now_ms: int = Time.get_ticks_msec()) -> float:
	_turn(now_ms)
	return _pictures_per_second


## Bytes of pictures that came in the last full second.
func get_bytes_per_second(now_ms: int = Time.get_ticks_msec()) -> float:
	_turn(now_ms)
	return _bytes_per_second


## Milliseconds from asking for the last picture until it had come.
func get_latency_ms() -> float:
	var character := instance_from_id(_character_id)
	return character.get("latency_ms") if character else 0.0


# Closes the second that is counted when it is over.
func _turn(now_ms: int) -> void:
	var elapsed := now_ms - _window_began_ms
	if elapsed < _WINDOW_MS:
		return
	_pictures_per_second = _pictures * 1000.0 / elapsed
	_bytes_per_second = _bytes * 1000.0 / elapsed
	_window_began_ms = now_ms
	_pictures = 0
	_bytes = 0
