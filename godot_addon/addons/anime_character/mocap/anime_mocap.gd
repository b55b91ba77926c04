@tool
@icon("../icon.svg")
class_name AnimeMocap
extends "../life/pose_source.gd"
## Lets its parent character follow a tracked face, sent over UDP by the iFacialMocap app or by a VMC performer.
##
## The face takes the place of the base pose, except for the breath; expressions, blinks and overrides stay above it.
## Without news for [member timeout] the character goes back to its base pose. Datagrams that cannot be read are counted
## in [member ignored] and otherwise passed over.

## The first datagram of a face has come, or the first after a time without.
signal tracking_started
## Nothing has come for [member timeout].
signal tracking_lost

## Who sends.
enum Protocol {
	IFACIALMOCAP,  ## The iFacialMocap app, version 2 of its protocol.
	VMC,  ## A program that sends VMC: OSC messages of blendshapes and bones.
}

const FaceCoefficients := preload("face_coefficients.gd")
const IFacialMocap := preload("ifacialmocap.gd")
const Vmc := preload("vmc.gd")

const _MAX_DATAGRAMS := 256
const _MAX_BYTES_A_FRAME := 1 << 18
# How often a device is asked to send while it does not.
const _ASK_EVERY_S := 2.0

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
## The address to listen on; [code]*[/code] is all of this computer's.
@export var bind_address: String = "*":
	set(value):
		bind_address = value
		_reopen()
## The device's IP address. With it the iFacialMocap app is asked to send, and what others send is passed over. Empty:
## whoever sends is listened to.
@export var device_address: String = ""
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


## Takes what has come and goes on by [param delta] seconds.
func advance(delta: float) -> void:
	if _socket == null:
		return
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
		tracking_lost.emit()
	_show(delta)


## Whether a face comes at present.
func is_tracking() -> bool:
	return _silence <= timeout


## The port that is listened on; 0 while none is.
func get_listening_port() -> int:
	return _socket.get_local_port() if _socket else 0


## Takes the face that is tracked now as the neutral one: its head turn is straight ahead, its coefficients are rest.
func calibrate() -> void:
	_neutral = _face.copy()


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
	if not is_inside_tree() or Engine.is_editor_hint():
		return
	var wanted := port if port > 0 else (IFacialMocap.PORT if protocol == Protocol.IFACIALMOCAP else Vmc.PORT)
	var socket := PacketPeerUDP.new()
	var error := socket.bind(wanted, bind_address)
	if error != OK:
		push_warning(
			(
				"%s: cannot listen on UDP port %d of %s (%s); end the program that does, or choose another port."
				% [name, wanted, bind_address, error_string(error)]
			)
		)
		return
	_socket = socket
	_vmc = Vmc.new()


func _close() -> void:
	if _socket:
		_socket.close()
	_socket = null
	_silence = INF
	_since_asked = INF


func _ask_device(delta: float) -> void:
	_since_asked += delta
	if protocol != Protocol.IFACIALMOCAP or device_address.is_empty():
		return
	if is_tracking() or _since_asked < _ASK_EVERY_S:
		return
	_since_asked = 0.0
	if device_address.is_valid_ip_address() and _socket.set_dest_address(device_address, IFacialMocap.PORT) == OK:
		_socket.put_packet(IFacialMocap.START.to_ascii_buffer())


# Whether there was a face among what has come. Little enough is read at once for a flood not to stop the game.
func _read_datagrams() -> bool:
	var datagrams: Array[PackedByteArray] = []
	var bytes := 0
	for _number in _MAX_DATAGRAMS:
		if _socket.get_available_packet_count() == 0 or bytes > _MAX_BYTES_A_FRAME:
			break
		var datagram := _socket.get_packet()
		bytes += datagram.size()
		if device_address.is_empty() or _socket.get_packet_ip() == device_address:
			datagrams.append(datagram)
	if protocol == Protocol.VMC:
		return _read_vmc(datagrams)
	# Each holds the whole face, so the newest that can be read is enough.
	datagrams.reverse()
	for datagram in datagrams:
		var problem := IFacialMocap.read(datagram, _face)
		if problem.is_empty():
			received += 1
			return true
		_ignore(problem)
	return false


func _read_vmc(datagrams: Array[PackedByteArray]) -> bool:
	var any := false
	for datagram in datagrams:
		var problem := _vmc.read(datagram)
		if problem.is_empty():
			received += 1
			any = true
		else:
			_ignore(problem)
	if any:
		_face = _vmc.face.copy()
	return any


func _ignore(problem: String) -> void:
	ignored += 1
	last_problem = problem
	if ignored == 1:
		push_warning(
			(
				"%s: a datagram that is no face was ignored: %s Is the right protocol chosen? More are only counted."
				% [name, problem]
			)
		)


func _map() -> PackedFloat32Array:
	var used := mapping if mapping else _standard_mapping
	var face := FaceCoefficients.new()
	for index in face.values.size():
		var rest := _neutral.values[index]
		face.values[index] = maxf(0.0, _face.values[index] - rest) / maxf(1.0 - rest, 0.01)
	face.head_degrees = _face.head_degrees
	var pose := used.map(face, _neutral.head_degrees)
	if protocol == Protocol.VMC and not _vmc.has_coefficients:
		for parameter in _vmc.parameters:
			for index in Parameters.indices_of(parameter):
				pose[index] = maxf(pose[index], _vmc.parameters[parameter])
	return pose


func _show(delta: float) -> void:
	var share := 1.0 if smoothing <= 0.0 else 1.0 - exp(-3.0 * delta / smoothing)
	var step := 1.0 if fade <= 0.0 else delta / fade
	_presence = move_toward(_presence, 1.0 if is_tracking() else 0.0, step)
	for index in _pose.size():
		if index != _breathing:
			_pose[index] = lerpf(_pose[index], _target[index], share)
			_layer.put(index, _pose[index], _presence)
