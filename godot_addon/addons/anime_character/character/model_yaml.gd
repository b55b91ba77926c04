@tool
extends RefCounted
## Reads [code]character_model.yaml[/code] as the bridge does: settings in a plain part of YAML, without trust.
##
## One mapping, in block style or in [code]{braces}[/code]; keys and values are texts within one line, plain or quoted;
## comments. Plain numbers, switches and null are no texts. Lists, nested settings, anchors, tags, directives and texts
## of several lines are refused.

const MAX_BYTES := 4096
## The keys that such a file must have.
const KEYS: PackedStringArray = ["character_image_file_name", "face_morpher_file_name", "body_morpher_file_name"]

const _HELP := "it must have lines such as 'name: value'."
# No plain text begins with one of these.
const _INDICATORS := ",[]{}#&*!|>'\"%@`"
const _ESCAPES: Dictionary[String, String] = {
	'"': '"', "\\": "\\", "/": "/", " ": " ", "_": "\u00a0", "t": "\t", "n": "\n", "r": "\r"
}
const _ESCAPED_DIGITS: Dictionary[String, int] = {"x": 2, "u": 4, "U": 8}
# Plain values that are no texts: null, switches, numbers.
const _NO_TEXT := (
	"^(~|[Nn]ull|NULL|([Tt]rue|TRUE|[Yy]es|YES|[Oo]n|ON|[Ff]alse|FALSE|[Nn]o|NO|[Oo]ff|OFF)|[-+]?[0-9][0-9_]*"
	+ "|[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.nan|\\.NaN|\\.NAN)$"
)

const Utf8 := preload("../wire/utf8.gd")

## The texts by key; null for a value that is none. Empty when something is wrong.
var settings: Dictionary[String, Variant] = {}
## What is wrong, to be put after the file's name: " is larger than ..." or ", line 3: ..."; empty when nothing is.
var error := ""

var _text := ""
var _at := 0
# Column of the mapping's keys in block style.
var _column := -1


func _init(bytes: PackedByteArray) -> void:
	if bytes.size() > MAX_BYTES:
		error = " is larger than %d KiB; no file of its kind is." % (MAX_BYTES >> 10)
		return
	var flaw := Utf8.flaw(bytes)
	if not flaw.is_empty():
		error = " %s; save it as UTF-8." % flaw
		return
	_text = bytes.get_string_from_utf8().trim_prefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
	for index in _text.length():
		var code := _text.unicode_at(index)
		if code < 0x20 and code != 0x09 and code != 0x0a or code >= 0x7f and code < 0xa0 or code in [0x2028, 0x2029]:
			_at = index
			_fail("a control character, or a line end of another kind")
			return
	_read_document()
	if not error.is_empty():
		settings.clear()


## The path of the file that a key names, inside the YAML file's directory; a backslash divides folders as a slash does.
## Empty when it is missing or leads out; then [member error] says so.
func file_of(key: String) -> String:
	var value: Variant = settings.get(key)
	if not value is String or (value as String).is_empty():
		error = ' has no "%s"; it must name the file, as in "%s: its_name.png".' % [key, key]
		return ""
	var name := (value as String).replace("\\", "/")
	for index in name.length():
		if name.unicode_at(index) < 0x20 or name.unicode_at(index) in range(0x7f, 0xa0):
			error = ': "%s" holds a control character; name the file as it is called.' % key
			return ""
	var depth := 0
	for part in name.split("/", false):
		depth += -1 if part == ".." else (0 if part == "." else 1)
		if depth < 0:
			break
	var has_drive := name.length() > 1 and name[1] == ":" and name.to_lower()[0] >= "a" and name.to_lower()[0] <= "z"
	if depth < 0 or name.begins_with("/") or has_drive or "://" in name:
		error = ': "%s" leads out of its directory (%s); put the file there.' % [key, name.left(80)]
		return ""
	return name


func _read_document() -> void:
	_skip_to_content()
	if _marker("---"):
		_at += 3
		_skip_spaces()
		if _peek() not in ["", "\n", "#", "{"]:
			_fail("a document begins in this line; its settings begin in the next")
		_skip_to_content()
	if error.is_empty() and _at < _text.length() and not _marker("..."):
		if _peek() == "{":
			_read_braces()
		else:
			_read_block()
	if error.is_empty() and _marker("..."):
		_at += 3
		_skip_to_content()
	if error.is_empty() and _at < _text.length():
		_fail("this is no setting")


func _read_block() -> void:
	_column = _column_of(_at)
	while error.is_empty() and _at < _text.length() and not _marker("---") and not _marker("..."):
		if _column_of(_at) != _column:
			_fail("this line is not indented as the ones above")
			return
		var start := _at
		var line_end := _line_end(_at)
		var key := _read_scalar(false)
		if not error.is_empty():
			return
		_skip_spaces()
		if _peek() != ":" or not _is_blank(_at + 1):
			_fail("a name has no value; the colon is missing")
			return
		_at += 1
		_skip_to_content()
		var value: Variant = null
		if _at < line_end or _at < _text.length() and _column_of(_at) > _column:
			value = _read_value(false)
			_end_line()
		_take(key, value, start)


func _read_braces() -> void:
	_at += 1
	_skip_to_content()
	while error.is_empty() and _peek() != "}":
		if _peek() == "?":
			_at += 1
			_skip_to_content()
		var start := _at
		var key := _read_scalar(true)
		_skip_spaces()
		var value: Variant = null
		if error.is_empty() and _peek() == ":":
			_at += 1
			_skip_to_content()
			if _peek() not in [",", "}"]:
				value = _read_value(true)
		_skip_to_content()
		if error.is_empty() and _peek() not in [",", "}"]:
			_fail("a comma or a closing brace is missing")
		_take(key, value, start)
		if _peek() == ",":
			_at += 1
			_skip_to_content()
	_at += 1
	_skip_to_content()


# A text within the line; null for a plain one that stands for something else.
func _read_value(in_braces: bool) -> Variant:
	var is_plain := _peek() not in ['"', "'"]
	var text := _read_scalar(in_braces)
	if is_plain and RegEx.create_from_string(_NO_TEXT).search(text):
		return null
	return text


# A text within the line.
func _read_scalar(in_braces: bool) -> String:
	var first := _peek()
	if first == '"':
		return _read_double_quoted()
	if first == "'":
		return _read_single_quoted()
	var is_special: bool = first in ["-", "?", ":"] and (_is_blank(_at + 1) or in_braces and first != "-")
	if first.is_empty() or first in _INDICATORS or is_special:
		_fail("here should be a text within one line")
		return ""
	var start := _at
	while _at < _text.length() and not _is_blank(_at, "\t\n"):
		var letter := _text[_at]
		if letter == ":" and (_is_blank(_at + 1) or in_braces and _text[_at + 1] in ",[]{}"):
			break
		if in_braces and letter in ",?[]{}" or letter == "#" and _text[_at - 1] == " ":
			break
		_at += 1
	var text := _text.substr(start, _at - start).rstrip(" ")
	_at = start + text.length()
	return text


func _read_single_quoted() -> String:
	var text := ""
	_at += 1
	while _at < _text.length() and _text[_at] not in "\t\n":
		if _text[_at] == "'":
			if _text.substr(_at, 2) != "''":
				_at += 1
				return text
			_at += 1
		text += _text[_at]
		_at += 1
	_fail("a quoted text does not end in its line")
	return ""


func _read_double_quoted() -> String:
	var text := ""
	_at += 1
	while _at < _text.length() and _text[_at] not in "\t\n":
		if _text[_at] == '"':
			_at += 1
			return text
		if _text[_at] == "\\":
			var letter := _read_escape()
			if letter.is_empty():
				_fail("an escape is no character; write a backslash in double quotes twice")
				return ""
			text += letter
		else:
			text += _text[_at]
			_at += 1
	_fail("a quoted text does not end in its line")
	return ""


# What an escape stands for; empty when it is none.
func _read_escape() -> String:
	var kind := _text.substr(_at + 1, 1)
	_at += 2
	if kind in _ESCAPES:
		return _ESCAPES[kind]
	var digits := _text.substr(_at, _ESCAPED_DIGITS.get(kind, 0))
	if digits.is_empty() or digits.length() < _ESCAPED_DIGITS[kind] or not digits.is_valid_hex_number():
		return ""
	var code := digits.hex_to_int()
	if digits[0] in "+-" or code == 0 or code > 0x10ffff or code >= 0xd800 and code < 0xe000:
		return ""
	_at += digits.length()
	return String.chr(code)


func _take(key: String, value: Variant, at: int) -> void:
	if key == "<<":
		_fail("merge keys (<<) are not read; write the settings themselves", at)
	elif settings.has(key):
		_fail("'%s' is there a second time; leave one of them" % key.left(80), at)
	else:
		settings[key] = value


# Nothing but a comment may follow in this line.
func _end_line() -> void:
	if not error.is_empty():
		return
	var line_end := _line_end(_at)
	_skip_spaces()
	if _at < line_end and _peek() != "#":
		_fail("something follows the value; put the value in quotes")
		return
	_skip_to_content()


func _skip_spaces() -> void:
	while _peek() == " ":
		_at += 1


# Over spaces, line ends and comments.
func _skip_to_content() -> void:
	while _at < _text.length() and _text[_at] in " \n#":
		_at = _line_end(_at) if _text[_at] == "#" else _at + 1


func _peek() -> String:
	return _text.substr(_at, 1)


# Whether a space or a line's end is there.
func _is_blank(at: int, blanks: String = " \t\n") -> bool:
	return at >= _text.length() or _text[at] in blanks


func _line_end(at: int) -> int:
	var found := _text.find("\n", at)
	return found if found >= 0 else _text.length()


func _column_of(at: int) -> int:
	return at - (_text.rfind("\n", at - 1) + 1 if at > 0 else 0)


# Whether a line here begins or ends a document.
func _marker(marker: String) -> bool:
	return _text.substr(_at, 3) == marker and _column_of(_at) == 0 and _is_blank(_at + 3)


func _fail(what: String, at: int = _at) -> void:
	if error.is_empty():
		error = ", line %d: %s; %s" % [_text.left(at).count("\n") + 1, what, _HELP]
