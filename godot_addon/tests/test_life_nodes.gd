extends LifeCase
## What all nodes that bring a character to life have in common.


func _nodes() -> Array[Node]:
	return [
		AnimeBlink.new(),
		AnimeBreath.new(),
		AnimeIdle.new(),
		AnimeLookAt.new(),
		AnimeLipSync.new(),
		AnimeSpring.new(),
		AnimeMocap.new(),
	]


func test_they_warn_when_they_are_no_child_of_a_character() -> void:
	for node in _nodes():
		add_child(node)
		check("AnimatedAnimeCharacter" in "".join(node._get_configuration_warnings()), node.get_script().resource_path)
		node.free()


func test_below_a_character_they_do_not_warn() -> void:
	var nodes := _nodes()
	nodes.pop_back()
	character_with(nodes)
	for node in nodes:
		check_equal(node._get_configuration_warnings(), PackedStringArray(), node.get_script().resource_path)


func test_their_layers_come_and_go_with_them() -> void:
	var breath := AnimeBreath.new()
	var character := character_with([breath])
	breath.advance(1.5)
	check(shown(character, "breathing") > 0.1, "it breathes")
	character.remove_child(breath)
	check_equal(shown(character, "breathing"), 0.0, "taken away")
	character.add_child(breath)
	breath.advance(0.1)
	check(shown(character, "breathing") > 0.1, "put back")
	breath.queue_free()
	await get_tree().process_frame
	check_equal(shown(character, "breathing"), 0.0, "freed")


func test_switched_off_they_leave_the_pose_as_it_is() -> void:
	var breath := AnimeBreath.new()
	var character := character_with([breath])
	breath.advance(1.5)
	breath.enabled = false
	check_equal(shown(character, "breathing"), 0.0)
	breath.set_process(true)
	await get_tree().process_frame
	await get_tree().process_frame
	check_equal(shown(character, "breathing"), 0.0, "and stay so")


func test_they_move_by_themselves_in_a_running_game() -> void:
	var breath := AnimeBreath.new()
	breath.rate = 60.0
	var character := add_character()
	character.add_child(breath)
	await wait_until(func() -> bool: return shown(character, "breathing") > 0.0, "a breath")


func test_any_frame_rate_gives_the_same_motion() -> void:
	for parameter: String in ["eye_wink_left", "breathing", "head_y", "iris_rotation_y", "head_x"]:
		var ends := PackedFloat32Array()
		for frames_per_second: float in [15.0, 60.0, 240.0]:
			var node := _mover_of(parameter)
			var character := character_with([node])
			node.call("advance", 0.0)
			character.head_x = 0.5
			var values := trace(character, node, parameter, 4.0, frames_per_second)
			# Every 15th of a second.
			for at in 60:
				ends.append(values[roundi((at + 1) * frames_per_second / 15.0) - 1])
		check(largest(ends) - smallest(ends) > 0.05, "%s moves" % parameter)
		for at in 60:
			check_near(ends[60 + at], ends[at], 2e-3, "%s at 60 fps, %d" % [parameter, at])
			check_near(ends[120 + at], ends[at], 2e-3, "%s at 240 fps, %d" % [parameter, at])


# A node that moves a parameter, with settings that do so within 4 seconds.
func _mover_of(parameter: String) -> Node:
	match parameter:
		"eye_wink_left":
			var blink := AnimeBlink.new()
			blink.mean_interval = 1.0
			blink.random_seed = 3
			return blink
		"head_y":
			var idle := AnimeIdle.new()
			idle.speed = 1.0
			idle.random_seed = 3
			return idle
		"iris_rotation_y":
			var look := AnimeLookAt.new()
			look.mode = AnimeLookAt.Mode.DIRECTION
			look.direction = Vector2(0.7, 0.2)
			return look
		"head_x":
			return AnimeSpring.new()
	return AnimeBreath.new()


func test_in_a_game_they_say_once_that_there_is_no_character() -> void:
	var holder := Node.new()
	add_child(holder)
	var breath := AnimeBreath.new()
	take_warnings()
	holder.add_child(breath)
	holder.remove_child(breath)
	holder.add_child(breath)
	var warnings := take_warnings()
	check_equal(warnings.size(), 1)
	check("put it below an AnimatedAnimeCharacter" in warnings[0], warnings[0])


func test_what_cannot_be_looked_at_or_listened_to_is_said_once() -> void:
	var look := AnimeLookAt.new()
	var lips := AnimeLipSync.new()
	var deaf := AnimeLipSync.new()
	character_with([look, lips, deaf])
	var thing := Node.new()
	thing.name = "Thing"
	add_child(thing)
	look.target = thing
	lips.audio_player = thing
	deaf.bus = &"Nowhere"
	take_warnings()
	for _frame in 3:
		for node: Node in [look, lips, deaf]:
			node.call("advance", 0.1)
	var warnings := take_warnings()
	check_equal(warnings.size(), 3)
	check("target is Thing, a Node," in warnings[0], warnings[0])
	check("audio_player is Thing, a Node," in warnings[1], warnings[1])
	check('no audio bus "Nowhere"' in warnings[2], warnings[2])
