extends TestCase
## The demos' parts that need no window: the story's reader, and the made-up face in either protocol.

const DemoOptions := preload("res://demo/shared/demo_options.gd")
const FaceCoefficients := preload("res://addons/anime_character/mocap/face_coefficients.gd")
const IFacialMocap := preload("res://addons/anime_character/mocap/ifacialmocap.gd")
const MadeUpFace := preload("res://demo/puppet/made_up_face.gd")
const Story := preload("res://demo/visual_novel/story.gd")
const Vmc := preload("res://addons/anime_character/mocap/vmc.gd")

const _STORY_PATH := "res://demo/visual_novel/midnight.json"
const _TIMES: PackedFloat32Array = [0.0, 0.15, 0.9, 2.2, 4.7, 13.3]


func test_the_story_uses_expressions_that_there_are() -> void:
	var story := Story.new(_STORY_PATH)
	check_equal(story.problem, "", "problem")
	var character := add_character()
	for place in story.size():
		var line := story.line(place)
		if line.choices.is_empty():
			check(line.mood in character.get_expression_names(), "an expression named %s" % line.mood)
	check(story.line(story.size()) == null, "nothing after the end")


func test_a_line_goes_on_with_the_next_or_where_it_says() -> void:
	var story := _read(
		'{"cast": {"a": "A"}, "lines": [{"who": "a", "go": "x"}, {"who": "a"}, {"who": "a", "label": "x"}]}'
	)
	check_equal(story.after(0), 2, "after a line that goes to a label")
	check_equal(story.after(1), 2, "after a line that does not")


func test_a_story_that_leads_nowhere_says_so() -> void:
	var lost := _read('{"cast": {"a": "A"}, "lines": [{"who": "a", "go": "nowhere"}]}')
	check('line 1 goes to "nowhere"' in lost.problem, lost.problem)
	var stranger := _read('{"cast": {"a": "A"}, "lines": [{"who": "b", "say": "Boo"}]}')
	check('line 1 is said by "b"' in stranger.problem, stranger.problem)
	var choice := _read('{"cast": {}, "lines": [{"choices": [{"say": "Yes", "go": "yes"}]}]}')
	check('line 1 goes to "yes"' in choice.problem, choice.problem)
	check("is no story" in _read("[1, 2]").problem, "a list is no story")


func test_the_command_line_may_choose_the_engine() -> void:
	var node := add_character()
	check_equal(DemoOptions.choose_engine([node], "cpu"), "")
	check_equal(node.engine, AnimatedAnimeCharacter.EngineChoice.CPU)
	check_equal(DemoOptions.choose_engine([node], ""), "")
	check_equal(node.engine, AnimatedAnimeCharacter.EngineChoice.CPU, "as it was")
	check("no engine quantum; choose auto" in DemoOptions.choose_engine([node], "quantum"), "a sentence")


func test_the_made_up_face_is_read_as_it_was_sent() -> void:
	for time in _TIMES:
		var sent := MadeUpFace.face_at(time)
		var read := FaceCoefficients.new()
		check_equal(IFacialMocap.read(MadeUpFace.to_ifacialmocap(sent), read).problem, "", "problem with iFacialMocap")
		# It sends whole percents.
		_check_same(read, sent, 0.0051)
		var vmc := Vmc.new()
		check_equal(vmc.read(MadeUpFace.to_vmc(sent)).problem, "", "problem with VMC")
		_check_same(vmc.face, sent, 1e-6)


func _check_same(read: FaceCoefficients, sent: FaceCoefficients, tolerance: float) -> void:
	for index in sent.values.size():
		var difference := absf(read.values[index] - sent.values[index])
		check(difference <= tolerance, "%s differs by %f" % [FaceCoefficients.NAMES[index], difference])
	var turned := (read.head_degrees - sent.head_degrees).abs()
	check(turned[turned.max_axis_index()] <= 0.002, "the head differs by %s degrees" % turned)


func _read(text: String) -> Story:
	var path := "user://story_%d.json" % text.hash()
	write_file(path, text.to_utf8_buffer())
	return Story.new(path)
