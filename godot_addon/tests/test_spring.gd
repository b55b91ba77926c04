extends LifeCase

const SpringMotion := preload("res://addons/anime_character/life/spring_motion.gd")


# The same equation of motion, in many tiny steps.
func _integrated(start: Vector2, target: float, frequency: float, damping: float, seconds: float) -> Vector2:
	var w := TAU * frequency
	var state := start
	var steps := 20000
	for _step in steps:
		var acceleration := -2.0 * damping * w * state.y - w * w * (state.x - target)
		state.y += acceleration * seconds / steps
		state.x += state.y * seconds / steps
	return state


func test_a_step_is_the_solution_of_the_equation_of_motion() -> void:
	for damping: float in [0.2, 0.7, 1.0, 1.8]:
		var spring := SpringMotion.new()
		spring.position = 0.3
		spring.velocity = -2.0
		spring.advance(1.0, 1.5, damping, 0.4)
		var expected := _integrated(Vector2(0.3, -2.0), 1.0, 1.5, damping, 0.4)
		check_near(spring.position, expected.x, 2e-3, "position with damping %s" % damping)
		check_near(spring.velocity, expected.y, 2e-2, "velocity with damping %s" % damping)


func test_two_steps_are_one_of_twice_the_length() -> void:
	for damping: float in [0.05, 0.9999, 1.0, 1.0001, 4.0]:
		var one := SpringMotion.new()
		var two := SpringMotion.new()
		one.advance(0.7, 2.0, damping, 0.3)
		for _half in 2:
			two.advance(0.7, 2.0, damping, 0.15)
		check_near(two.position, one.position, 1e-6, "damping %s" % damping)
		check_near(two.velocity, one.velocity, 1e-5, "damping %s" % damping)


func test_it_is_stable_at_any_frame_rate() -> void:
	var random := RandomNumberGenerator.new()
	random.seed = 2
	for _case in 300:
		var spring := SpringMotion.new()
		var frequency := random.randf_range(0.1, 20.0)
		var damping := random.randf_range(0.05, 4.0)
		for _step in 20:
			spring.advance(random.randf_range(-1.0, 1.0), frequency, damping, pow(10.0, random.randf_range(-4.0, 2.0)))
			check(absf(spring.position) < 12.0, "%s Hz, %s: %s" % [frequency, damping, spring.position])
		spring.advance(0.5, frequency, damping, 1000.0)
		check_near(spring.position, 0.5, 1e-5, "it comes to rest")


func test_head_and_body_lag_and_arrive() -> void:
	var spring := AnimeSpring.new()
	var character := character_with([spring])
	spring.advance(0.0)
	character.head_y = 0.5
	character.body_y = 0.5
	spring.advance(1.0 / 60.0)
	check(shown(character, "head_y") < 0.1, "it has hardly begun")
	var values := trace(character, spring, "head_y", 5.0, 60.0)
	check(largest(values) > 0.52, "it overshoots: %s" % largest(values))
	check_near(values[-1], 0.5, 1e-3, "it arrives")
	check_near(shown(character, "body_y"), 0.5, 1e-3, "so does the body")


func test_it_begins_at_rest_where_the_character_is() -> void:
	var spring := AnimeSpring.new()
	var character := character_with([spring])
	character.head_y = 0.5
	for _frame in 10:
		spring.advance(0.1)
		check_near(shown(character, "head_y"), 0.5, 1e-6, "no swing out of nothing")
	character.head_y = -0.5
	spring.settle()
	spring.advance(0.01)
	check_near(shown(character, "head_y"), -0.5, 1e-6, "settled")


func test_overrides_are_exact_and_expressions_lag() -> void:
	var spring := AnimeSpring.new()
	var character := character_with([spring])
	spring.advance(0.0)
	character.express_pose(AnimePose.from_values({"head_y": 0.5, "head_x": 0.5}), 0.0)
	character.override_parameter(&"head_x", 0.25)
	spring.advance(0.01)
	check(shown(character, "head_y") < 0.1, "the expression")
	check_equal(shown(character, "head_x"), 0.25)
