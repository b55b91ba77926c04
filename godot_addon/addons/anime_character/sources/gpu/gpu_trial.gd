@tool
extends RefCounted
## The first picture that a graphics card draws of a character at rest, against what the processor's library draws;
## where that cannot be had, against the character's own picture. A driver may draw nonsense without a word.

## What is drawn for it.
const REGION := Rect2i(160, 48, 192, 192)
# Peak signal to noise, dB. Both engines together are some 60 apart from the truth; the character's own picture is more
# than 30 from it, noise 8.
const _LEAST_LIKE_LIBRARY := 40.0
const _LEAST_LIKE_PICTURE := 14.0

const CharacterNetworks := preload("../character_networks.gd")
const CpuSource := preload("../cpu/cpu_source.gd")
const PictureSource := preload("../picture_source.gd")

## Whether it is known how it ended.
var is_over := false
## What is wrong, as the end of a sentence; empty when nothing is.
var flaw := ""

var _wanted: Image
var _least := _LEAST_LIKE_PICTURE
var _library: PictureSource
var _drawn: PackedByteArray
var _lock := Mutex.new()


## [param networks]: the character's.
func _init(character: AnimeCharacter, networks: CharacterNetworks) -> void:
	var side := CharacterNetworks.PICTURE
	_wanted = Image.create_from_data(side, side, false, Image.FORMAT_RGBA8, networks.picture).get_region(REGION)
	if CpuSource.why_not().is_empty():
		_library = CpuSource.new(character, networks)
		_library.picture_arrived.connect(_on_library_drew)
		_library.gave_up.connect(func(_message: String) -> void: _end_library())


## The pose that it is drawn in.
static func pose() -> PackedFloat32Array:
	var rest := PackedFloat32Array()
	rest.resize(CharacterNetworks.BODY_POSE)
	return rest


## What the graphics card has drawn: [constant REGION] at the top left of a picture of full size. From any thread.
func take(bytes: PackedByteArray) -> void:
	_lock.lock()
	_drawn = bytes
	_lock.unlock()


## Gets on with it; once a frame.
func poll() -> void:
	if _library:
		_library.poll()
	if _library and _library.may_ask(1):
		_library.ask(1, pose(), REGION, 1.0)
	_lock.lock()
	var bytes := _drawn
	_lock.unlock()
	if _library == null and not bytes.is_empty() and not is_over:
		is_over = true
		_compare(bytes)


## Ends it.
func close() -> void:
	is_over = true
	_end_library()


func _on_library_drew(picture: PictureSource.Picture) -> void:
	_wanted = picture.image
	_least = _LEAST_LIKE_LIBRARY
	_end_library()


func _end_library() -> void:
	if _library:
		_library.close()
	_library = null


func _compare(bytes: PackedByteArray) -> void:
	var side := CharacterNetworks.PICTURE
	var seen := Image.create_from_data(side, side, false, Image.FORMAT_RGBA8, bytes)
	seen = seen.get_region(Rect2i(Vector2i.ZERO, REGION.size))
	var wanted: Image = _wanted.duplicate()
	# Colours count as they are seen.
	seen.premultiply_alpha()
	wanted.premultiply_alpha()
	var likeness: float = seen.compute_image_metrics(wanted, false)["peak_snr"]
	if likeness < _least:
		flaw = "its picture at rest is %.0f dB like what it should be" % likeness
