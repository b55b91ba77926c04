@tool
extends RefCounted
## The thread's side of a connection to a bridge: socket, handshake, reading, sending, pings and reconnecting.
##
## [method run] is the thread. All other public methods are called by the main thread; they hold the lock for as long
## as it takes to hand over a small structure.

enum State { CONNECTING, CONNECTED, LOST }

const Msgpack := preload("../../wire/msgpack.gd")
const ZmtpDealer := preload("../../wire/zmtp_dealer.gd")

const PROTOCOL_VERSION := 1
const CLIENT_NAME := "anime_character Godot addon 0.1.0"
const PING_INTERVAL_MS := 2000
## A bridge that was there until now, or is being started, is looked for so often at first; later ever more rarely.
const EAGER_RETRY_MS := 50
const EAGER_FOR_MS := 5000
const LAST_RETRY_MS := 2000
## The longest message header, the largest picture, and the largest scale of it that are read.
const MAX_HEADER := 1 << 20
const MAX_SIDE := 512
const MAX_SCALE := 4

const _BUSY_USEC := 200
const _IDLE_USEC := 2000
const _FORGET_MS := 60000
const _SLOWEST_BYTES_PER_MS := 128

## A bridge from which no byte comes for so long, while an answer is awaited, counts as hung.
static var silence_limit_ms := 10000


## A picture that a bridge rendered.
class Frame:
	extends RefCounted
	var request := 0
	var pose_number := 0
	## The rectangle shown, in pixels of the full picture.
	var region := Rect2i()
	var image: Image
	var queued_ms := 0.0
	var render_ms := 0.0
	## From asking to the last byte.
	var latency_ms := 0.0


## What one user of the connection is told: how things stand, and what has come since it last asked.
class Delivery:
	extends RefCounted
	var state := State.CONNECTING
	## When that state began, in seconds since 1970 (UTC).
	var since := 0.0
	## Counts the connections that came about: a new number means that the bridge has forgotten everything.
	var session := 0
	var error := ""
	## Whether the error is just that nobody is there (any more).
	var absent := false
	## What the bridge runs its networks with, and on, as it says: [code]native[/code], [code]cpu[/code].
	var engine := ""
	var device := ""
	## Whether it draws at scales of 2 and 4.
	var draws_larger := false
	## Each with [code]latency_ms[/code], from asking to its last byte.
	var answers: Array[Dictionary] = []
	var frame: Frame


class _Mailbox:
	extends RefCounted
	var answers: Array[Dictionary] = []
	var frame: Frame


class _Outgoing:
	extends RefCounted
	var header := {}
	## What follows the header: whole arrays, which are handed over and never copied.
	var parts: Array[PackedByteArray] = []


class _Pending:
	extends RefCounted
	var mailbox := 0
	var asked_usec := 0
	## Bytes of the parts that went along.
	var size := 0


var _address := ""
var _lock := Mutex.new()
# Guarded by the lock.
var _stopping := false
var _state := State.CONNECTING
var _since := Time.get_unix_time_from_system()
var _session := 0
var _error := ""
var _absent := false
var _engine := ""
var _device := ""
var _draws_larger := false
var _next_id := 1
var _next_mailbox := 1
var _mailboxes: Dictionary[int, _Mailbox] = {}
var _outbox: Array[_Outgoing] = []
var _pending: Dictionary[int, _Pending] = {}
# The thread's own.
var _hello_id := 0
var _heard_ms := 0
var _heard_bytes := 0
var _pinged_ms := 0


func _init(address: String) -> void:
	_address = address


## A place for one user's answers; its number is also the user's stream in the protocol.
func open_mailbox() -> int:
	_lock.lock()
	var number := _next_mailbox
	_next_mailbox += 1
	_mailboxes[number] = _Mailbox.new()
	_lock.unlock()
	return number


func close_mailbox(number: int) -> void:
	_lock.lock()
	_mailboxes.erase(number)
	_lock.unlock()


## Sends a request with the binary parts that belong to it, and gives the number that its answer will carry; 0 when
## there is no connection.
func send(mailbox: int, header: Dictionary, parts: Array[PackedByteArray] = []) -> int:
	_lock.lock()
	var id := 0
	if _state == State.CONNECTED:
		id = _enqueue(mailbox, header, parts)
	_lock.unlock()
	return id


## Empties a mailbox.
func take(number: int) -> Delivery:
	var delivery := Delivery.new()
	_lock.lock()
	delivery.state = _state
	delivery.since = _since
	delivery.session = _session
	delivery.error = _error
	delivery.absent = _absent
	delivery.engine = _engine
	delivery.device = _device
	delivery.draws_larger = _draws_larger
	var mailbox: _Mailbox = _mailboxes.get(number)
	if mailbox:
		delivery.frame = mailbox.frame
		mailbox.frame = null
		if not mailbox.answers.is_empty():
			delivery.answers = mailbox.answers
			mailbox.answers = []
	_lock.unlock()
	return delivery


## Asks the thread to end; it does within a few milliseconds.
func stop() -> void:
	_lock.lock()
	_stopping = true
	_lock.unlock()


## The thread: one connection after another until [method stop].
func run() -> void:
	var delay_ms := EAGER_RETRY_MS
	var alone_since := Time.get_ticks_msec()
	while not _is_stopping():
		var dealer := ZmtpDealer.new()
		var got_through := _converse(dealer)
		dealer.close()
		var now := Time.get_ticks_msec()
		if got_through:
			alone_since = now
		delay_ms = EAGER_RETRY_MS if now - alone_since < EAGER_FOR_MS else mini(delay_ms * 2, LAST_RETRY_MS)
		while not _is_stopping() and Time.get_ticks_msec() < now + delay_ms:
			OS.delay_usec(5000)


# One connection from beginning to end; whether the bridge welcomed us.
func _converse(dealer: ZmtpDealer) -> bool:
	_heard_ms = Time.get_ticks_msec()
	_heard_bytes = 0
	_hello_id = 0
	dealer.open(_address)
	while not _is_stopping():
		dealer.poll()
		if dealer.state == ZmtpDealer.State.READY and _hello_id == 0:
			_say_hello()
		var problem := _read(dealer)
		if problem.is_empty():
			problem = _write(dealer)
		if problem.is_empty() and dealer.state == ZmtpDealer.State.FAILED:
			problem = dealer.error
		if problem.is_empty():
			problem = _find_silence(dealer)
		if not problem.is_empty():
			return _lose(problem, dealer.peer_gone)
		OS.delay_usec(_BUSY_USEC if _is_busy(dealer) else _IDLE_USEC)
	if dealer.state == ZmtpDealer.State.READY:
		dealer.send([Msgpack.encode({"v": PROTOCOL_VERSION, "type": "bye", "id": 0}).bytes])
	return true


func _say_hello() -> void:
	_lock.lock()
	_hello_id = _enqueue(0, {"type": "hello", "client": CLIENT_NAME, "versions": [PROTOCOL_VERSION]})
	_lock.unlock()
	_pinged_ms = Time.get_ticks_msec()


# Reads what has come; gives what is wrong with it.
func _read(dealer: ZmtpDealer) -> String:
	while true:
		var parts := dealer.receive()
		if parts.is_empty():
			return ""
		var raw: PackedByteArray = parts[0]
		if raw.size() > MAX_HEADER:
			return "the bridge sent a header of %d bytes; at most %d are read." % [raw.size(), MAX_HEADER]
		var decoded := Msgpack.decode(raw)
		if not decoded.error.is_empty() or not decoded.value is Dictionary:
			var flaw: String = decoded.error if decoded.error else "it is no map."
			return "the bridge sent a message that is not of its protocol: %s" % flaw
		var problem := _accept(decoded.value, parts)
		if not problem.is_empty():
			return problem
	return ""


func _accept(header: Dictionary, parts: Array) -> String:
	var id := int_in(header, "id")
	var type := text_in(header, "type")
	if id == _hello_id:
		return _accept_welcome(header, type)
	_lock.lock()
	var pending: _Pending = _pending.get(id)
	_pending.erase(id)
	_lock.unlock()
	if pending == null:
		return ""
	var frame: Frame = null
	header["latency_ms"] = (Time.get_ticks_usec() - pending.asked_usec) / 1000.0
	if type == "frame":
		frame = _read_frame(header, parts)
		if frame:
			frame.latency_ms = header["latency_ms"]
		else:
			header["type"] = "error"
			header["code"] = "bad_frame"
			header["message"] = "the bridge sent a frame whose size, region or format makes no sense."
	_lock.lock()
	var mailbox: _Mailbox = _mailboxes.get(pending.mailbox)
	if mailbox and frame:
		mailbox.frame = frame
	elif mailbox:
		mailbox.answers.append(header)
	_lock.unlock()
	return ""


func _accept_welcome(header: Dictionary, type: String) -> String:
	if type == "error" and text_in(header, "code") != "version":
		return "the bridge refused us: %s" % text_in(header, "message")
	var versions: Variant = header.get("versions", [])
	if type != "welcome" or not versions is Array or PROTOCOL_VERSION not in (versions as Array):
		var reason := text_in(header, "message") if type == "error" else "it speaks %s" % [versions]
		return (
			"the bridge does not speak protocol version %d (%s); use addon and bridge of the same release."
			% [PROTOCOL_VERSION, reason]
		)
	_lock.lock()
	_pending.erase(_hello_id)
	_enter(State.CONNECTED)
	_session += 1
	_error = ""
	_absent = false
	_engine = text_in(header, "engine")
	_device = text_in(header, "device")
	var scales: Variant = header.get("scales")
	_draws_larger = scales is Array and 2 in (scales as Array) and 4 in (scales as Array)
	_lock.unlock()
	return ""


func _read_frame(header: Dictionary, parts: Array) -> Frame:
	var width := int_in(header, "width")
	var height := int_in(header, "height")
	var region := region_in(header, "region")
	if parts.size() < 2 or text_in(header, "format") != "rgba8" or not region.has_area():
		return null
	var pixels: PackedByteArray = parts[1]
	var is_too_large := width > MAX_SCALE * region.size.x or height > MAX_SCALE * region.size.y
	if mini(width, height) < 1 or is_too_large or pixels.size() != width * height * 4:
		return null
	var frame := Frame.new()
	frame.request = int_in(header, "id")
	frame.pose_number = int_in(header, "pose_number")
	frame.region = region
	frame.queued_ms = float_in(header, "queued_ms")
	frame.render_ms = float_in(header, "render_ms")
	frame.image = Image.create_from_data(width, height, false, Image.FORMAT_RGBA8, pixels)
	return frame


# Sends what waits, and a ping when one is due; gives what went wrong.
func _write(dealer: ZmtpDealer) -> String:
	if dealer.state != ZmtpDealer.State.READY:
		return ""
	var now := Time.get_ticks_msec()
	_lock.lock()
	if _state == State.CONNECTED and now - _pinged_ms >= PING_INTERVAL_MS:
		_pinged_ms = now
		_enqueue(0, {"type": "ping"})
		_forget_unanswered()
	var outgoing := _outbox
	_outbox = []
	_lock.unlock()
	for message in outgoing:
		var encoded := Msgpack.encode(message.header)
		if not encoded.error.is_empty():
			return "a %s request could not be written: %s" % [message.header["type"], encoded.error]
		var parts: Array[PackedByteArray] = [encoded.bytes]
		if not dealer.send(parts + message.parts):
			return dealer.error
	return ""


func _find_silence(dealer: ZmtpDealer) -> String:
	var now := Time.get_ticks_msec()
	_lock.lock()
	var waiting := not _pending.is_empty()
	var sent := 0
	for id in _pending:
		sent += _pending[id].size
	_lock.unlock()
	if dealer.bytes_received != _heard_bytes or not waiting:
		_heard_bytes = dealer.bytes_received
		_heard_ms = now
	# A bridge can answer nothing before a file is there, and it may be far away.
	if now - _heard_ms < silence_limit_ms + floori(sent / float(_SLOWEST_BYTES_PER_MS)):
		return ""
	return "the bridge has said nothing for %.0f s." % (silence_limit_ms / 1000.0)


# The connection is over. Gives whether it had come about.
func _lose(problem: String, absent: bool) -> bool:
	_lock.lock()
	var had := _state == State.CONNECTED
	_enter(State.LOST)
	_error = problem
	_absent = absent
	_outbox.clear()
	_pending.clear()
	for number in _mailboxes:
		_mailboxes[number].answers.clear()
	_lock.unlock()
	return had


# With the lock held.
func _enter(state: State) -> void:
	if state != _state:
		_state = state
		_since = Time.get_unix_time_from_system()


# With the lock held.
func _enqueue(mailbox: int, header: Dictionary, parts: Array[PackedByteArray] = []) -> int:
	var id := _next_id
	_next_id += 1
	header["v"] = PROTOCOL_VERSION
	header["id"] = id
	var message := _Outgoing.new()
	message.header = header
	message.parts = parts
	_outbox.append(message)
	if header["type"] != "bye":
		var pending := _Pending.new()
		pending.mailbox = mailbox
		pending.asked_usec = Time.get_ticks_usec()
		for part in parts:
			pending.size += part.size()
		_pending[id] = pending
	return id


# With the lock held. A bridge may drop answers that were read too slowly: those are not awaited for ever.
func _forget_unanswered() -> void:
	var oldest := Time.get_ticks_usec() - _FORGET_MS * 1000
	for id: int in _pending.keys():
		if _pending[id].asked_usec < oldest:
			_pending.erase(id)


func _is_stopping() -> bool:
	_lock.lock()
	var stopping := _stopping
	_lock.unlock()
	return stopping


func _is_busy(dealer: ZmtpDealer) -> bool:
	_lock.lock()
	var busy := not _pending.is_empty() or not _outbox.is_empty()
	_lock.unlock()
	return busy and dealer.state == ZmtpDealer.State.READY


## An integer of a message, or 0 when it is missing or something else.
static func int_in(header: Dictionary, key: String) -> int:
	var value: Variant = header.get(key)
	return value if value is int else 0


## A number of a message, or 0.
static func float_in(header: Dictionary, key: String) -> float:
	var value: Variant = header.get(key)
	return float(value) if value is float or value is int else 0.0


## A text of a message, or an empty one.
static func text_in(header: Dictionary, key: String) -> String:
	var value: Variant = header.get(key)
	return value if value is String else ""


## A map of a message, or an empty one.
static func map_in(header: Dictionary, key: String) -> Dictionary:
	var value: Variant = header.get(key)
	return value if value is Dictionary else {}


## A region inside the picture, or an empty one.
static func region_in(header: Dictionary, key: String) -> Rect2i:
	var value: Variant = header.get(key)
	if not value is Array or (value as Array).size() != 4:
		return Rect2i()
	for number: Variant in value:
		if not number is int or number < 0 or number > MAX_SIDE:
			return Rect2i()
	var region := Rect2i(value[0], value[1], value[2], value[3])
	return region if Rect2i(0, 0, MAX_SIDE, MAX_SIDE).encloses(region) else Rect2i()
