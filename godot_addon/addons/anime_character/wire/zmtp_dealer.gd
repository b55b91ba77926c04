@tool
extends RefCounted
## A ZeroMQ DEALER socket with one connection, used by one thread, on which no call ever waits.
##
## [method poll] moves everything along; call it often. A peer that misbehaves ends in the state FAILED with one clear
## sentence in [member error].

enum State { CLOSED, RESOLVING, CONNECTING, GREETING, READY, FAILED }

const Zmtp := preload("zmtp.gd")

## How long connecting and the handshake may take together.
const OPEN_TIMEOUT_MS := 5000
const _PEER_TYPES: PackedStringArray = ["ROUTER", "DEALER", "REP"]
const _SEND_CHUNK := 1 << 18
const _MAX_UNREAD := 256

var state := State.CLOSED
var error := ""
## Whether the failure is just that nobody is there (any more).
var peer_gone := false
## Counts every byte that has come, so that an owner sees whether the peer is alive.
var bytes_received := 0

var _tcp := StreamPeerTCP.new()
var _decoder := Zmtp.Decoder.new()
var _host := ""
var _port := 0
var _identity := PackedByteArray()
var _resolving := IP.RESOLVER_INVALID_ID
var _opened_ms := 0
var _outgoing: Array[PackedByteArray] = []
var _sent_of_first := 0


## Host and port of [code]tcp://host:port[/code] as an array of two, or an empty array.
static func parse_address(address: String) -> Array:
	if not address.begins_with("tcp://"):
		return []
	var rest := address.trim_prefix("tcp://")
	var colon := rest.rfind(":")
	var host := rest.left(maxi(colon, 0)).trim_prefix("[").trim_suffix("]")
	var port := rest.substr(colon + 1)
	if host.is_empty() or not port.is_valid_int() or int(port) < 1 or int(port) > 65535:
		return []
	return [host, int(port)]


## Starts connecting to [param address], as [code]tcp://127.0.0.1:5747[/code].
func open(address: String, identity: PackedByteArray = PackedByteArray()) -> void:
	var target := parse_address(address)
	if target.is_empty():
		_fail("%s is not an address of the form tcp://host:port." % address)
		return
	_host = target[0]
	_port = target[1]
	_identity = identity
	_opened_ms = Time.get_ticks_msec()
	if _host.is_valid_ip_address():
		_connect_to(_host)
	else:
		# connect_to_host would wait for the name server; this does not.
		_resolving = IP.resolve_hostname_queue_item(_host, IP.TYPE_ANY)
		state = State.RESOLVING


## Reads and writes what can be read and written now.
func poll() -> void:
	match state:
		State.RESOLVING:
			_poll_resolver()
		State.CONNECTING:
			_poll_connecting()
		State.GREETING, State.READY:
			_receive()
			_flush()
	var opening := state == State.RESOLVING or state == State.CONNECTING or state == State.GREETING
	if opening and Time.get_ticks_msec() - _opened_ms > OPEN_TIMEOUT_MS:
		_fail("%s:%d did not answer within %.0f s." % [_host, _port, OPEN_TIMEOUT_MS / 1000.0], true)


## Sends a message of one part or more as soon as the peer takes it. False when there is no connection.
func send(parts: Array[PackedByteArray]) -> bool:
	if state != State.READY:
		return false
	for index in parts.size():
		var more := index + 1 < parts.size()
		_outgoing.append(Zmtp.part_header(parts[index].size(), more))
		if not parts[index].is_empty():
			_outgoing.append(parts[index])
	_flush()
	return state == State.READY


## The oldest message that has come, as an array of PackedByteArray; empty when there is none.
func receive() -> Array:
	return [] if _decoder.messages.is_empty() else _decoder.messages.pop_front()


func close() -> void:
	if _resolving != IP.RESOLVER_INVALID_ID:
		IP.erase_resolve_item(_resolving)
		_resolving = IP.RESOLVER_INVALID_ID
	_tcp.disconnect_from_host()
	_outgoing.clear()
	if state != State.FAILED:
		state = State.CLOSED


func _poll_resolver() -> void:
	var status := IP.get_resolve_item_status(_resolving)
	if status == IP.RESOLVER_STATUS_WAITING:
		return
	var found := IP.get_resolve_item_address(_resolving) if status == IP.RESOLVER_STATUS_DONE else ""
	IP.erase_resolve_item(_resolving)
	_resolving = IP.RESOLVER_INVALID_ID
	if found.is_empty():
		_fail("the host name %s is not known." % _host)
	else:
		_connect_to(found)


func _connect_to(ip: String) -> void:
	if _tcp.connect_to_host(ip, _port) == OK:
		state = State.CONNECTING
	else:
		_fail("nothing answers at %s:%d." % [_host, _port], true)


func _poll_connecting() -> void:
	_tcp.poll()
	match _tcp.get_status():
		StreamPeerTCP.STATUS_CONNECTED:
			_tcp.set_no_delay(true)
			state = State.GREETING
			_outgoing.append(Zmtp.greeting().slice(0, Zmtp.OPENING_SIZE))
			_flush()
		StreamPeerTCP.STATUS_ERROR, StreamPeerTCP.STATUS_NONE:
			_fail("nothing answers at %s:%d." % [_host, _port], true)


func _receive() -> void:
	_tcp.poll()
	# Reading is how a closed connection is noticed; asking it for more after that is an error of the engine's.
	while _decoder.messages.size() < _MAX_UNREAD and _tcp.get_status() == StreamPeerTCP.STATUS_CONNECTED:
		var size := mini(_decoder.wanted(), _tcp.get_available_bytes())
		if size <= 0:
			break
		var answer := _tcp.get_partial_data(size)
		var chunk: PackedByteArray = answer[1]
		if answer[0] != OK or chunk.is_empty():
			break
		bytes_received += chunk.size()
		var greeted := _decoder.greeted
		_decoder.accept(chunk)
		if _decoder.greeted and not greeted:
			_outgoing.append(Zmtp.greeting().slice(Zmtp.OPENING_SIZE))
			_outgoing.append(Zmtp.ready("DEALER", _identity))
		while state != State.FAILED and not _decoder.commands.is_empty():
			_obey(Zmtp.parse_command(_decoder.commands.pop_front()))
		if state == State.GREETING and not _decoder.messages.is_empty():
			_fail("the peer sent a message before the handshake was done.")
		if not _decoder.error.is_empty():
			_fail("%s:%d: %s" % [_host, _port, _decoder.error])
		if state == State.FAILED:
			return
	if _tcp.get_status() != StreamPeerTCP.STATUS_CONNECTED:
		_fail("%s:%d closed the connection." % [_host, _port], true)


func _obey(command: Zmtp.Command) -> void:
	if not command.error.is_empty():
		_fail(command.error)
	elif command.name == "PING":
		_outgoing.append(Zmtp.command("PONG", Zmtp.pong_data(command.data)))
	elif command.name == "ERROR":
		_fail("%s:%d refused the connection: %s" % [_host, _port, Zmtp.parse_error(command.data)])
	elif command.name == "READY" and state == State.GREETING:
		var properties := Zmtp.parse_properties(command.data)
		var type: String = properties.get("socket-type", PackedByteArray()).get_string_from_ascii()
		if type in _PEER_TYPES:
			state = State.READY
		else:
			_fail("%s:%d is a ZeroMQ %s socket, not the ROUTER of a bridge." % [_host, _port, type if type else "?"])
	elif state == State.GREETING:
		_fail("the peer sent the command %s instead of READY." % command.name)


func _flush() -> void:
	while not _outgoing.is_empty() and state != State.FAILED:
		var data := _outgoing[0]
		if _sent_of_first > 0 or data.size() > _SEND_CHUNK:
			data = data.slice(_sent_of_first, _sent_of_first + _SEND_CHUNK)
		var answer := _tcp.put_partial_data(data)
		if answer[0] != OK:
			_fail("%s:%d closed the connection." % [_host, _port], true)
			return
		_sent_of_first += int(answer[1])
		if _sent_of_first >= _outgoing[0].size():
			_outgoing.pop_front()
			_sent_of_first = 0
		if answer[1] < data.size():
			return


func _fail(message: String, gone: bool = false) -> void:
	if state != State.FAILED:
		peer_gone = gone
		error = message
		state = State.FAILED
		close()
