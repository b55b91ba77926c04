extends LifeCase


func _looker(direction: Vector2) -> AnimeLookAt:
	var look := AnimeLookAt.new()
	look.mode = AnimeLookAt.Mode.DIRECTION
	look.direction = direction
	look.engage_time = 0.0
	return look


func test_eyes_go_first_the_head_follows_and_the_eyes_come_back() -> void:
	var look := _looker(Vector2(1.0, 0.0))
	var character := character_with([look])
	look.advance(0.08)
	# To the viewer's right is negative in a pose.
	var first_eyes := shown(character, "iris_rotation_y")
	check(first_eyes < -0.7, "the eyes are there: %s" % first_eyes)
	check(shown(character, "head_y") > -0.2, "the head has hardly begun: %s" % shown(character, "head_y"))
	look.advance(3.0)
	check_near(shown(character, "head_y"), -look.head, 1e-3, "the head")
	check_near(shown(character, "body_y"), -look.body, 1e-2, "the body")
	check(shown(character, "iris_rotation_y") > first_eyes + 0.2, "the eyes have come back some of the way")


func test_up_and_down() -> void:
	for up: bool in [true, false]:
		var look := _looker(Vector2(0.0, -1.0 if up else 1.0))
		var character := character_with([look])
		look.advance(2.0)
		check_equal(signf(shown(character, "iris_rotation_x")), 1.0 if up else -1.0, "eyes")
		check_equal(signf(shown(character, "head_x")), 1.0 if up else -1.0, "head")


func test_nothing_goes_beyond_its_limits() -> void:
	var look := _looker(Vector2(50.0, -80.0))
	look.eyes = 0.5
	look.head = 0.25
	look.body = 0.125
	var character := character_with([look])
	var limits: Dictionary[String, float] = {
		"iris_rotation_x": 0.5, "iris_rotation_y": 0.5, "head_x": 0.25, "head_y": 0.25, "body_y": 0.125
	}
	for _frame in 200:
		look.advance(0.02)
		for parameter in limits:
			check(absf(shown(character, parameter)) <= limits[parameter] + 1e-6, parameter)


func test_it_looks_at_nodes_of_every_kind_from_wherever_the_character_is() -> void:
	var look := AnimeLookAt.new()
	var character := character_with([look])
	character.position = Vector2(300, 200)
	character.scale = Vector2(0.5, 0.5)
	var sprite := Node2D.new()
	add_child(sprite)
	var control := Control.new()
	control.size = Vector2(20, 20)
	add_child(control)
	for target: CanvasItem in [sprite, control]:
		look.target = target
		for direction: Vector2 in [Vector2(1, 0), Vector2(-1, 0), Vector2(0, 1), Vector2(0, -1), Vector2(0.3, -0.4)]:
			# The face is above the middle of the picture.
			var place := character.to_global(character.get_face_position()) + direction * look.full_distance * 0.5
			target.set("global_position", place - (Vector2(10, 10) if target is Control else Vector2.ZERO))
			look.advance(5.0)
			check_near(look.get_gaze().distance_to(direction), 0.0, 1e-3, "%s to %s" % [target.get_class(), direction])


func test_a_mirrored_character_looks_the_right_way() -> void:
	var look := AnimeLookAt.new()
	var character := character_with([look])
	character.flip_h = true
	var target := Node2D.new()
	add_child(target)
	look.target = target
	target.global_position = character.to_global(character.get_face_position()) + Vector2(300, 0)
	look.advance(3.0)
	# Its picture is mirrored: the viewer's right on the screen is the left in the picture.
	check(shown(character, "iris_rotation_y") > 0.1, "to the viewer's left in the picture")


func test_the_face_is_where_it_is_drawn() -> void:
	var character := add_character()
	check_equal(character.get_face_position(), Vector2(0, -112))
	character.view = AnimatedAnimeCharacter.View.HEAD
	check_equal(character.get_face_position(), Vector2.ZERO)
	character.view = AnimatedAnimeCharacter.View.CUSTOM
	character.custom_region = Rect2i(156, 44, 100, 100)
	character.centered = false
	check_equal(character.get_face_position(), Vector2(100, 100))
	character.flip_h = true
	character.flip_v = true
	check_equal(character.get_face_position(), Vector2(0, 0))


func test_in_3d_it_looks_from_what_shows_the_character() -> void:
	var look := AnimeLookAt.new()
	var character := character_with([look])
	var screen := Sprite3D.new()
	add_child(screen)
	screen.rotation_degrees.y = 90.0
	var target := Node3D.new()
	add_child(target)
	look.shown_by = screen
	look.target = target
	# The sprite faces +x now, so its viewer's right is -z.
	target.global_position = Vector3(2.0, 0.0, -1.0)
	look.advance(5.0)
	check_near(look.get_gaze().x, rad_to_deg(atan2(1.0, 2.0)) / look.full_angle, 1e-3, "to the right")
	target.global_position = Vector3(2.0, 1.0, 0.0)
	look.advance(5.0)
	check_near(look.get_gaze().y, -rad_to_deg(atan2(1.0, 2.0)) / look.full_angle, 1e-3, "up")
	check(shown(character, "head_x") > 0.0, "the head, too")


func test_in_3d_without_a_sprite_it_looks_where_the_camera_sees_the_target() -> void:
	var look := AnimeLookAt.new()
	character_with([look])
	var camera := Camera3D.new()
	add_child(camera)
	camera.make_current()
	var target := Node3D.new()
	add_child(target)
	look.target = target
	target.global_position = Vector3(0.0, 0.0, 5.0)
	look.advance(5.0)
	check_equal(look.get_gaze(), Vector2.ZERO, "what is behind the camera is not looked at")
	target.global_position = Vector3(1.0, 0.0, -5.0)
	look.advance(5.0)
	var expected := camera.unproject_position(target.global_position) - Vector2(0, -112)
	check_near(look.get_gaze().angle_to(expected), 0.0, 1e-3, "the direction")


func test_it_follows_the_mouse() -> void:
	var view := SubViewport.new()
	view.size = Vector2i(1000, 1000)
	add_child(view)
	var character := AnimatedAnimeCharacter.new()
	character.bridge_address = "tcp://127.0.0.1:1"
	character.position = Vector2(500, 612)
	view.add_child(character)
	var look := AnimeLookAt.new()
	look.mode = AnimeLookAt.Mode.MOUSE
	character.add_child(look)
	look.set_process(false)
	# The face is in the middle of the viewport.
	for place: Vector2 in [Vector2(750, 500), Vector2(500, 250), Vector2(300, 600)]:
		var motion := InputEventMouseMotion.new()
		motion.position = place
		view.push_input(motion)
		look.advance(5.0)
		check_near(look.get_gaze().distance_to((place - Vector2(500, 500)) / 500.0), 0.0, 1e-3, "%s" % place)


func test_without_a_target_the_pose_is_as_it_was() -> void:
	var look := AnimeLookAt.new()
	var character := character_with([look])
	character.head_y = 0.5
	look.advance(1.0)
	check_equal(shown(character, "head_y"), 0.5)
	var target := Node2D.new()
	add_child(target)
	target.position = Vector2(-500, 0)
	look.target = target
	look.advance(5.0)
	check(shown(character, "iris_rotation_y") > 0.1, "it looks")
	target.free()
	for _frame in 200:
		look.advance(0.02)
	check_near(shown(character, "head_y"), 0.5, 1e-3, "a target that is gone is let go")
	check_near(shown(character, "iris_rotation_y"), 0.0, 1e-3, "by the eyes, too")
