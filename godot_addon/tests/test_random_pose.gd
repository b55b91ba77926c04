extends TestCase

const Parameters := preload("res://addons/anime_character/anime_character_parameters.gd")
const RandomPose := preload("res://addons/anime_character/editor/random_pose.gd")

const _POSES := 400


func test_every_pose_is_within_the_ranges() -> void:
	for pose in _poses():
		check_equal(pose.size(), Parameters.PARAMETER_COUNT)
		for index in pose.size():
			if pose[index] < Parameters.PARAMETER_MINIMUMS[index] or pose[index] > Parameters.PARAMETER_MAXIMUMS[index]:
				check(false, "%s is %s" % [Parameters.PARAMETER_NAMES[index], pose[index]])


func test_every_parameter_moves_in_some_pose() -> void:
	var moved := {}
	for pose in _poses():
		for index in pose.size():
			if pose[index] != 0.0:
				moved[Parameters.PARAMETER_NAMES[index]] = true
	for parameter in Parameters.PARAMETER_NAMES:
		check(moved.has(parameter), "%s never moves" % parameter)


func test_a_face_is_of_one_mood() -> void:
	var sounds := ["mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta"]
	for pose in _poses():
		var spoken := 0.0
		for sound: String in sounds:
			spoken += pose[Parameters.PARAMETER_NAMES.find(sound)]
		check(spoken <= 1.001, "the mouth's shapes are a blend, not a sum: %s" % spoken)
		var brows := {}
		var eyes := {}
		for index in pose.size():
			if pose[index] != 0.0 and Parameters.PARAMETER_CATEGORIES[index] == "eyebrow":
				brows[Parameters.PARAMETER_GROUPS[index]] = true
			if pose[index] != 0.0 and Parameters.PARAMETER_CATEGORIES[index] == "eye":
				eyes[Parameters.PARAMETER_GROUPS[index]] = true
		check(brows.size() <= 1 and eyes.size() <= 1, "one thing at a time: %s %s" % [brows.keys(), eyes.keys()])


func test_the_body_never_turns_against_the_head() -> void:
	for pose in _poses():
		var head := pose[Parameters.PARAMETER_NAMES.find("head_y")]
		var body := pose[Parameters.PARAMETER_NAMES.find("body_y")]
		check(head * body >= 0.0 and absf(body) <= absf(head), "head %s, body %s" % [head, body])


func test_the_same_generator_gives_the_same_poses() -> void:
	check_equal(_poses()[7], _poses()[7])


func _poses() -> Array[PackedFloat32Array]:
	var random := RandomNumberGenerator.new()
	random.seed = 20231117
	var poses: Array[PackedFloat32Array] = []
	for _index in _POSES:
		poses.append(RandomPose.strike(random))
	return poses
