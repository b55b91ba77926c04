extends TestCase

const ExpressionLibrary := preload("res://addons/anime_character/pose/expression_library.gd")


func _shown(node: AnimatedAnimeCharacter, parameter: String) -> float:
	return node.get_shown_pose()[AnimatedAnimeCharacter.PARAMETER_NAMES.find(parameter)]


# A character that does not move by itself.
func _still_character() -> AnimatedAnimeCharacter:
	var node := add_character()
	node.set_process(false)
	return node


func test_the_library_has_what_a_story_needs() -> void:
	var names := ExpressionLibrary.poses().keys()
	for expected: StringName in [
		&"neutral",
		&"joy",
		&"anger",
		&"sorrow",
		&"surprise",
		&"fear",
		&"shy",
		&"smug",
		&"sleepy",
		&"wink",
		&"viseme_aaa",
		&"viseme_iii",
		&"viseme_uuu",
		&"viseme_eee",
		&"viseme_ooo",
	]:
		check(expected in names, expected)
	for expression: StringName in names:
		var empty := ExpressionLibrary.poses()[expression].get_parameters().is_empty()
		check_equal(empty, expression == &"neutral", expression)


func test_an_expression_blends_in_over_its_time_and_back() -> void:
	var node := _still_character()
	node.express(&"joy", 0.4)
	check_equal([node.expression, node.is_expression_blending()], [&"joy", true])
	check_equal(_shown(node, "mouth_raised_corner_left"), 0.0)
	node.advance(0.2)
	check(absf(_shown(node, "mouth_raised_corner_left") - 0.5) < 1e-6, "half of the time, half of the way")
	node.advance(0.2)
	check_equal(_shown(node, "mouth_raised_corner_left"), 1.0)
	check(not node.is_expression_blending(), "done")
	node.clear_expression(0.0)
	check_equal([_shown(node, "mouth_raised_corner_left"), node.expression], [0.0, &""])


func test_the_end_of_a_blend_is_told_once() -> void:
	var node := _still_character()
	var told: Array[StringName] = []
	node.expression_finished.connect(func(expression: StringName) -> void: told.append(expression))
	node.express(&"joy", 0.3)
	node.express(&"anger", 0.1)
	check_equal(told, [] as Array[StringName], "not before its time")
	for _step in 20:
		node.advance(0.05)
	check_equal(told, [&"anger"] as Array[StringName], "one that was replaced does not end")
	node.express(&"neutral", 0.0)
	check_equal(told.size(), 1, "not while it is called, when nobody waits yet")
	node.advance(0.0)
	check_equal(told.size(), 2)


func test_a_blend_from_the_middle_of_another_does_not_jump() -> void:
	var node := _still_character()
	node.express(&"surprise", 0.2)
	node.advance(0.1)
	var before := node.get_shown_pose()
	node.express(&"anger", 0.2)
	check_equal(node.get_shown_pose(), before)
	node.advance(0.2)
	check_equal([_shown(node, "eyebrow_angry_left"), _shown(node, "eye_surprised_left")], [1.0, 0.0])


func test_weights_and_mixes() -> void:
	var node := _still_character()
	node.express(&"closed_eyes", 0.0, 0.5)
	check_equal(_shown(node, "eye_wink_left"), 0.5)
	node.express_mix({&"closed_eyes": 0.25, "viseme_aaa": 0.5}, 0.0)
	check_equal([_shown(node, "eye_wink_left"), _shown(node, "mouth_aaa")], [0.25, 0.5])
	node.express_mix({&"closed_eyes": 3.0, &"viseme_aaa": 1.0}, 0.0)
	check_equal([_shown(node, "eye_wink_left"), _shown(node, "mouth_aaa")], [0.5, 0.5])
	check_equal(node.expression, &"")


func test_an_expression_lies_on_the_properties_and_leaves_the_others() -> void:
	var node := _still_character()
	node.mouth_raised_corner_left = 0.25
	node.head_y = 0.5
	node.express(&"joy", 0.0)
	check_equal([_shown(node, "mouth_raised_corner_left"), _shown(node, "head_y")], [1.0, 0.5])
	check_equal([node.mouth_raised_corner_left, node.get_pose()[39]], [0.25, 0.0], "the properties are as they were")
	node.express(&"neutral", 0.0)
	check_equal(_shown(node, "mouth_raised_corner_left"), 0.25)


func test_without_layers_the_properties_are_what_is_shown() -> void:
	var node := _still_character()
	for index in AnimatedAnimeCharacter.PARAMETER_COUNT:
		node.set(AnimatedAnimeCharacter.PARAMETER_NAMES[index], 0.1 + 0.01 * index)
	check_equal(node.get_shown_pose(), node.get_pose())


func test_code_has_the_last_word_until_it_lets_go() -> void:
	var node := _still_character()
	node.express(&"closed_eyes", 0.0)
	node.override_parameter(&"eye_wink", 0.25)
	check_equal([_shown(node, "eye_wink_left"), _shown(node, "eye_wink_right")], [0.25, 0.25])
	node.override_parameter(&"eye_wink_left", 0.0, 0.5)
	check_equal(_shown(node, "eye_wink_left"), 0.5)
	node.release_parameter(&"eye_wink_left")
	check_equal([_shown(node, "eye_wink_left"), _shown(node, "eye_wink_right")], [1.0, 0.25])
	node.release_parameters()
	check_equal(_shown(node, "eye_wink_right"), 1.0)
	take_warnings()
	node.override_parameter(&"smile", 1.0)
	node.override_parameter(&"head_x", NAN)
	check_equal(take_warnings().size(), 2)
	check_equal(_shown(node, "head_x"), 0.0)


func test_a_nodes_own_expressions_stand_above_the_addons() -> void:
	var node := _still_character()
	node.expressions = {&"joy": AnimePose.from_values({"mouth_smirk": 1.0}), &"pout": AnimePose.new()}
	node.express(&"joy", 0.0)
	check_equal([_shown(node, "mouth_smirk"), _shown(node, "mouth_raised_corner_left")], [1.0, 0.0])
	check("pout" in node.get_expression_names() and "anger" in node.get_expression_names(), "both are listed")
	node.expression_fade = 0.0
	node.expressions = {}
	check_equal([_shown(node, "mouth_smirk"), _shown(node, "mouth_raised_corner_left")], [0.0, 1.0])


func test_an_unknown_expression_is_named_once() -> void:
	var node := _still_character()
	take_warnings()
	node.express(&"rapture", 0.0)
	node.express(&"rapture", 0.0)
	var warnings := take_warnings()
	check_equal(warnings.size(), 1)
	check("rapture" in warnings[0], warnings[0])
	check_equal(node.expression, &"")


func test_a_pose_without_a_name_can_be_expressed() -> void:
	var node := _still_character()
	node.express_pose(AnimePose.from_values({"mouth_aaa": 0.5}), 0.0)
	check_equal(_shown(node, "mouth_aaa"), 0.5)


func test_the_property_blends_too_and_a_scene_begins_with_it() -> void:
	var node := AnimatedAnimeCharacter.new()
	node.bridge_address = "tcp://127.0.0.1:1"
	node.expression = &"closed_eyes"
	check_equal(_shown(node, "eye_wink_left"), 1.0, "at once before it is in the tree")
	add_child(node)
	node.set_process(false)
	node.expression_fade = 0.5
	node.expression = &""
	check_equal(_shown(node, "eye_wink_left"), 1.0)
	node.advance(0.5)
	check_equal(_shown(node, "eye_wink_left"), 0.0)


func test_the_inspector_suggests_the_expressions_that_there_are() -> void:
	var node := _still_character()
	node.expressions = {&"pout": AnimePose.new()}
	for property in node.get_property_list():
		if property["name"] == "expression":
			check_equal(property["hint"], PROPERTY_HINT_ENUM_SUGGESTION)
			check("joy" in property["hint_string"] and "pout" in property["hint_string"], property["hint_string"])


func test_a_pose_that_is_edited_is_shown_as_it_is_then() -> void:
	var node := _still_character()
	var pose := AnimePose.from_values({"mouth_aaa": 0.5})
	node.express_pose(pose, 0.0, 0.5)
	node.advance(0.0)
	pose.set_value(&"mouth_aaa", 1.0)
	check_equal(_shown(node, "mouth_aaa"), 0.5, "half of 1")
	node.express_pose(pose, 0.2)
	pose.set_value(&"mouth_aaa", 0.75)
	node.advance(0.2)
	check_equal(_shown(node, "mouth_aaa"), 0.75, "on the way to it")
	node.clear_expression(0.0)
	node.advance(0.0)
	pose.set_value(&"mouth_aaa", 0.25)
	check_equal(_shown(node, "mouth_aaa"), 0.0, "no longer shown")


func test_weights_that_cannot_be_are_said_once() -> void:
	var node := _still_character()
	take_warnings()
	for weight: float in [NAN, 2.0, -1.0]:
		node.express(&"joy", 0.0, weight)
	node.express_mix({&"anger": 3.0}, 0.0)
	node.release_parameter(&"smirk")
	var warnings := take_warnings()
	check_equal(warnings.size(), 3)
	check("joy has nan" in warnings[0] and "anger has 3.0" in warnings[1] and "smirk" in warnings[2], str(warnings))
