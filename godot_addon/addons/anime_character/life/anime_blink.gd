@tool
@icon("../icon.svg")
class_name AnimeBlink
extends "pose_source.gd"
## Lets its parent character blink: at natural intervals, now and then twice, closing fast and opening more slowly.
##
## Eyes that an expression has closed already do not blink.

## The eyes begin to close.
signal blinked

# Lids that are closed further than this need not blink; up to the first number they blink fully.
const _ALMOST_CLOSED := 0.5
const _CLOSED := 0.9
const _SHORTEST_INTERVAL := 0.2
const _CLOSING: PackedStringArray = ["eye_wink", "eye_happy_wink"]
# What would add up with a closed lid to something that no eye does.
const _YIELDING: PackedStringArray = [
	"eye_happy_wink", "eye_surprised", "eye_relaxed", "eye_unimpressed", "eye_raised_lower_eyelid"
]
# The right side of a parameter follows its left one.
const _SIDES := 2

## Mean time between two blinks. The intervals are log-normally distributed, as people's are.
@export_range(0.5, 20.0, 0.1, "suffix:s") var mean_interval: float = 4.0
## How much the intervals differ: the standard deviation of their logarithm. 0: all are the same.
@export_range(0.0, 1.5, 0.01) var spread: float = 0.5
## How many blinks are followed by another at once.
@export_range(0.0, 1.0, 0.01) var double_blinks: float = 0.12
## How long the lids take to close.
@export_range(0.01, 0.5, 0.01, "suffix:s") var close_time: float = 0.07
## How long they stay closed.
@export_range(0.0, 0.5, 0.01, "suffix:s") var closed_time: float = 0.04
## How long they take to open.
@export_range(0.01, 1.0, 0.01, "suffix:s") var open_time: float = 0.17
## How far the lids close: 1 is all the way.
@export_range(0.0, 1.0, 0.01) var depth: float = 1.0
## The same number gives the same blinks; 0 gives others each time.
@export var random_seed: int = 0:
	set(value):
		random_seed = value
		_random = _random_generator(value)
		_restart()

var _random := _random_generator(0)
var _blinking := false
# Seconds since the blink, or the waiting for one, began.
var _clock := 0.0
var _wait := 0.0
var _doubled := false
var _wink := _index("eye_wink_left")
var _closing := _left(_CLOSING)
var _yielding := _left(_YIELDING)


func _init() -> void:
	_restart()


## Goes on by [param delta] seconds.
func advance(delta: float) -> void:
	_clock += delta
	while true:
		if _blinking and _clock >= close_time + closed_time + open_time:
			_clock -= close_time + closed_time + open_time
			_blinking = false
			_wait = _next_wait()
		elif not _blinking and _clock >= _wait:
			_clock -= _wait
			_blinking = true
			blinked.emit()
		else:
			break
	_close_lids(get_closure())


## Blinks now, unless a blink is under way.
func blink() -> void:
	if not _blinking:
		_blinking = true
		_clock = 0.0
		blinked.emit()


## How far a blink has closed the lids at present: 0 to 1.
func get_closure() -> float:
	if not _blinking:
		return 0.0
	if _clock < close_time:
		return depth * smoothstep(0.0, 1.0, _clock / close_time)
	if _clock < close_time + closed_time:
		return depth
	# Fast at first, then ever more slowly.
	var opened := clampf((_clock - close_time - closed_time) / open_time, 0.0, 1.0)
	return depth * (1.0 - opened) * (1.0 - opened)


func _slot() -> PoseLayers.Slot:
	return PoseLayers.Slot.BLINK


func _restart() -> void:
	_blinking = false
	_doubled = false
	_clock = 0.0
	_wait = _interval()


func _next_wait() -> float:
	_doubled = not _doubled and _random.randf() < double_blinks
	return 0.06 if _doubled else _interval()


func _interval() -> float:
	# The mean of a log-normal distribution is exp(mu + sigma^2 / 2).
	var mu := log(mean_interval) - spread * spread / 2.0
	return maxf(_SHORTEST_INTERVAL, exp(_random.randfn(mu, spread)))


func _close_lids(closure: float) -> void:
	if _layer == null:
		return
	if closure <= 0.0:
		_layer.clear()
		return
	var pose := _character.get_pose_below(PoseLayers.Slot.BLINK)
	for side in _SIDES:
		var closed := 0.0
		for left in _closing:
			closed = maxf(closed, pose[left + side])
		var weight := closure * (1.0 - smoothstep(_ALMOST_CLOSED, _CLOSED, closed))
		_layer.put(_wink + side, 1.0, weight)
		for left in _yielding:
			_layer.put(left + side, 0.0, weight)


static func _left(groups: PackedStringArray) -> PackedInt32Array:
	var indices := PackedInt32Array()
	for group in groups:
		indices.append(_index(group + "_left"))
	return indices
