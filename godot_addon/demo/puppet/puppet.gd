extends Control
## A tracked face moves the character: from the iFacialMocap app, from a VMC performer, or made up.

const DemoOptions := preload("res://demo/shared/demo_options.gd")
const FaceCoefficients := preload("res://addons/anime_character/mocap/face_coefficients.gd")
const MadeUpFace := preload("res://demo/puppet/made_up_face.gd")

## What to do on the other side.
const _HELP: Dictionary[AnimeMocap.Protocol, String] = {
	AnimeMocap.Protocol.IFACIALMOCAP:
	"In the iFacialMocap app enter this computer's address below as the destination, or enter the phone's address here.",
	AnimeMocap.Protocol.VMC: "In the performer (VSeeFace, VMagicMirror, Waidayo ...) send VMC to the address below.",
}
# What is shown of the face that comes.
const _METERS: PackedStringArray = [
	"jawOpen", "mouthSmileLeft", "mouthFunnel", "eyeBlinkLeft", "eyeBlinkRight", "browInnerUp"
]
const _COUNT_FOR_MS := 1000

var _meters: Dictionary[String, ProgressBar] = {}
var _counted_ms := 0
var _counted := 0
var _per_second := 0.0
var _problem := ""

@onready var _character: AnimatedAnimeCharacter = %Character
@onready var _mocap: AnimeMocap = %Mocap
@onready var _face: MadeUpFace = %MadeUpFace
@onready var _port: SpinBox = %Port
@onready var _device: LineEdit = %Device


func _ready() -> void:
	_problem = DemoOptions.apply_to([_character])
	_character.failed.connect(func(message: String) -> void: _problem = message)
	_character.connected.connect(func() -> void: _problem = "")
	%Protocol.add_item("iFacialMocap", AnimeMocap.Protocol.IFACIALMOCAP)
	%Protocol.add_item("VMC", AnimeMocap.Protocol.VMC)
	%Protocol.item_selected.connect(listen_to)
	_port.value_changed.connect(_on_port_changed)
	_device.text_changed.connect(_on_device_changed)
	%Calibrate.pressed.connect(_mocap.calibrate)
	%Play.toggled.connect(_on_play_toggled)
	for coefficient in _METERS:
		_add_meter(coefficient)
	%Stage.resized.connect(_place_character)
	_place_character()
	listen_to(_mocap.protocol, _mocap.port)


func _process(_delta: float) -> void:
	_count_datagrams()
	%State.text = describe()
	%Problem.text = _problem
	%Problem.visible = not _problem.is_empty()
	%Calibrate.disabled = not _mocap.is_tracking()
	var face := _mocap.get_face()
	for coefficient in _meters:
		var value := face.values[FaceCoefficients.index_of(coefficient)]
		_meters[coefficient].value = value if _mocap.is_tracking() else 0.0


## Listens to another protocol; on its own port unless one is given.
func listen_to(protocol: AnimeMocap.Protocol, port: int = 0) -> void:
	_mocap.port = port
	_mocap.protocol = protocol
	%Protocol.select(protocol)
	_show_connection()


## Whether faces come, in a sentence.
func describe() -> String:
	var port := _mocap.get_listening_port()
	if port == 0:
		return "Another program listens on port %d: end it, or choose another port." % roundi(_port.value)
	if _mocap.is_tracking():
		return "Receiving: %d datagrams a second" % roundi(_per_second)
	if _mocap.ignored > 0:
		return "Waiting on UDP port %d. %d datagrams were no faces: %s" % [port, _mocap.ignored, _mocap.last_problem]
	return "Waiting for a face on UDP port %d" % port


func _count_datagrams() -> void:
	var elapsed := Time.get_ticks_msec() - _counted_ms
	if elapsed >= _COUNT_FOR_MS:
		_per_second = (_mocap.received - _counted) * 1000.0 / elapsed
		_counted = _mocap.received
		_counted_ms += elapsed


func _add_meter(coefficient: String) -> void:
	var label := Label.new()
	label.text = coefficient.capitalize()
	label.theme_type_variation = &"DemoQuiet"
	label.custom_minimum_size.x = 150.0
	var meter := ProgressBar.new()
	meter.max_value = 1.0
	meter.step = 0.001
	meter.show_percentage = false
	meter.custom_minimum_size.y = 10.0
	meter.size_flags_horizontal = SIZE_EXPAND_FILL
	meter.size_flags_vertical = SIZE_SHRINK_CENTER
	%Meters.add_child(label)
	%Meters.add_child(meter)
	_meters[coefficient] = meter


func _show_connection() -> void:
	var listening := _mocap.get_listening_port()
	if listening > 0:
		_port.set_value_no_signal(listening)
	_face.protocol = _mocap.protocol
	_face.port = listening
	%Help.text = _HELP[_mocap.protocol]
	%DeviceRow.visible = _mocap.protocol == AnimeMocap.Protocol.IFACIALMOCAP
	%Addresses.text = "\n".join(_own_addresses())


# The character is a 2D node, which containers do not place.
func _place_character() -> void:
	var room: Vector2 = %Stage.size
	var picture := float(AnimatedAnimeCharacter.PICTURE.size.y)
	var height := room.y * 1.5
	_character.scale = Vector2.ONE * height / picture
	_character.position = Vector2(room.x / 2.0, height * 0.5 - room.y * 0.14)


func _on_port_changed(port: float) -> void:
	_mocap.port = roundi(port)
	_show_connection()


func _on_device_changed(address: String) -> void:
	var usable := address.is_empty() or address.is_valid_ip_address()
	_mocap.device_address = address if usable else ""
	_problem = "" if usable else "%s is no IP address, as 192.168.1.20 is one." % address


func _on_play_toggled(on: bool) -> void:
	_face.playing = on
	%Play.text = "Stop the made-up face" if on else "Play a made-up face"


# Where a device in the same network finds this computer.
static func _own_addresses() -> PackedStringArray:
	var addresses := PackedStringArray()
	for address in IP.get_local_addresses():
		if not ":" in address and not address.begins_with("127."):
			addresses.append(address)
	return addresses if addresses else PackedStringArray(["127.0.0.1"])
