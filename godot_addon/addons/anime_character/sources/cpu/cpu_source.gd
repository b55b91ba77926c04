@tool
extends "../picture_source.gd"
## The picture source that computes on the processor: the native library, inside the game.
##
## It draws on threads of its own, of low priority, which all characters share. A wish that has not been begun gives way
## to a newer one.
##
## The larger drawing is in memory only while larger pictures are asked for: another renderer is made then, and takes
## the place of the one at work when it is ready.

const CharacterFile := preload("../../character/character_file.gd")
const CharacterNetworks := preload("../character_networks.gd")
const NetworksReading := preload("../networks_reading.gd")
const Settings := preload("../../settings.gd")

## The class that the library brings.
const LIBRARY_CLASS := &"AnimeCharacterEngine"
const _NAME := "native"
const _PICTURE := CharacterNetworks.PICTURE

var _character: AnimeCharacter
var _reading: NetworksReading
# An AnimeCharacterEngine, whose class is not known where the library is missing.
var _library: RefCounted
# Whether it has the larger drawing; and the one that is to take its place, as soon as its character is read.
var _has_drawing := false
var _next: RefCounted
var _next_has_drawing := false
var _is_next_refused := false
# Those that have been asked for and may still come, the oldest first.
var _wishes: Array[Picture] = []
var _asked_number := -1
var _last: Image


## Why this source cannot be had on this machine, as a sentence; empty when it can.
static func why_not() -> String:
	if ClassDB.class_exists(LIBRARY_CLASS):
		return ""
	return (
		(
			"the addon's library for the processor is not part of this copy for %s; take the addon's package, or build it"
			+ " with tools/build_binaries.py."
		)
		% OS.get_name()
	)


## [param character]: one with a [member AnimeCharacter.file], after [method why_not] had nothing to say.
## [param networks]: its networks, where they have been read already.
func _init(character: AnimeCharacter, networks: CharacterNetworks = null) -> void:
	_character = character
	_library = ClassDB.instantiate(LIBRARY_CLASS)
	_reading = NetworksReading.of(networks) if networks else NetworksReading.begin(character.file)


func poll() -> void:
	if _library == null:
		return
	if _reading and _reading.networks:
		_open(_next if _next else _library)
	if _library == null:
		return
	if _next:
		_look_at_next()
	var pixels: PackedByteArray = _library.call(&"take")
	if not pixels.is_empty():
		_bring(pixels)
		return
	var problem: String = _library.call(&"problem")
	if not problem.is_empty():
		_give_up("the processor cannot play %s: %s" % [_character.describe(), problem])
	elif engine.is_empty() and _library.call(&"is_ready"):
		engine = _NAME
		connected.emit()


func may_ask(number: int) -> bool:
	if engine.is_empty() or _asked_number == number:
		return false
	# Without a wish it draws nothing.
	return (_wishes.is_empty() or not _library.call(&"is_drawing")) and (_next == null or not _is_next_ready())


func ask(number: int, pose: PackedFloat32Array, region: Rect2i, scale: float) -> void:
	var wants_drawing := scale > 1.0 and _character.drawing_size > _PICTURE
	if wants_drawing != _has_drawing and _next == null and not _is_next_refused:
		_next = ClassDB.instantiate(LIBRARY_CLASS)
		_next_has_drawing = wants_drawing
		_reading = NetworksReading.begin(_character.file, wants_drawing)
	var wish := Picture.new()
	if wants_drawing and not _has_drawing:
		scale = 1.0
		wish.is_preliminary = not _is_next_refused
	wish.number = number
	wish.region = region
	wish.size = scaled_size(region, scale)
	wish.asked_usec = Time.get_ticks_usec()
	var problem: String = _library.call(&"ask", number, pose, region, wish.size)
	if problem.is_empty():
		_asked_number = number
		_wishes.append(wish)
	else:
		_give_up("the processor cannot draw %s: %s" % [_character.describe(), problem])


func read_back() -> Image:
	return _last


func close() -> void:
	for library: RefCounted in [_library, _next]:
		if library:
			library.call(&"close")
	_library = null
	_next = null
	_reading = null
	_wishes.clear()
	engine = ""


# Whether the next library waits for the one at work to be done.
func _is_next_ready() -> bool:
	return _next != null and _reading == null and _next.call(&"is_ready")


func _look_at_next() -> void:
	var problem: String = _next.call(&"problem")
	if not problem.is_empty():
		_next = null
		_is_next_refused = true
		_asked_number = -1
		failed.emit("the processor cannot draw %s larger: %s" % [_character.describe(), problem])
	elif _is_next_ready() and _wishes.is_empty():
		_library.call(&"close")
		_library = _next
		_has_drawing = _next_has_drawing
		_next = null
		if _has_drawing:
			# What was asked for can be had larger now.
			_asked_number = -1


# Gives a library what has been read.
func _open(library: RefCounted) -> void:
	var networks := _reading.networks
	var drawing := _reading.drawing
	_reading = null
	if not networks.error.is_empty():
		var problem := CharacterFile.sentence(_character.describe(), networks.error)
		_give_up("the processor cannot play %s" % problem)
		return
	var parts: Array[Array] = [networks.face, networks.body, networks.heads]
	for part in parts.size():
		for layer: CharacterNetworks.Layer in parts[part]:
			library.call(&"add_layer", part, layer.inputs, layer.outputs, layer.weight, layer.bias)
	if not drawing.is_empty():
		library.call(&"add_drawing", drawing)
	library.call(&"open", networks.levels, networks.picture, networks.tiles, Settings.cpu_threads())


# What the library has drawn.
func _bring(pixels: PackedByteArray) -> void:
	var picture: Picture = _wishes.pop_front()
	if not _wishes.is_empty():
		# Those before it will not come any more.
		var number: int = _library.call(&"taken_number")
		while picture.number != number and not _wishes.is_empty():
			picture = _wishes.pop_front()
	picture.image = Image.create_from_data(picture.size.x, picture.size.y, false, Image.FORMAT_RGBA8, pixels)
	picture.latency_ms = (Time.get_ticks_usec() - picture.asked_usec) / 1000.0
	picture.render_ms = _library.call(&"taken_milliseconds")
	_last = picture.image
	picture_arrived.emit(picture)


func _give_up(message: String) -> void:
	close()
	gave_up.emit(message)
