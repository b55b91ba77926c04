@tool
extends RefCounted
## What a character's two networks are, as [code]character.json[/code] describes them (docs/CHARACTER_FORMAT.md); the
## published ones where it says nothing. The description is not trusted.

## Edge of the face's grid, and of the body's finest one.
const FACE_GRID := 128
const PICTURE_GRID := 512
## Red, green, blue and alpha.
const FACE_CHANNELS := 4
## Two of a flow, one of a blend, four of a colour.
const BODY_CHANNELS := 7
const _MOST_LEVELS := 6
const _MOST_LAYERS := 16
const _MOST_CHANNELS := 512
## Of a whole picture, in billions.
const _MOST_MULTIPLY_ADDS := 64
const _KEYS: Array[String] = ["face", "body", "heads"]
# Far above all that may be.
const _MOST_NUMBER := 1e6


## A grid and the channels of the sine layers at each of its pixels.
class Level:
	extends RefCounted
	var grid := 0
	var widths := PackedInt32Array()

	func _init(edge: int, channels: PackedInt32Array) -> void:
		grid = edge
		widths = channels


var face := Level.new(FACE_GRID, [128, 128, 128, 128, 128, 128, 128, 128])
## Coarse to fine.
var body: Array[Level] = [Level.new(128, [360, 360, 180]), Level.new(256, [180, 180, 90]), Level.new(512, [90, 90, 90])]
## Whether each level of the body says what it adds, or the finest says all.
var is_summed := false
## Whether they are the published ones.
var is_published := true
## What is wrong with a description, without a full stop; empty when nothing is.
var error := ""


## Takes the description instead of the published networks; then [member error] is known.
func read(document: Variant) -> void:
	var published := signature()
	if not document is Dictionary:
		error = '"networks" must be an object with "face", "body" and "heads"'
		return
	var fields: Dictionary = document
	for key: String in fields:
		if not key in _KEYS:
			error = ('"networks" has an unknown entry "%s"; it takes face, body and heads' % key.left(40))
			return
	var faces := _levels_in(fields, "face")
	body = _levels_in(fields, "body")
	_check(faces, fields.get("heads"))
	if error.is_empty():
		face = faces[0]
		is_summed = fields["heads"] == "summed"
		_check_work()
	is_published = error.is_empty() and signature() == published


## How many tensors each network has.
func face_tensors() -> int:
	return 2 * (face.widths.size() + 1)


func body_tensors() -> int:
	var layers := body.size() if is_summed else 1
	for level in body:
		layers += level.widths.size()
	return 2 * layers


## The same for equal networks alone, as in Python.
func signature() -> String:
	var levels := PackedStringArray()
	for level: Level in [face] + body:
		levels.append("%d:%s" % [level.grid, ",".join(Array(level.widths).map(str))])
	return "%s %s" % [" ".join(levels), "summed" if is_summed else "sines"]


func _check(faces: Array[Level], heads: Variant) -> void:
	if not error.is_empty():
		return
	if faces.size() != 1 or faces[0].grid != FACE_GRID:
		error = '"networks": "face" must have one level, of grid %d' % FACE_GRID
	elif not _are_grids():
		error = (
			'"networks": "body" must have 1 to %d levels, each of twice the grid of the one before, the last of grid %d'
			% [_MOST_LEVELS, PICTURE_GRID]
		)
	elif not (faces + body).all(_has_widths):
		error = ('"networks": a level must have 1 to %d widths of 1 to %d channels' % [_MOST_LAYERS, _MOST_CHANNELS])
	elif not heads is String or not heads in ["sines", "summed"]:
		error = '"networks": "heads" must be "sines" or "summed"'


func _are_grids() -> bool:
	var grid := PICTURE_GRID
	for index in range(body.size() - 1, -1, -1):
		if body[index].grid != grid:
			return false
		grid >>= 1
	return body.size() >= 1 and body.size() <= _MOST_LEVELS


func _check_work() -> void:
	var work := _work_of(face, FACE_CHANNELS)
	for index in body.size():
		var outputs := BODY_CHANNELS
		if index + 1 < body.size():
			outputs = body[index + 1].widths[0] + (BODY_CHANNELS if is_summed else 0)
		work += _work_of(body[index], outputs)
	if work > _MOST_MULTIPLY_ADDS * 1e9:
		error = (
			'"networks" take %.0f billion multiply-adds a picture, but at most %d are drawn; make them narrower'
			% [work / 1e9, _MOST_MULTIPLY_ADDS]
		)


func _levels_in(fields: Dictionary, network: String) -> Array[Level]:
	var levels: Array[Level] = []
	var listed: Variant = fields.get(network)
	var is_good := listed is Array
	for entry: Variant in listed if is_good else []:
		is_good = is_good and _is_level(entry)
		if is_good:
			var widths := PackedInt32Array()
			for width: float in entry["widths"]:
				widths.append(_number(width))
			levels.append(Level.new(_number(entry["grid"]), widths))
	if not is_good and error.is_empty():
		error = ('"networks": "%s" must be a list of levels such as {"grid": 128, "widths": [64, 64]}' % network)
	return levels


static func _is_level(value: Variant) -> bool:
	if not value is Dictionary:
		return false
	var level: Dictionary = value
	if level.size() != 2 or not level.has("grid") or not level.get("widths") is Array:
		return false
	return _is_whole(level["grid"]) and (level["widths"] as Array).all(_is_whole)


static func _is_whole(value: Variant) -> bool:
	return value is float and is_finite(value) and value == floorf(value)


static func _number(value: float) -> int:
	return int(clampf(value, -_MOST_NUMBER, _MOST_NUMBER))


static func _has_widths(level: Level) -> bool:
	for width in level.widths:
		if width < 1 or width > _MOST_CHANNELS:
			return false
	return level.widths.size() >= 1 and level.widths.size() <= _MOST_LAYERS


# Multiply-adds of a level's layers after the first, and of its linear maps.
static func _work_of(level: Level, outputs: int) -> int:
	var work := level.widths[-1] * outputs
	for index in range(1, level.widths.size()):
		work += level.widths[index - 1] * level.widths[index]
	return work * level.grid * level.grid
