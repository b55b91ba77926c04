@tool
@icon("../icon.svg")
class_name AnimeMocap
extends "../life/pose_source.gd"
## Lets its parent character follow a tracked face, sent over UDP by the iFacialMocap app or by a VMC performer.
##
## The face takes the place of the base pose, except for the breath; expressions, blinks and overrides stay above it.
## Without news for [member timeout] the character goes back to its base pose. Datagrams that cannot be read are counted
## in [member ignored] and passed over; what is not understood is said once for each kind, as a warning.

## The first datagram of a face has come, or the first after a time without.
signal tracking_started
## Nothing has come for [member timeout].
signal tracking_lost

## Who sends.
enum Protocol {
	IFACIALMOCAP,  ## The iFacialMocap app, versions 1 and 2 of its protocol.
	VMC,  ## A program that sends VMC: OSC messages of blendshapes and bones.
}

const DeviceAddress := preload("device_address.gd")
const FaceCoefficients := preload("face_coefficients.gd")
const IFacialMocap := preload("ifacialmocap.gd")
const Reading := preload("reading.gd")
const Remarks := preload("remarks.gd")
const Vmc := preload("vmc.gd")

const _MAX_DATAGRAMS := 256
const _MAX_BYTES_A_FRAME := 1 << 18
# How often a device is asked to send while it does not.
const _ASK_EVERY_S := 2.0
# How often a port that was taken is tried again.
const _LISTEN_EVERY_S := 3.0
const _PORT_IS_TAKEN := "port"

## Who sends.
@export var protocol: Protocol = Protocol.IFACIALMOCAP:
	set(value):
		protocol = value
		_reopen()
## The port to listen on; 0: the protocol's own (49983, 39539).
@export_range(0, 65535) var port: int = 0:
	set(value):
		port = value
		_reopen()
## The address of this computer to listen on; [code]*[/code] is all of them.
@export var bind_address: String = "*":
	set(value):
		bind_address = value
		_reopen()
## The device's IP address or host name, with a port or without. With it the iFacialMocap app is asked to send, and what
## others send is passed over. Empty: whoever sends is listened to.
@export var device_address: String = "":
	set(value):
		device_address = value
		_device = DeviceAddress.new(value)
		_since_asked = INF
		_remarks.forget("device")
		update_configuration_warnings()
## How a face becomes a pose; empty: the defaults of THA4's official front ends.
@export var mapping: AnimeFaceMapping
## How long the pose takes for most of its way to a new face; 0: it is there at once.
@export_range(0.0, 1.0, 0.005, "suffix:s") var smoothing: float = 0.04
## How long nothing may come before the character goes back to its base pose.
@export_range(0.1, 30.0, 0.1, "suffix:s") var timeout: float = 1.0
## How long it takes to take over from the base pose, and to go back to it.
@export_range(0.0, 5.0, 0.05, "suffix:s") var fade: float = 0.4

## How many datagrams could not be read. Read only.
var ignored := 0
## What was wrong with the last of them. Read only.
var last_problem := ""
## How many datagrams of a face have been read. Read only.
var received := 0

var _socket: PacketPeerUDP
var _since_tried := 0.0
var _device := DeviceAddress.new("")
var _remarks := Remarks.new()
var _face := FaceCoefficients.new()
var _vmc := Vmc.new()
var _neutral := FaceCoefficients.new()
var _target := PackedFloat32Array()
var _pose := PackedFloat32Array()
var _presence := 0.0
var _silence := INF
var _since_asked := INF
var _standard_mapping := AnimeFaceMapping.new()
var _breathing := _index("breathing")


func _enter_tree() -> void:
	super()
	_reopen()


func _exit_tree() -> void:
	_close()
	super()


func _get_configuration_warnings() -> PackedStringArray:
	var warnings := super()
	for problem: String in [_device.problem, _problem_of_bind_address()]:
		if not problem.is_empty():
			warnings.append(problem)
	return warnings


## Takes what has come and goes on by [param delta] seconds.
func advance(delta: float) -> void:
	_since_tried += delta
	if _socket == null and _since_tried >= _LISTEN_EVERY_S:
		_listen()
	if _socket:
		_follow(delta)
	for sentence in _remarks.due(delta):
		push_warning("%s: %s" % [name, sentence])


## Whether a face comes at present.
func is_tracking() -> bool:
	return _silence <= timeout


## The port that is listened on; 0 while none is.
func get_listening_port() -> int:
	return _socket.get_local_port() if _socket else 0


## Takes the face that is tracked now as the neutral one: its head turn is straight ahead, its coefficients are rest.
## While no face is tracked there is nothing to take, which a warning says.
func calibrate() -> void:
	if is_tracking():
		_neutral = _face.copy()
	else:
		push_warning("%s: no face is tracked at present that could be taken as the neutral one." % name)


## Takes back what [method calibrate] did.
func clear_calibration() -> void:
	_neutral = FaceCoefficients.new()


## Takes a head turn, in degrees as FaceCoefficients has them, as straight ahead; the face's coefficients stay as sent.
func calibrate_head(degrees: Vector3) -> void:
	_neutral = FaceCoefficients.new()
	_neutral.head_degrees = degrees


## The face as it was sent last, without calibration.
func get_face() -> FaceCoefficients:
	return _face.copy()


func _slot() -> PoseLayers.Slot:
	return PoseLayers.Slot.MOCAP


func _reopen() -> void:
	_close()
	_remarks = Remarks.new()
	update_configuration_warnings()
	if is_inside_tree() and not Engine.is_editor_hint():
		_listen()


func _listen() -> void:
	_since_tried = 0.0
	var problem := _problem_of_bind_address()
	if not problem.is_empty():
		_remarks.say("bind address", problem)
		return
	var wanted := port if port > 0 else (IFacialMocap.PORT if protocol == Protocol.IFACIALMOCAP else Vmc.PORT)
	var socket := PacketPeerUDP.new()
	var error := socket.bind(wanted, _own_address())
	if error != OK:
		_remarks.say(
			_PORT_IS_TAKEN,
			(
				"cannot listen on UDP port %d of %s (%s); end the program that does, or choose another port. %s"
				% [wanted, _own_address(), error_string(error), "It is tried again every few seconds."]
			)
		)
		return
	if _remarks.has_said(_PORT_IS_TAKEN):
		_remarks.forget(_PORT_IS_TAKEN)
		print("%s: listens on UDP port %d now." % [name, wanted])
	_socket = socket
	_vmc = Vmc.new()


func _close() -> void:
	if _socket:
		_socket.close()
	_socket = null
	_silence = INF
	_since_asked = INF


# The address to listen on, as the engine wants it.
func _own_address() -> String:
	var address := bind_address.strip_edges().trim_prefix("[").trim_suffix("]")
	if address.is_empty():
		return "*"
	return "127.0.0.1" if address.to_lower() == "localhost" else address


func _problem_of_bind_address() -> String:
	var address := _own_address()
	if address == "*":
		return ""
	if not address.is_valid_ip_address():
		return 'bind_address is "%s", which is no IP address; give one of this computer\'s, or *.' % address.left(80)
	var own := IP.resolve_hostname(address)
	var is_everywhere := own in ["0.0.0.0", "0:0:0:0:0:0:0:0"]
	if is_everywhere or own.begins_with("127.") or own in IP.get_local_addresses():
		return ""
	return "bind_address is %s, which is not this computer's; give one of %s, or *." % [address, _own_addresses()]


func _own_addresses() -> String:
	return ", ".join(Array(IP.get_local_addresses()).filter(func(own: String) -> bool: return "." in own))


func _follow(delta: float) -> void:
	_device.look_up(delta, not is_tracking())
	if not _device.problem.is_empty():
		_remarks.say("device", _device.problem)
	_ask_device(delta)
	_silence += delta
	if _read_datagrams():
		if _silence > timeout:
			tracking_started.emit()
		_silence = 0.0
		_target = _map()
		if _pose.is_empty():
			_pose = _target.duplicate()
	elif _silence > timeout and _silence - delta <= timeout:
		# Whoever comes next may send other things.
		_vmc = Vmc.new()
		tracking_lost.emit()
	_show(delta)


func _ask_device(delta: float) -> void:
	_since_asked += delta
	if protocol != Protocol.IFACIALMOCAP or is_tracking() or _since_asked < _ASK_EVERY_S:
		return
	var asked := _device.addresses.is_empty()
	for address in _device.addresses:
		# A socket of one kind of addresses cannot send to the other, and the engine would say so each time.
		if _own_address() != "*" and (":" in _own_address()) != (":" in address):
			continue
		_since_asked = 0.0
		_socket.set_dest_address(address, _device.port if _device.port > 0 else IFacialMocap.PORT)
		if _socket.put_packet(IFacialMocap.START.to_ascii_buffer()) == OK:
			asked = true
	if not asked:
		_remarks.say("ask", "%s cannot be asked to send; is this computer in its network?" % _device.host)


# Whether there was a face among what has come. Little enough is read at once for a flood not to stop the game.
func _read_datagrams() -> bool:
	var datagrams: Array[PackedByteArray] = []
	var bytes := 0
	for _number in _MAX_DATAGRAMS:
		if _socket.get_available_packet_count() == 0 or bytes > _MAX_BYTES_A_FRAME:
			break
		var datagram := _socket.get_packet()
		bytes += datagram.size()
		if _device.is_empty() or _socket.get_packet_ip() in _device.addresses:
			datagrams.append(datagram)
	if protocol == Protocol.VMC:
		return _read_vmc(datagrams)
	# Each holds the whole face, so the newest that can be read is enough.
	datagrams.reverse()
	for datagram in datagrams:
		if _count(IFacialMocap.read(datagram, _face)):
			return true
	return false


func _read_vmc(datagrams: Array[PackedByteArray]) -> bool:
	var any := false
	for datagram in datagrams:
		any = _count(_vmc.read(datagram)) or any
	if any:
		_face = _vmc.face.copy()
	return any


# Whether a datagram told something of a face.
func _count(reading: Reading) -> bool:
	_remarks.take(reading)
	if reading.has_face:
		received += 1
	elif not reading.problem.is_empty() or not reading.unknown.is_empty():
		ignored += 1
		last_problem = reading.problem
		if last_problem.is_empty():
			last_problem = "it holds only names that are not known: %s." % ", ".join(reading.unknown.slice(0, 8))
	return reading.has_face


func _map() -> PackedFloat32Array:
	var used := mapping if mapping else _standard_mapping
	var face := FaceCoefficients.new()
	for index in face.values.size():
		var rest := _neutral.values[index]
		face.values[index] = maxf(0.0, _face.values[index] - rest) / maxf(1.0 - rest, 0.01)
	face.head_degrees = _face.head_degrees
	var pose := used.map(face, _neutral.head_degrees)
	if protocol == Protocol.VMC:
		var counting := _vmc.counting_parameters()
		for parameter in counting:
			for index in Parameters.indices_of(parameter):
				pose[index] = maxf(pose[index], counting[parameter])
	return pose


func _show(delta: float) -> void:
	var share := 1.0 if smoothing <= 0.0 else 1.0 - exp(-3.0 * delta / smoothing)
	var step := 1.0 if fade <= 0.0 else delta / fade
	_presence = move_toward(_presence, 1.0 if is_tracking() else 0.0, step)
	for index in _pose.size():
		if index != _breathing:
			_pose[index] = lerpf(_pose[index], _target[index], share)
			_layer.put(index, _pose[index], _presence)
