extends Node
## Times what the main thread does for the nodes of a scene: from the first node's _process of a frame to the last
## one's, and then the calls that they deferred. Drawing comes after that and is not in it.

## Milliseconds of every frame since [method begin].
var milliseconds: Array[float] = []
## Milliseconds from each frame's beginning to the next one's since [method begin]: all that the main loop did, drawing
## and waiting for the next frame's time as well.
var whole: Array[float] = []
## Called at the beginning of every frame, and timed with it: what a game's own script does to the character.
var action := Callable()

var _begun_usec := 0
# Not of a frame that began before [method begin].
var _counts_whole := false
var _last := _Last.new()


class _Last:
	extends Node
	var ended := Callable()

	func _process(_delta: float) -> void:
		# Behind all calls that the nodes have deferred.
		ended.call_deferred()


func _init() -> void:
	process_priority = -1_000_000
	_last.process_priority = 1_000_000
	_last.ended = _end
	add_child(_last)


func _process(_delta: float) -> void:
	var now := Time.get_ticks_usec()
	if _counts_whole:
		whole.append((now - _begun_usec) / 1000.0)
	_counts_whole = true
	_begun_usec = now
	if action.is_valid():
		action.call()


## Forgets what was measured.
func begin() -> void:
	milliseconds.clear()
	whole.clear()
	_counts_whole = false


func _end() -> void:
	milliseconds.append((Time.get_ticks_usec() - _begun_usec) / 1000.0)
