@tool
extends "../picture_source.gd"
## The picture source of Web exports: the engine of the page in which the game runs, by WebGPU or WebAssembly.
##
## Whatever is asked of the page is a text of JavaScript, evaluated at once: what takes its time is begun by one, and
## asked for by another in a later frame. The page's side is tha4_core/engines/web/godot.js.

## Where the engine is, seen from the page.
const MODULE := "anime_character/godot.js"
# Begins to load the module. Gives "ready" when it is there, a problem when it cannot be had, nothing meanwhile.
const _LOAD := """(() => {
	globalThis.animeCharactersLoading ??= import(new URL("%s", document.baseURI).href).catch((error) => {
		globalThis.animeCharactersProblem = String(error);
	});
	return globalThis.animeCharacters ? "ready" : (globalThis.animeCharactersProblem ?? "");
})()"""

## Whether the game runs in a web page.
static var is_in_page := OS.has_feature("web")
## Evaluates a text of JavaScript in the page.
static var evaluate := Callable(JavaScriptBridge, &"eval").bind(true)

var _character: AnimeCharacter
# What the page calls the character; 0 before it has been given to it.
var _id := 0
var _wish: Picture
var _asked_number := -1
# Whether the page was asked to read the larger drawing, and has it; and whether what was asked for last was wished for
# larger.
var _reads_larger := false
var _has_larger := false
var _is_coarser := false
var _last: Image
var _is_closed := false


## Why this source cannot be had here, as a sentence; empty when it can.
static func why_not() -> String:
	return "" if is_in_page else "the engine of web pages plays in Web exports alone."


## [param character]: one with a [member AnimeCharacter.file], after [method why_not] had nothing to say.
func _init(character: AnimeCharacter) -> void:
	_character = character


func poll() -> void:
	if _is_closed:
		return
	if _id == 0:
		_open()
		return
	var state: Dictionary = JSON.parse_string(_call("poll", [_id]))
	var problem: String = state["problem"]
	if not problem.is_empty():
		_give_up(problem)
		return
	_has_larger = state["larger"]
	if _has_larger and _is_coarser:
		# What was asked for can be had larger now.
		_is_coarser = false
		_asked_number = -1
	var was_ready := not engine.is_empty()
	engine = state["engine"]
	if not was_ready and not engine.is_empty():
		connected.emit()
	elif _wish and state["done"] == _wish.number:
		_bring(state["milliseconds"])


func may_ask(number: int) -> bool:
	return not engine.is_empty() and _wish == null and _asked_number != number


func ask(number: int, pose: PackedFloat32Array, region: Rect2i, scale: float) -> void:
	scale = _drawn_scale(scale)
	_wish = Picture.new()
	_wish.number = number
	_wish.region = region
	_wish.size = scaled_size(region, scale)
	_wish.is_preliminary = _is_coarser
	_wish.asked_usec = Time.get_ticks_usec()
	_asked_number = number
	var place := [region.position.x, region.position.y, region.size.x, region.size.y]
	_call("ask", [_id, number, Array(pose), place, scale])


func read_back() -> Image:
	return _last


func close() -> void:
	if _id != 0:
		_call("close", [_id])
	_id = 0
	_is_closed = true
	_wish = null
	engine = ""


# Gives the page the character as soon as it can take it.
func _open() -> void:
	var answer: String = evaluate.call(_LOAD % MODULE)
	if answer == "ready":
		_id = _call("open", [Marshalls.raw_to_base64(_character.file)])
	elif not answer.is_empty():
		_give_up(
			(
				"the page has no %s (%s); put the engine of web pages beside the exported game (docs/WEB.md)."
				% [MODULE, answer]
			)
		)


# The scale that can be drawn now in place of one that is wished for: nothing is held up while the page reads the larger
# drawing.
func _drawn_scale(wish: float) -> float:
	var is_larger := wish > 1.0
	if is_larger and not _reads_larger:
		_has_larger = false
		_call("readLarger", [_id])
	_reads_larger = is_larger
	_is_coarser = is_larger and not _has_larger
	return 1.0 if _is_coarser else wish


# What the page has drawn.
func _bring(milliseconds: float) -> void:
	var picture := _wish
	_wish = null
	var pixels: PackedByteArray = _call("take", [_id])
	picture.image = Image.create_from_data(picture.size.x, picture.size.y, false, Image.FORMAT_RGBA8, pixels)
	picture.latency_ms = (Time.get_ticks_usec() - picture.asked_usec) / 1000.0
	picture.render_ms = milliseconds
	_last = picture.image
	picture_arrived.emit(picture)


func _give_up(problem: String) -> void:
	close()
	gave_up.emit("the web page cannot play %s: %s" % [_character.describe(), problem])


# Calls a function of the module with values that JSON knows.
func _call(function: String, values: Array) -> Variant:
	return evaluate.call("animeCharacters.%s(...%s)" % [function, JSON.stringify(values)])
