extends TestCase


func test_every_parameter_is_a_property_with_its_range() -> void:
	var node := add_character()
	var found: Dictionary[String, Dictionary] = {}
	for property in node.get_property_list():
		found[property["name"]] = property
	check_equal(AnimatedAnimeCharacter.PARAMETER_NAMES.size(), 45)
	for index in AnimatedAnimeCharacter.PARAMETER_COUNT:
		var property := found[AnimatedAnimeCharacter.PARAMETER_NAMES[index]]
		check_equal(property["type"], TYPE_FLOAT)
		check_equal(property["hint"], PROPERTY_HINT_RANGE)
		var low := AnimatedAnimeCharacter.PARAMETER_MINIMUMS[index]
		check_equal(property["hint_string"], "%.1f,%.1f,0.001" % [low, 1.0])
		check_equal(node.get(property["name"]), 0.0)


func test_values_are_clamped_and_read_back_as_written() -> void:
	var node := add_character()
	node.mouth_aaa = 0.7
	check_equal(node.mouth_aaa, 0.7)
	node.mouth_aaa = 5.0
	check_equal(node.mouth_aaa, 1.0)
	node.mouth_aaa = -5.0
	check_equal(node.mouth_aaa, 0.0)
	node.head_x = -5.0
	check_equal(node.head_x, -1.0)
	check_equal(node.get_pose()[39], -1.0)


func test_nan_and_infinity_are_refused_with_one_warning() -> void:
	var node := add_character()
	node.head_y = 0.5
	take_warnings()
	for value: float in [NAN, INF, -INF, NAN]:
		node.head_y = value
	check_equal(node.head_y, 0.5)
	var warnings := take_warnings()
	check_equal(warnings.size(), 1)
	check("head_y" in warnings[0] and "finite" in warnings[0], warnings[0])


func test_parameters_by_name_and_by_group() -> void:
	var node := add_character()
	node.set_parameter("breathing", 0.25)
	check_equal(node.breathing, 0.25)
	node.set_parameter("eye_wink", 0.5)
	check_equal([node.eye_wink_left, node.eye_wink_right], [0.5, 0.5])
	check_equal(node.get_parameter("eye_wink"), 0.5)
	check_equal(node.get_parameter("breathing"), 0.25)
	take_warnings()
	node.set_parameter("smile", 1.0)
	var warning := take_warnings()[0]
	check("named smile; PARAMETER_NAMES lists them." in warning, "names the unknown parameter: " + warning)
	for misspelt: String in ["mouth_aa", " Mouth-AAA "]:
		node.set_parameter(misspelt, 1.0)
		warning = take_warnings()[0]
		check("named %s; did you mean mouth_aaa?" % misspelt in warning, warning)
	check_equal(node.get_parameter("eyewink"), 0.0)
	warning = take_warnings()[0]
	check("did you mean eye_wink?" in warning, "a group's name, too: " + warning)
	check_equal(node.mouth_aaa, 0.0, "what was meant is not guessed")


func test_whole_poses() -> void:
	var node := add_character()
	var pose := PackedFloat32Array()
	pose.resize(45)
	pose[26] = 0.5
	pose[44] = 3.0
	node.set_pose(pose)
	check_equal([node.mouth_aaa, node.breathing], [0.5, 1.0])
	check_equal(node.get_pose()[26], 0.5)
	node.get_pose()[26] = 0.0
	check_equal(node.get_pose()[26], 0.5, "a pose that was given out is a copy")
	node.reset_pose()
	check_equal(node.mouth_aaa, 0.0)
	take_warnings()
	node.set_pose(PackedFloat32Array([1.0]))
	check("45" in take_warnings()[0], "says how many numbers a pose has")
