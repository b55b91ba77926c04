extends TestCase

const Parameters := preload("res://addons/anime_character/anime_character_parameters.gd")


func test_it_holds_only_what_is_set() -> void:
	var pose := AnimePose.new()
	check_equal(pose.get_parameters(), PackedStringArray())
	check(pose.set_value(&"mouth_aaa", 0.5), "a parameter")
	check(pose.set_value(&"eye_wink", 2.0, 0.25), "a group")
	check_equal(pose.get_parameters(), PackedStringArray(["eye_wink_left", "eye_wink_right", "mouth_aaa"]))
	check_equal([pose.get_value(&"eye_wink_right"), pose.get_weight(&"eye_wink_right")], [1.0, 0.25])
	check_equal([pose.get_value(&"mouth_iii"), pose.get_weight(&"mouth_iii")], [0.0, 0.0])
	check_equal([pose.get_amounts()[12], pose.get_weights()[12]], [0.25, 0.25])
	pose.unset_value(&"eye_wink_left")
	check_equal([pose.sets(&"eye_wink_left"), pose.sets(&"eye_wink_right")], [false, true])


func test_what_cannot_be_set_is_told() -> void:
	var pose := AnimePose.new()
	check(not pose.set_value(&"smile", 1.0), "no such parameter")
	check(not pose.set_value(&"mouth_aaa", NAN), "no number")
	check(not pose.set_value(&"mouth_aaa", 1.0, INF), "no weight")
	check_equal(pose.get_parameters(), PackedStringArray())


func test_a_file_gives_back_what_was_saved() -> void:
	var pose := AnimePose.from_values({"mouth_smirk": 0.75, "head_x": -0.25})
	pose.set_value(&"breathing", 1.0, 0.5)
	ResourceSaver.save(pose, "user://pose.tres")
	var text := FileAccess.get_file_as_string("user://pose.tres")
	for line: String in ["mouth_smirk = 0.75", "head_x = -0.25", "breathing = 1.0", "weights/breathing = 0.5"]:
		check(("\n%s\n" % line) in text, line)
	check("mouth_aaa" not in text and "weights/head_x" not in text, "nothing else is stored")
	var read: AnimePose = ResourceLoader.load("user://pose.tres", "", ResourceLoader.CACHE_MODE_IGNORE)
	check_equal(read.get_amounts(), pose.get_amounts())
	check_equal(read.get_weights(), pose.get_weights())


func test_the_inspector_ticks_and_unticks_parameters() -> void:
	var pose := AnimePose.new()
	pose.set("head_y", 0.5)
	check(_usage(pose, "head_y") & PROPERTY_USAGE_CHECKED, "ticked")
	check(_usage(pose, "head_y") & PROPERTY_USAGE_CHECKABLE, "can be unticked")
	check(not _usage(pose, "head_x") & PROPERTY_USAGE_CHECKED, "the others are not")
	check(_usage(pose, "weights/head_y") & PROPERTY_USAGE_EDITOR, "it has a weight")
	check_equal(_usage(pose, "weights/head_x"), 0, "the others have none")
	# What the inspector sets when a tick is taken away.
	pose.set("head_y", null)
	check_equal(pose.get_parameters(), PackedStringArray())


func test_what_is_no_parameter_or_number_is_left_out_with_a_warning_each() -> void:
	take_warnings()
	var pose := AnimePose.from_values(
		{"mouth_aaa": "wide", "no_such": 1.0, 7: 1.0, "head_x": NAN, "head_y": 1, "neck_z": -99, "body_y": []}
	)
	check_equal(pose.get_parameters(), PackedStringArray(["head_y", "neck_z"]))
	check_equal([pose.get_value(&"head_y"), pose.get_value(&"neck_z")], [1.0, -1.0])
	var warnings := take_warnings()
	check_equal(warnings.size(), 5)
	check("mouth_aaa is wide" in warnings[0] and "no_such" in warnings[1], " ".join(warnings))


func test_a_whole_pose_becomes_what_is_not_at_rest() -> void:
	var numbers := PackedFloat32Array()
	numbers.resize(45)
	numbers[44] = 0.5
	check_equal(AnimePose.from_pose(numbers).get_parameters(), PackedStringArray(["breathing"]))


func test_names_of_groups_stand_for_both_sides() -> void:
	check_equal(Parameters.indices_of("eye_wink"), PackedInt32Array([12, 13]))
	check_equal(Parameters.indices_of("eye_wink_right"), PackedInt32Array([13]))
	check_equal(Parameters.indices_of("mouth_aaa"), PackedInt32Array([26]))
	check_equal(Parameters.indices_of("smile"), PackedInt32Array())


func _usage(pose: AnimePose, property: String) -> int:
	for described in pose.get_property_list():
		if described["name"] == property:
			return described["usage"]
	return 0
