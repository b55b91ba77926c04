@tool
extends Node
## The bridge of this project as the editor sees it: whether it answers, what it says of itself, and one of the
## editor's own that is started and stopped.
##
## Nothing is started, connected or asked unless [member watched] is on or a bridge of the editor's own runs.

## Something that is shown has changed.
signal changed

enum State {
	UNWATCHED,  ## Nobody wants to know.
	LOOKING,  ## Not known yet.
	REACHABLE,  ## It answers.
	ABSENT,  ## It does not.
}

const BridgeConnection := preload("../sources/bridge/bridge_connection.gd")
const BridgeConnections := preload("../sources/bridge/bridge_connections.gd")
const BridgeWorker := preload("../sources/bridge/bridge_worker.gd")
const OpenCharacters := preload("open_characters.gd")
const Settings := preload("../settings.gd")

const _TICK_SECONDS := 0.25
const _ASK_EVERY_MS := 1000
const _NOTABLE_SHARE := 0.25

## Whether somebody looks at the bridge.
var watched := false:
	set(value):
		watched = value
		_tick()
## Where the bridge is looked for.
var address := ""
var state := State.UNWATCHED
## When that state began, in seconds since 1970 (UTC).
var since := 0.0
## Why it is absent; empty otherwise.
var absence := ""
## Why the editor's own bridge could not be started, or has ended by itself; empty otherwise.
var failure := ""
## The bridge's own words: what it runs the networks with, and on.
var engine := ""
var device := ""
## The names of the characters that it hosts.
var characters := PackedStringArray()
## Pictures in the last second, of all clients.
var frames_per_second := 0.0
## Mean of its last pictures, in milliseconds; 0 before the first.
var frame_ms := 0.0
## From asking the bridge something to its answer, in milliseconds.
var latency_ms := 0.0
## The bridge's memory, in bytes; 0 where its system does not say.
var memory := 0
## What the editor's own bridge has written, also after its end.
var log_lines := PackedStringArray()

var _connection: BridgeConnection
var _mailbox := 0
var _session := 0
var _timer := Timer.new()
# Whether the running bridge was started by start().
var _is_own := false
var _asked_ms := 0
var _stats_request := 0
var _list_request := 0
var _frames := -1
var _counted_usec := 0


func _init() -> void:
	_timer.wait_time = _TICK_SECONDS
	_timer.timeout.connect(_tick)
	add_child(_timer)


func _exit_tree() -> void:
	stop()
	watched = false


## Starts a bridge for this project.
func start() -> void:
	failure = ""
	log_lines.clear()
	_is_own = true
	_join()
	_connection.forget_failure()
	failure = _connection.start_process(_roots())
	_is_own = failure.is_empty()
	_tick()
	changed.emit()


## Ends the bridge that was started.
func stop() -> void:
	if _connection and has_process():
		_connection.process.poll()
		log_lines = _connection.process.log_lines()
		_connection.stop_process()
	_is_own = false
	_tick()
	changed.emit()


## Whether a bridge runs that this editor started, by [method start] or for a node with [code]start_bridge[/code].
func has_process() -> bool:
	return _connection != null and _connection.process != null and _connection.process.pid >= 0


func _tick() -> void:
	var is_needed := is_inside_tree() and (watched or _is_own)
	if is_needed and (_connection == null or _connection.address != Settings.address()) and not _is_own:
		_leave()
	if is_needed:
		_join()
		_look_at_process()
		_look_at_connection()
	else:
		_leave()
	if is_needed and _timer.is_stopped():
		_timer.start()
	elif not is_needed:
		_timer.stop()


func _join() -> void:
	if _connection:
		return
	address = Settings.address()
	_connection = BridgeConnections.join(address)
	_mailbox = _connection.open_mailbox()
	_enter(State.LOOKING)


func _leave() -> void:
	if _connection == null:
		return
	_connection.close_mailbox(_mailbox)
	BridgeConnections.leave(_connection)
	_connection = null
	_session = 0
	_enter(State.UNWATCHED)


func _look_at_process() -> void:
	var process := _connection.process
	if process == null:
		return
	var ended := process.poll()
	var lines := process.log_lines()
	if lines != log_lines:
		log_lines = lines
		changed.emit()
	if _is_own and not ended.is_empty():
		_is_own = false
		# Another bridge was quicker; it serves as well.
		failure = "" if process.address_is_taken and state == State.REACHABLE else ended
		changed.emit()


func _look_at_connection() -> void:
	var delivery := _connection.take(_mailbox)
	if delivery.state == BridgeWorker.State.LOST:
		if state != State.ABSENT or absence != delivery.error:
			absence = delivery.error
			_enter(State.ABSENT, delivery.since)
	elif delivery.state == BridgeWorker.State.CONNECTED:
		if state != State.REACHABLE or delivery.session != _session:
			_session = delivery.session
			_welcome(delivery)
		for answer in delivery.answers:
			_accept(answer)
		if watched and Time.get_ticks_msec() - _asked_ms >= _ASK_EVERY_MS:
			_asked_ms = Time.get_ticks_msec()
			_stats_request = _connection.send(_mailbox, {"type": "stats"})
			_list_request = _connection.send(_mailbox, {"type": "list"})


func _welcome(delivery: BridgeWorker.Delivery) -> void:
	engine = delivery.engine
	device = delivery.device
	failure = ""
	_frames = -1
	_asked_ms = 0
	if _connection.process:
		_connection.process.worked = true
	_enter(State.REACHABLE, delivery.since)


func _accept(answer: Dictionary) -> void:
	var before := [characters, frames_per_second, frame_ms, latency_ms, memory]
	if BridgeWorker.int_in(answer, "id") == _stats_request:
		_accept_statistics(answer)
	elif BridgeWorker.int_in(answer, "id") == _list_request:
		characters = _names_in(answer)
	if before != [characters, frames_per_second, frame_ms, latency_ms, memory]:
		changed.emit()


func _accept_statistics(answer: Dictionary) -> void:
	var latency := BridgeWorker.float_in(answer, "latency_ms")
	# A number that flickered would have the editor drawn again each time.
	if absf(latency - latency_ms) > _NOTABLE_SHARE * latency_ms:
		latency_ms = latency
	frame_ms = BridgeWorker.float_in(answer, "render_ms_mean")
	memory = BridgeWorker.int_in(answer, "resident_bytes")
	var frames := BridgeWorker.int_in(answer, "frames")
	var now := Time.get_ticks_usec()
	frames_per_second = (frames - _frames) * 1e6 / (now - _counted_usec) if _frames >= 0 else 0.0
	_frames = frames
	_counted_usec = now


func _enter(new_state: State, when: float = Time.get_unix_time_from_system()) -> void:
	state = new_state
	since = when
	if state != State.ABSENT:
		absence = ""
	if state != State.REACHABLE:
		engine = ""
		device = ""
		characters = []
		frames_per_second = 0.0
		frame_ms = 0.0
		latency_ms = 0.0
		memory = 0
	changed.emit()


# What the editor's own bridge may read characters in.
static func _roots() -> PackedStringArray:
	var roots := Settings.roots()
	for folder: String in [ProjectSettings.globalize_path("res://")] + Array(OpenCharacters.folders()):
		if DirAccess.dir_exists_absolute(folder) and folder not in roots:
			roots.append(folder)
	return roots


static func _names_in(answer: Dictionary) -> PackedStringArray:
	var names := PackedStringArray()
	var described: Variant = answer.get("characters")
	if described is Array:
		for description: Variant in described:
			if description is Dictionary:
				var given := BridgeWorker.text_in(description, "name")
				names.append(given if not given.is_empty() else BridgeWorker.text_in(description, "character"))
	return names
