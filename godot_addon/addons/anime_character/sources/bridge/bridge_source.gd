@tool
extends "../picture_source.gd"
## The bridge as a picture source: one node's conversation with it. Loads its character, asks for frames, and starts
## again after every loss.
##
## It gives up on a bridge that it was to start and that cannot be started. When nobody else takes over it stays, and
## what hindered the bridge may be mended.

const BridgeConnection := preload("bridge_connection.gd")
const BridgeConnections := preload("bridge_connections.gd")
const BridgeWorker := preload("bridge_worker.gd")
const Settings := preload("../../settings.gd")

## How long a bridge may take to answer before its absence is reported.
const PATIENCE_MS := 2000
## How long a started bridge may take to be ready.
const START_PATIENCE_MS := 30000
const _RETRY_MS := 1000
const _LOAD_TIMEOUT_MS := 60000
const _RENDER_TIMEOUT_MS := 20000

var _character: AnimeCharacter
var _start_bridge := false
var _why_a_bridge := ""
var _connection: BridgeConnection
var _mailbox := 0
var _session := 0
var _draws_larger := false
var _handle := ""
var _load_request := 0
# The bridge asked for the file: it goes along with the next load, as soon as nobody else sends it.
var _file_is_wanted := false
var _is_sending := false
var _another_sends := false
var _render_request := 0
var _asked_ms := 0
var _asked_number := -1
var _quiet_until_ms := 0
var _given_up := false
var _last_image: Image
var _alone_since_ms := 0
var _reported: Dictionary[String, bool] = {}


## [param character]: one that is not empty. [param why_a_bridge]: why nothing else plays it, as a sentence; empty when
## a bridge is what is wanted.
func _init(character: AnimeCharacter, address: String, start_bridge: bool, why_a_bridge: String = "") -> void:
	_character = character
	_start_bridge = start_bridge
	_why_a_bridge = why_a_bridge
	_connection = BridgeConnections.join(address)
	_mailbox = _connection.open_mailbox()
	_alone_since_ms = Time.get_ticks_msec()


## Leaves the bridge.
func close() -> void:
	if _connection:
		_end_sending()
		_let_go()
		_connection.close_mailbox(_mailbox)
		BridgeConnections.leave(_connection)
		_connection = null


## Takes what has come and keeps the character loaded.
func poll() -> void:
	if _connection == null:
		return
	var delivery := _connection.take(_mailbox)
	if _session > 0 and delivery.session != _session or delivery.state == BridgeWorker.State.LOST:
		_drop_session()
	if delivery.state == BridgeWorker.State.LOST:
		_report_absence(delivery)
	elif delivery.state == BridgeWorker.State.CONNECTED:
		if _session == 0:
			_session = delivery.session
			engine = delivery.engine
			_draws_larger = delivery.draws_larger
			_reported.clear()
			if _connection.process:
				_connection.process.worked = true
			connected.emit()
		for answer in delivery.answers:
			_accept(answer)
		if _connection and delivery.frame and delivery.frame.request == _render_request:
			_render_request = 0
			picture_arrived.emit(_picture_of(delivery.frame))
		_load_if_needed()
	if _connection and _connection.process:
		_connection.process.poll()


## Whether a picture of this [param number] can be asked for: none is on its way, and it was not asked for before.
func may_ask(number: int) -> bool:
	var now := Time.get_ticks_msec()
	if _render_request != 0 and now - _asked_ms > _RENDER_TIMEOUT_MS:
		_render_request = 0
		_asked_number = -1
	return not _handle.is_empty() and _render_request == 0 and _asked_number != number and now >= _quiet_until_ms


## Asks for a picture, after [method may_ask].
func ask(number: int, pose: PackedFloat32Array, region: Rect2i, scale: float) -> void:
	if scale > 1.0 and not _draws_larger:
		scale = 1.0
		var old := "the bridge at %s is of a version that draws pictures of at most 512 pixels, which are shown enlarged;"
		_report((old + " update the bridge.") % _connection.address)
	_render_request = (
		_connection
		. send(
			_mailbox,
			{
				"type": "render",
				"character": _handle,
				"pose": pose.to_byte_array(),
				"region": [region.position.x, region.position.y, region.size.x, region.size.y],
				"scale": scale,
				"stream": _mailbox,
				"pose_number": number,
			}
		)
	)
	if _render_request != 0:
		_asked_number = number
		_asked_ms = Time.get_ticks_msec()


## The last picture that came.
func read_back() -> Image:
	return _last_image


func _picture_of(frame: BridgeWorker.Frame) -> Picture:
	var picture := Picture.new()
	picture.number = frame.pose_number
	picture.region = frame.region
	picture.image = frame.image
	picture.size = frame.image.get_size()
	picture.latency_ms = frame.latency_ms
	picture.render_ms = frame.render_ms
	_last_image = frame.image
	return picture


func _load_if_needed() -> void:
	if _connection == null:
		return
	var now := Time.get_ticks_msec()
	if _load_request != 0 and now - _asked_ms > _LOAD_TIMEOUT_MS:
		_load_request = 0
		_end_sending()
	if _handle.is_empty() and _load_request == 0 and not _given_up and now >= _quiet_until_ms:
		_load_request = _send_load()
		_asked_ms = now


# Asks the bridge to load the character; 0 when that has to wait.
func _send_load() -> int:
	if _character.file.is_empty():
		return _connection.send(_mailbox, {"type": "load", "path": _character.source})
	var header := {"type": "load", "sha256": _character.sha256}
	if not _file_is_wanted:
		return _connection.send(_mailbox, header)
	if not _connection.begin_sending(_session, _mailbox):
		# Another node sends a file, perhaps this one: the bridge is asked again when it has.
		_another_sends = true
		return 0
	if _another_sends:
		# It did: the bridge may well have this file now.
		_another_sends = false
		_file_is_wanted = false
		_connection.end_sending(_session, _mailbox)
		return _connection.send(_mailbox, header)
	_is_sending = true
	return _connection.send(_mailbox, header, [_character.file])


func _end_sending() -> void:
	if _is_sending:
		_connection.end_sending(_session, _mailbox)
	_is_sending = false


func _accept(answer: Dictionary) -> void:
	if _connection == null:
		return
	var id := BridgeWorker.int_in(answer, "id")
	var type := BridgeWorker.text_in(answer, "type")
	if id == _load_request:
		var had_sent := _is_sending
		_load_request = 0
		_file_is_wanted = false
		_end_sending()
		if type == "loaded":
			_handle = BridgeWorker.text_in(answer, "character")
			_connection.hold(_session, _handle)
		elif type == "error" and BridgeWorker.text_in(answer, "code") == "send_file" and not had_sent:
			_file_is_wanted = true
		elif type == "error":
			_accept_load_error(answer)
	elif id == _render_request:
		_render_request = 0
		_asked_number = -1
		if type == "error":
			_accept_render_error(answer)


func _accept_load_error(answer: Dictionary) -> void:
	# A full bridge may have room later; a bad file stays bad until somebody does something about it.
	_given_up = BridgeWorker.text_in(answer, "code") in ["bad_character", "path_not_allowed", "bad_field"]
	_quiet_until_ms = Time.get_ticks_msec() + _RETRY_MS
	_report("the bridge could not load %s: %s" % [_character.describe(), BridgeWorker.text_in(answer, "message")])


func _accept_render_error(answer: Dictionary) -> void:
	if BridgeWorker.text_in(answer, "code") == "unknown_character":
		_let_go()
		return
	_quiet_until_ms = Time.get_ticks_msec() + _RETRY_MS
	_report("the bridge could not render: %s" % BridgeWorker.text_in(answer, "message"))


func _report_absence(delivery: BridgeWorker.Delivery) -> void:
	if _connection == null:
		return
	if not delivery.absent:
		_report("the connection to the bridge at %s failed: %s" % [_connection.address, delivery.error])
		return
	var patience := PATIENCE_MS
	if _start_bridge:
		patience = START_PATIENCE_MS
		var failure := _connection.start_process(_roots())
		if not failure.is_empty():
			if _is_new(failure):
				gave_up.emit(failure)
			return
	if Time.get_ticks_msec() - _alone_since_ms > patience:
		var absence := (
			"no bridge at %s: %s Start one with `%s`, or turn on start_bridge."
			% [_connection.address, delivery.error, _start_command()]
		)
		_report(
			absence if _why_a_bridge.is_empty() else "%s A bridge would do, but there is %s" % [_why_a_bridge, absence]
		)


func _drop_session() -> void:
	var had := _session > 0
	if not _handle.is_empty():
		_connection.let_go(_session, _handle)
	_end_sending()
	_session = 0
	_handle = ""
	_load_request = 0
	_file_is_wanted = false
	_another_sends = false
	_render_request = 0
	_asked_number = -1
	_quiet_until_ms = 0
	_given_up = false
	engine = ""
	if had:
		_alone_since_ms = Time.get_ticks_msec()
		lost.emit()


func _let_go() -> void:
	if not _handle.is_empty() and _connection.let_go(_session, _handle):
		_connection.send(_mailbox, {"type": "unload", "character": _handle})
	_handle = ""


# How a person starts a bridge that can play the character.
func _start_command() -> String:
	if _character.file.is_empty():
		return "python -m bridge --root %s" % _character.source.get_base_dir()
	return "python -m bridge"


# What a started bridge may read: a character's directory. Files are sent to it.
func _roots() -> PackedStringArray:
	var roots := Settings.roots()
	for folder: String in [
		ProjectSettings.globalize_path("res://"), _character.source.get_base_dir(), _character.source
	]:
		if DirAccess.dir_exists_absolute(folder) and folder not in roots:
			roots.append(folder)
	return roots


func _report(message: String) -> void:
	if _is_new(message):
		failed.emit(message)


# Whether something has not been said yet; it counts as said from now on.
func _is_new(message: String) -> bool:
	var is_new := not _reported.has(message)
	_reported[message] = true
	return is_new
