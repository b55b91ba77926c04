@tool
extends "res://addons/anime_character/sources/picture_source.gd"
## A picture source that does what a test says. Its pictures are of one colour.

## Why it cannot be had; empty: it can.
static var reason := ""
## All that were made and are not closed yet, the newest last.
static var open: Array[RefCounted] = []

## What it says that it is.
var called := "fake"
var colour := Color.RED
## When set, pictures are on the graphics card: under this RID, which is none of a real device.
var device_texture := RID()
var asked := 0

var _number := 0
var _region := Rect2i()
var _last: Image


func _init(_character: AnimeCharacter) -> void:
	open.append(self)


static func why_not() -> String:
	return reason


func poll() -> void:
	if engine.is_empty():
		engine = called
		connected.emit()
	elif _number > asked:
		asked = _number
		var picture := Picture.new()
		picture.number = _number
		picture.region = _region
		picture.size = _region.size
		picture.latency_ms = 5.0
		picture.render_ms = 3.0
		_last = Image.create_empty(_region.size.x, _region.size.y, false, Image.FORMAT_RGBA8)
		_last.fill(colour)
		picture.device_texture = device_texture
		picture.image = null if device_texture.is_valid() else _last
		picture_arrived.emit(picture)


func may_ask(number: int) -> bool:
	return not engine.is_empty() and number > _number


func ask(number: int, _pose: PackedFloat32Array, region: Rect2i, _scale: float) -> void:
	_number = number
	_region = region


func read_back() -> Image:
	return _last


func close() -> void:
	open.erase(self)


## It can no longer.
func give_up(message: String) -> void:
	engine = ""
	gave_up.emit(message)
