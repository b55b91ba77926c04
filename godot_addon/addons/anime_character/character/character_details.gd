@tool
extends RefCounted
## What [code]character.json[/code] and [code]expressions.json[/code] say of a character, checked. The bytes are not
## trusted.

const MAX_JSON := 1 << 20
const DEFAULT_HEAD_VIEW := Rect2i(160, 48, 192, 192)
const _PICTURE := Rect2i(0, 0, 512, 512)
const _FORMAT := "tha4-character"
## The newest version of the format that is read, the first that describes networks, and the first that may name a
## larger drawing.
const _VERSION := 3
const _NETWORKS_VERSION := 2
const _DRAWING_VERSION := 3
const _MAX_TEXT := 2000
const _MAX_EXPRESSIONS := 256
const _MAX_EXPRESSION_NAME := 64

const NetworkShapes := preload("network_shapes.gd")
const Credit := preload("credit.gd")
const LargerDrawing := preload("larger_drawing.gd")
const Parameters := preload("../anime_character_parameters.gd")
const Utf8 := preload("../wire/utf8.gd")

var name := ""
var author := ""
var licence := ""
var head_view := DEFAULT_HEAD_VIEW
var provenance := {}
var quality := {}
## Partial poses by name: each a dictionary of parameters' names and numbers.
var expressions := {}
## What the two networks are.
var networks := NetworkShapes.new()
## The edge of the larger drawing that is named, in pixels; 0 where none is.
var drawing_hd := 0
## What is wrong, as "character.json: ..." or the like, to be put after the file's name; empty when nothing is.
var error := ""


## Takes what a character file says of itself.
func read_description(json: PackedByteArray) -> void:
	var document: Variant = _parse(json, "character.json")
	if not error.is_empty():
		return
	if not document is Dictionary or (document as Dictionary).get("format") != _FORMAT:
		_fail('is not a character\'s description: "format" must be "%s"' % _FORMAT)
		return
	var fields: Dictionary = document
	var version: Variant = fields.get("version")
	if not _is_whole(version) or version < 1:
		_fail('"version" must be a whole number from 1')
	elif version > _VERSION:
		_fail("has format version %d, but this addon reads up to %d; update it" % [version, _VERSION])
	name = _text_in(fields, "name")
	author = _text_in(fields, "author")
	licence = _text_in(fields, "licence")
	provenance = _map_in(fields, "provenance")
	quality = _map_in(fields, "quality")
	var flaw := Credit.flaw(provenance)
	if not flaw.is_empty():
		_fail('"credits" of "provenance" %s' % flaw)
	head_view = _head_view_in(fields)
	if fields.has(LargerDrawing.KEY) and error.is_empty():
		_read_drawing_hd(fields[LargerDrawing.KEY], version)
	if fields.has("networks") and error.is_empty():
		_read_networks(fields["networks"], version)


## Takes the expressions of a character file.
func read_expressions(json: PackedByteArray) -> void:
	var document: Variant = _parse(json, "expressions.json")
	if not error.is_empty():
		return
	if not document is Dictionary or (document as Dictionary).size() > _MAX_EXPRESSIONS:
		_fail("must be an object of at most %d named partial poses" % _MAX_EXPRESSIONS, "expressions.json")
		return
	for expression: String in document:
		var flaw := _expression_flaw(expression, document[expression])
		if not flaw.is_empty():
			_fail('expression "%s": %s' % [expression.left(_MAX_EXPRESSION_NAME), flaw], "expressions.json")
			return
	expressions = document


func _parse(bytes: PackedByteArray, what: String) -> Variant:
	if bytes.size() > MAX_JSON:
		_fail("is larger than %d MiB; no character's is" % (MAX_JSON >> 20), what)
		return null
	var flaw := Utf8.flaw(bytes)
	if not flaw.is_empty():
		_fail(flaw, what)
		return null
	var json := JSON.new()
	if json.parse(bytes.get_string_from_utf8()) != OK:
		_fail("is not valid JSON (line %d: %s)" % [json.get_error_line() + 1, json.get_error_message()], what)
	return json.data


func _read_networks(description: Variant, version: int) -> void:
	if version < _NETWORKS_VERSION:
		_fail('"networks" needs "version" %d, and has version %d' % [_NETWORKS_VERSION, version])
		return
	networks.read(description)
	if not networks.error.is_empty():
		_fail(networks.error)


func _read_drawing_hd(edge: Variant, version: int) -> void:
	if version < _DRAWING_VERSION:
		_fail('"%s" needs "version" %d, and has version %d' % [LargerDrawing.KEY, _DRAWING_VERSION, version])
	elif not _is_whole(edge) or int(edge) not in LargerDrawing.SIDES:
		_fail('"%s" must be 1024 or 2048' % LargerDrawing.KEY)
	else:
		drawing_hd = int(edge)


func _text_in(fields: Dictionary, key: String) -> String:
	var value: Variant = fields.get(key, "")
	if value is String and (value as String).length() <= _MAX_TEXT:
		return value
	_fail('"%s" must be a text of at most %d characters' % [key, _MAX_TEXT])
	return ""


func _map_in(fields: Dictionary, key: String) -> Dictionary:
	var value: Variant = fields.get(key, {})
	if value is Dictionary:
		return value
	_fail('"%s" must be an object' % key)
	return {}


func _head_view_in(fields: Dictionary) -> Rect2i:
	if not fields.has("head_view"):
		return DEFAULT_HEAD_VIEW
	var numbers: Variant = fields["head_view"]
	if numbers is Array and (numbers as Array).size() == 4 and (numbers as Array).all(_is_place):
		var view := Rect2i(int(numbers[0]), int(numbers[1]), int(numbers[2]), int(numbers[3]))
		if view.has_area() and _PICTURE.encloses(view):
			return view
	_fail('"head_view" must be [x, y, width, height] in whole pixels inside the 512x512 picture')
	return DEFAULT_HEAD_VIEW


func _fail(problem: String, what: String = "character.json") -> void:
	if error.is_empty():
		error = "%s: %s" % [what, problem]


static func _expression_flaw(expression: String, values: Variant) -> String:
	if expression.is_empty() or expression.length() > _MAX_EXPRESSION_NAME:
		return "its name must have 1 to %d characters" % _MAX_EXPRESSION_NAME
	if not values is Dictionary:
		return "it must be an object of parameter names and numbers"
	for parameter: String in values:
		var value: Variant = values[parameter]
		if Parameters.indices_of(parameter).is_empty():
			return "there is no pose parameter named %s" % parameter.left(_MAX_EXPRESSION_NAME)
		if not (value is float or value is int) or not is_finite(float(value)):
			return "%s must be a finite number" % parameter
	return ""


static func _is_whole(value: Variant) -> bool:
	return value is int or value is float and is_finite(value) and value == floorf(value)


static func _is_place(value: Variant) -> bool:
	return _is_whole(value) and value >= 0 and value <= _PICTURE.size.x
