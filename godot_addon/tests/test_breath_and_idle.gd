extends LifeCase


func test_a_breath_has_its_rate_and_depth() -> void:
	var breath := AnimeBreath.new()
	breath.rate = 12.0
	breath.depth = 0.6
	var character := character_with([breath])
	var values := trace(character, breath, "breathing", 60.0, 100.0)
	var tops := 0
	for at in range(1, values.size() - 1):
		if values[at] > values[at - 1] and values[at] >= values[at + 1]:
			tops += 1
	check_equal(tops, 12)
	check_near(largest(values), 0.6, 1e-3, "the depth")
	check_near(smallest(values), 0.0, 1e-6, "all breathed out")


func test_breathing_in_is_quicker_than_out() -> void:
	var breath := AnimeBreath.new()
	breath.rate = 6.0
	var character := character_with([breath])
	var values := trace(character, breath, "breathing", 10.0, 100.0)
	var top := 0
	for at in values.size():
		if values[at] > values[top]:
			top = at
	check_near(top / 100.0, 3.8, 0.05, "the top of the breath")


func test_a_breath_adds_to_the_property() -> void:
	var breath := AnimeBreath.new()
	breath.depth = 0.5
	var character := character_with([breath])
	character.breathing = 0.25
	check_near(largest(trace(character, breath, "breathing", 6.0, 60.0)), 0.75, 1e-3, "0.25 and 0.5")


func test_idle_motion_is_slow_small_and_never_still() -> void:
	var idle := AnimeIdle.new()
	idle.random_seed = 4
	var character := character_with([idle])
	for parameter: String in ["head_x", "head_y", "neck_z", "body_y", "body_z"]:
		var values := trace(character, idle, parameter, 60.0, 60.0)
		var limit := idle.body if parameter.begins_with("body") else idle.head
		check(largest(values) <= limit and smallest(values) >= -limit, "%s stays small" % parameter)
		check(largest(values) - smallest(values) > limit * 0.4, "%s moves" % parameter)
		var fastest := 0.0
		for at in range(1, values.size()):
			fastest = maxf(fastest, absf(values[at] - values[at - 1]) * 60.0)
		check(fastest < limit * 3.0, "%s is slow: %s a second" % [parameter, fastest])


func test_idle_motion_is_the_same_for_a_seed_and_another_for_another() -> void:
	var traces: Array[PackedFloat32Array] = []
	for random_seed: int in [5, 5, 6]:
		var idle := AnimeIdle.new()
		idle.random_seed = random_seed
		traces.append(trace(character_with([idle]), idle, "head_y", 5.0, 20.0))
	check_equal(traces[0], traces[1])
	check(traces[0] != traces[2], "another seed")


func test_idle_motion_adds_to_the_pose() -> void:
	var idle := AnimeIdle.new()
	idle.random_seed = 4
	var character := character_with([idle])
	idle.advance(3.3)
	var alone := shown(character, "head_y")
	character.head_y = 0.5
	check_near(shown(character, "head_y"), 0.5 + alone, 1e-6, "the property and the motion")
