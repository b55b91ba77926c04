extends "scenario.gd"
## Plays with the picture source of Web exports against a stand-in for the page, and notes what the page was asked.

const WebSource := preload("res://addons/anime_character/sources/web/web_source.gd")
const REGION := Rect2i(200, 100, 64, 48)


## A page that is ready when it is asked a second time, and draws one colour; it has read the larger drawing when it has
## drawn a picture meanwhile.
class Page:
	extends RefCounted
	## Every text that was evaluated, in order.
	var asked := PackedStringArray()
	var problem := ""
	var loads := true
	var _done := 0
	var _size := 0
	var _larger := false
	var _reads_larger := false

	func evaluate(code: String) -> Variant:
		asked.append(code)
		if code.begins_with("(() =>"):
			if not loads:
				return "TypeError: not found"
			return "ready" if asked.size() > 1 else ""
		if code.begins_with("animeCharacters.open("):
			return 7.0
		if code.begins_with("animeCharacters.ask("):
			var values: Array = JSON.parse_string(code.trim_prefix("animeCharacters.ask(...").trim_suffix(")"))
			_done = values[1]
			var scale: float = values[4]
			_size = int(values[3][2] * scale) * int(values[3][3] * scale) * 4
		if code.begins_with("animeCharacters.poll("):
			var state := {"engine": "wasm", "problem": problem, "done": _done, "milliseconds": 12.5}
			state["larger"] = _larger
			return JSON.stringify(state)
		if code.begins_with("animeCharacters.readLarger("):
			_reads_larger = true
		if code.begins_with("animeCharacters.take("):
			var pixels := PackedByteArray()
			pixels.resize(_size)
			pixels.fill(200)
			_larger = _reads_larger
			return pixels
		return null


func play() -> void:
	tell("elsewhere", WebSource.why_not())
	WebSource.is_in_page = true
	tell("in_page", WebSource.why_not())
	var character := AnimeCharacter.from_file(option("character"))
	var page := Page.new()
	var source := _source(character, page)
	for _frame in 3:
		tell("may_ask", source.may_ask(1))
		source.poll()
	tell("engine", source.engine)
	source.ask(1, _pose(), REGION, 0.5)
	tell("may_ask", source.may_ask(2))
	source.poll()
	tell("may_ask", [source.may_ask(1), source.may_ask(2)])
	_play_larger(source)
	source.close()
	source.poll()
	FileAccess.open(output_file("asked.json"), FileAccess.WRITE).store_string(JSON.stringify(page.asked))
	_fail(character, false, "")
	_fail(character, true, "hero.tha4 is no character file.")
	_play_node(character)


# The page brings a picture of the usual size while it reads the larger drawing.
func _play_larger(source: WebSource) -> void:
	source.ask(2, _pose(), REGION, 2.0)
	source.poll()
	tell("may_ask_larger", source.may_ask(2))
	source.poll()
	tell("may_ask_larger", source.may_ask(2))
	source.ask(2, _pose(), REGION, 2.0)
	source.poll()
	tell("may_ask_larger", source.may_ask(2))


func _source(character: AnimeCharacter, page: Page) -> WebSource:
	WebSource.evaluate = page.evaluate
	var source := WebSource.new(character)
	source.connected.connect(func() -> void: tell("signal", "connected"))
	source.gave_up.connect(func(message: String) -> void: tell("gave_up", message))
	source.picture_arrived.connect(
		func(picture: WebSource.Picture) -> void:
			tell("picture", [picture.number, picture.region == REGION, picture.size, picture.render_ms])
			tell("pixel", picture.image.get_pixel(3, 3).to_html())
			tell("kept", source.read_back() == picture.image)
	)
	return source


func _fail(character: AnimeCharacter, loads: bool, problem: String) -> void:
	var page := Page.new()
	page.loads = loads
	page.problem = problem
	var source := _source(character, page)
	for _frame in 4:
		source.poll()
	tell("polls_after", source.may_ask(1))


# In a page it is what plays by itself.
func _play_node(character: AnimeCharacter) -> void:
	WebSource.evaluate = Page.new().evaluate
	var node := AnimatedAnimeCharacter.new()
	node.character = character
	root.add_child(node)
	tell("playing", node.get_playing_engine() == AnimatedAnimeCharacter.EngineChoice.WEB)
	root.remove_child(node)
	node.free()


func _pose() -> PackedFloat32Array:
	var pose := PackedFloat32Array()
	pose.resize(AnimatedAnimeCharacter.PARAMETER_COUNT)
	pose[12] = 0.75
	pose[40] = -0.5
	return pose
