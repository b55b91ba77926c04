extends TestCase

const BridgeConnections := preload("res://addons/anime_character/sources/bridge/bridge_connections.gd")
const BridgeSource := preload("res://addons/anime_character/sources/bridge/bridge_source.gd")
const FakeSource := preload("res://tests/fake_source.gd")
const PictureSource := preload("res://addons/anime_character/sources/picture_source.gd")
const Settings := preload("res://addons/anime_character/settings.gd")
const SourceChoice := preload("res://addons/anime_character/sources/source_choice.gd")
const SourceRelay := preload("res://addons/anime_character/sources/source_relay.gd")

const NO_CARD := "there is no graphics card that computes."


# The graphics card's source cannot be had, and the processor's is a fake one.
class NoGraphicsCard:
	extends "res://tests/fake_source.gd"

	static func why_not() -> String:
		return NO_CARD


class GraphicsCard:
	extends "res://tests/fake_source.gd"

	func _init(character: AnimeCharacter) -> void:
		super(character)
		called = "fake card"
		colour = Color.BLUE


# Takes every wish, and notes how far the mouth was open in it.
class Eager:
	extends "res://tests/fake_source.gd"
	static var mouths: Array[float] = []

	func may_ask(_asked_number: int) -> bool:
		return not engine.is_empty()

	func ask(number: int, pose: PackedFloat32Array, region: Rect2i, scale: float) -> void:
		mouths.append(pose[AnimatedAnimeCharacter.PARAMETER_NAMES.find("mouth_aaa")])
		super(number, pose, region, scale)


# Moves its parent's mouth in each frame, after the parent's own turn.
class Mover:
	extends Node

	func _process(_delta: float) -> void:
		var node: AnimatedAnimeCharacter = get_parent()
		node.mouth_aaa = fmod(node.mouth_aaa + 0.25, 1.0)


var _scripts := SourceChoice.scripts.duplicate()
var _messages := PackedStringArray()
var _signals := PackedStringArray()


func _enter_tree() -> void:
	SourceChoice.scripts = {"gpu": GraphicsCard, "cpu": FakeSource}
	FakeSource.reason = ""
	FakeSource.open.clear()


func _exit_tree() -> void:
	SourceChoice.scripts = _scripts
	OS.unset_environment(Settings.ENGINE_VARIABLE)
	OS.unset_environment(Settings.ADDRESS_VARIABLE)
	for setting: String in [Settings.ENGINE, Settings.ADDRESS, Settings.START_AUTOMATICALLY, Settings.COMMAND]:
		ProjectSettings.set_setting(setting, Settings.DEFAULTS[setting])


func _hero() -> AnimeCharacter:
	return AnimeCharacter.from_bytes(make_character_file(Color.GREEN))


# A character that no address is said of, with what it says of itself noted down.
func _add(engine: AnimatedAnimeCharacter.EngineChoice, character: AnimeCharacter = null) -> AnimatedAnimeCharacter:
	var node := AnimatedAnimeCharacter.new()
	node.engine = engine
	node.character = character if character else _hero()
	node.failed.connect(func(message: String) -> void: _messages.append(message))
	node.connected.connect(func() -> void: _signals.append("connected"))
	node.lost.connect(func() -> void: _signals.append("lost"))
	add_child(node)
	return node


func _newest() -> FakeSource:
	return FakeSource.open[-1]


# What a node goes through: relays of sources made here, without a node.
func _attempt(kind: String, source: FakeSource, reason: String = "") -> SourceRelay.Attempt:
	return SourceRelay.Attempt.new(
		kind, func() -> String: return reason, func(_why: String) -> PictureSource: return source
	)


func test_what_is_wished_for_is_tried_first() -> void:
	var cases: Dictionary[Array, String] = {
		["auto", false]: "gpu cpu bridge",
		["auto", true]: "bridge gpu cpu",
		["gpu", true]: "gpu cpu bridge",
		["cpu", true]: "cpu gpu bridge",
		["bridge", false]: "bridge gpu cpu",
		["web", true]: "web gpu cpu bridge",
	}
	for given in cases:
		check_equal(" ".join(SourceChoice.order(given[0], given[1])), cases[given], str(given))


func test_by_itself_it_takes_the_first_that_can_be_had_and_says_nothing() -> void:
	SourceChoice.scripts["gpu"] = NoGraphicsCard
	var node := _add(AnimatedAnimeCharacter.EngineChoice.AUTO)
	await wait_until(node.is_up_to_date, "a picture")
	check_equal(node.engine_name, "fake")
	check_equal([node.latency_ms, node.render_ms], [5.0, 3.0])
	check_equal(node.get_image().get_pixel(5, 5), Color.RED)
	check(node.is_animated() and not node.is_bridge_connected(), "animated, and by no bridge")
	check_equal(BridgeConnections.count(), 0)
	check_equal([node._get_configuration_warnings(), take_warnings()], [PackedStringArray(), PackedStringArray()])
	node.free()
	check_equal(FakeSource.open.size(), 0, "sources left open")


func test_a_picture_is_asked_for_once_a_frame_in_the_pose_at_its_end() -> void:
	SourceChoice.scripts["cpu"] = Eager
	var node := _add(AnimatedAnimeCharacter.EngineChoice.CPU)
	node.add_child(Mover.new())
	await wait_until(node.is_animated, "a source")
	await get_tree().process_frame
	Eager.mouths.clear()
	var shown: Array[float] = []
	for _frame in 5:
		await get_tree().process_frame
		shown.append(node.mouth_aaa)
	check_equal(Eager.mouths, shown)


func test_sources_that_are_done_with_are_freed() -> void:
	var node := _add(AnimatedAnimeCharacter.EngineChoice.AUTO)
	await wait_until(node.is_up_to_date, "a picture")
	var sources: Array[WeakRef] = [weakref(_newest()), weakref(node._source)]
	_newest().give_up("the card is gone.")
	await wait_until(node.is_up_to_date, "a picture of the next one")
	sources.append(weakref(_newest()))
	node.free()
	check(sources.all(func(source: WeakRef) -> bool: return source.get_ref() == null), "all are freed")


func test_an_engine_that_cannot_be_had_is_said_once_and_the_next_one_plays() -> void:
	SourceChoice.scripts["gpu"] = NoGraphicsCard
	var node := _add(AnimatedAnimeCharacter.EngineChoice.GPU)
	await wait_until(node.is_up_to_date, "a picture")
	node.mouth_aaa = 1.0
	await wait_until(node.is_up_to_date, "another picture")
	var expected := PackedStringArray([NO_CARD + " The processor plays instead."])
	check_equal(_messages, expected)
	check_equal(node._get_configuration_warnings(), expected, "it stays beside the node")
	check_equal(take_warnings().size(), 1)


func test_a_source_that_gives_up_hands_over_and_the_picture_stays() -> void:
	var node := _add(AnimatedAnimeCharacter.EngineChoice.AUTO)
	var texture := node.texture
	await wait_until(node.is_up_to_date, "a picture")
	check_equal(node.engine_name, "fake card")
	var card := _newest()
	card.give_up("the card is gone.")
	check_equal(FakeSource.open.size(), 1, "sources")
	check_equal([node.engine_name, node.is_up_to_date()], ["", false])
	check_equal(node.get_image().get_pixel(5, 5), Color.BLUE, "the last picture")
	check_equal(_messages, PackedStringArray(["the card is gone. The processor plays instead."]))
	await wait_until(node.is_up_to_date, "a picture of the next one")
	check_equal(node.get_image().get_pixel(5, 5), Color.RED)
	check(node.texture == texture, "the same texture")
	check_equal(_signals, PackedStringArray(["connected", "lost", "connected"]))
	check_equal(node.engine_name, "fake")
	card.give_up("once more.")
	check_equal(_messages.size(), 1, "sentences")


func test_it_begins_anew_when_it_enters_a_tree_again() -> void:
	var node := _add(AnimatedAnimeCharacter.EngineChoice.AUTO)
	await wait_until(node.is_up_to_date, "a picture")
	_newest().give_up("the card is gone.")
	remove_child(node)
	check_equal(FakeSource.open.size(), 0, "out of the tree")
	add_child(node)
	await wait_until(node.is_up_to_date, "a picture")
	check_equal(node.engine_name, "fake card")
	check_equal(node._get_configuration_warnings(), PackedStringArray())


func test_the_engine_can_be_changed_while_it_runs() -> void:
	var node := _add(AnimatedAnimeCharacter.EngineChoice.CPU)
	await wait_until(node.is_up_to_date, "a picture")
	node.engine = AnimatedAnimeCharacter.EngineChoice.GPU
	check_equal(node.get_image().get_pixel(5, 5), Color.RED, "the last picture stays")
	await wait_until(node.is_up_to_date, "a picture of the other engine")
	check_equal(node.get_image().get_pixel(5, 5), Color.BLUE)
	check_equal(FakeSource.open.size(), 1, "sources")
	check_equal(_messages.size(), 0, "sentences")


func test_another_character_is_seen_at_rest_until_its_first_picture() -> void:
	var node := _add(AnimatedAnimeCharacter.EngineChoice.CPU)
	await wait_until(node.is_up_to_date, "a picture")
	node.character = _hero()
	check_equal(node.get_image().get_pixel(5, 5), Color.GREEN)


func test_the_settings_say_what_auto_is_and_the_environment_stands_above_all() -> void:
	ProjectSettings.set_setting(Settings.ENGINE, "cpu")
	check_equal(Settings.engine("auto"), "cpu")
	check_equal(Settings.engine("gpu"), "gpu")
	OS.set_environment(Settings.ENGINE_VARIABLE, " Bridge ")
	check_equal(Settings.engine("gpu"), "bridge")
	OS.set_environment(Settings.ENGINE_VARIABLE, "auto")
	check_equal(Settings.engine("gpu"), "auto", "even above a wish")
	take_warnings()
	OS.set_environment(Settings.ENGINE_VARIABLE, "quantum")
	check_equal([Settings.engine("gpu"), Settings.engine("gpu")], ["auto", "auto"])
	var warnings := take_warnings()
	check_equal(warnings.size(), 1, "warnings")
	check("ANIME_CHARACTER_ENGINE is one of auto, gpu, cpu, bridge, web, not quantum" in warnings[0], warnings[0])


func test_the_environment_chooses_the_engine_of_a_node() -> void:
	OS.set_environment(Settings.ENGINE_VARIABLE, "cpu")
	var node := _add(AnimatedAnimeCharacter.EngineChoice.GPU)
	await wait_until(node.is_up_to_date, "a picture")
	check_equal(node.engine_name, "fake")


func test_who_says_where_a_bridge_is_or_starts_one_gets_a_bridge() -> void:
	var relay := SourceChoice.open(_hero(), "auto", "tcp://127.0.0.1:1", false)
	check_equal(relay.kind, "bridge", "an address at the node")
	relay.close()
	check(not Settings.wants_bridge(), "as it comes")
	OS.set_environment(Settings.ADDRESS_VARIABLE, "tcp://127.0.0.1:2")
	check(Settings.wants_bridge(), "an address in the environment")
	relay = SourceChoice.open(_hero(), "auto", "", false)
	check_equal(relay.kind, "bridge")
	relay.close()
	relay = SourceChoice.open(_hero(), "cpu", "", false)
	check_equal(relay.kind, "cpu", "a choice stands above it")
	relay.close()
	OS.unset_environment(Settings.ADDRESS_VARIABLE)
	ProjectSettings.set_setting(Settings.ADDRESS, "tcp://127.0.0.1:2")
	check(Settings.wants_bridge(), "an address in the settings")
	ProjectSettings.set_setting(Settings.ADDRESS, Settings.DEFAULTS[Settings.ADDRESS])
	ProjectSettings.set_setting(Settings.START_AUTOMATICALLY, true)
	check(Settings.wants_bridge(), "a bridge that is to be started")


func test_a_characters_directory_is_for_a_bridge_alone() -> void:
	var directory := AnimeCharacter.from_file(make_character(Color.BLUE))
	for wish: String in ["auto", "gpu", "bridge"]:
		var relay := SourceChoice.open(directory, wish, "tcp://127.0.0.1:1", false)
		check_equal(relay.kind, "bridge", wish)
		check_equal("tools/convert.py" in relay.detour, wish == "gpu", "what " + wish + " says")
		relay.close()


func test_a_bridge_that_cannot_be_started_leaves_it_to_the_others() -> void:
	ProjectSettings.set_setting(Settings.COMMAND, PackedStringArray(["/no/such/program"]))
	var relay := SourceChoice.open(_hero(), "auto", "tcp://127.0.0.1:1", true)
	relay.failed.connect(func(message: String) -> void: _messages.append(message))
	var hands_over := func() -> bool:
		relay.poll()
		return relay.kind == "gpu"
	await wait_until(hands_over, "the graphics card's turn")
	check_equal(_messages.size(), 1, "sentences")
	check("/no/such/program" in _messages[0] and "The graphics card plays instead." in _messages[0], _messages[0])
	check_equal(BridgeConnections.count(), 0)
	relay.close()


func test_a_bridge_that_is_missed_says_why_one_is_needed() -> void:
	var source := BridgeSource.new(_hero(), "tcp://127.0.0.1:1", false, "there is no library for this system.")
	source.failed.connect(func(message: String) -> void: _messages.append(message))
	var speaks := func() -> bool:
		source.poll()
		return not _messages.is_empty()
	await wait_until(speaks, "a sentence")
	source.close()
	check(_messages[0].begins_with("there is no library for this system. A bridge would do, but "), _messages[0])
	check("no bridge at tcp://127.0.0.1:1" in _messages[0] and "turn on start_bridge" in _messages[0], _messages[0])


func test_reasons_add_up() -> void:
	var told: Array[String] = []
	var make := func(why: String) -> PictureSource:
		told.append(why)
		return FakeSource.new(null)
	var last := SourceRelay.Attempt.new("bridge", func() -> String: return "", make)
	var relay := SourceRelay.new([_attempt("gpu", null, "no card."), _attempt("cpu", null, "no library."), last], false)
	check_equal(told, ["no card. No library."])
	check_equal(relay.detour, "", "nobody asked for a card")


func test_the_last_source_stays_when_it_gives_up() -> void:
	var only := FakeSource.new(null)
	var relay := SourceRelay.new([_attempt("bridge", only), _attempt("cpu", null, "no library.")], true)
	relay.failed.connect(func(message: String) -> void: _messages.append(message))
	only.give_up("nothing can be started.")
	check_equal(_messages, PackedStringArray(["nothing can be started."]))
	check_equal(FakeSource.open, [only] as Array[RefCounted])
	relay.poll()
	check_equal(relay.engine, "fake", "what hindered it was mended")


func test_a_picture_on_the_graphics_card_is_kept_until_the_next_one_is_shown() -> void:
	var card := FakeSource.new(null)
	var processor := FakeSource.new(null)
	card.device_texture = rid_from_int64(7)
	var relay := SourceRelay.new([_attempt("gpu", card), _attempt("cpu", processor)], true)
	relay.poll()
	relay.ask(1, PackedFloat32Array(), Rect2i(0, 0, 8, 8), 1.0)
	relay.poll()
	card.give_up("the card is gone.")
	check_equal(FakeSource.open.size(), 2, "sources while the picture of the first is shown")
	check_equal(relay.read_back().get_size(), Vector2i(8, 8), "it can be read back still")
	relay.poll()
	relay.ask(2, PackedFloat32Array(), Rect2i(0, 0, 4, 4), 1.0)
	relay.poll()
	check_equal(FakeSource.open, [processor] as Array[RefCounted])
	relay.close()


func test_listeners_may_close_it() -> void:
	for what: String in ["connected", "picture_arrived", "failed"]:
		var first := FakeSource.new(null)
		var relay := SourceRelay.new([_attempt("gpu", first), _attempt("cpu", FakeSource.new(null))], true)
		# Not held by its own listener.
		var closed: WeakRef = weakref(relay)
		relay.connect(what, func(_message: Variant = null) -> void: (closed.get_ref() as SourceRelay).close())
		for _frame in 3:
			relay.ask(1, PackedFloat32Array(), Rect2i(0, 0, 8, 8), 1.0)
			relay.poll()
		if what == "failed":
			first.give_up("gone.")
		check_equal(FakeSource.open.has(first), false, what)
		FakeSource.open.clear()
