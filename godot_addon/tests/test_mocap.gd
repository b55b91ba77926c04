extends MocapCase

const FaceCoefficients := preload("res://addons/anime_character/mocap/face_coefficients.gd")
const IFacialMocap := preload("res://addons/anime_character/mocap/ifacialmocap.gd")
const MouthShapes := preload("res://addons/anime_character/mocap/mouth_shapes.gd")
const Vmc := preload("res://addons/anime_character/mocap/vmc.gd")

const SHAPES: Array[Vector4] = [
	Vector4(1.0, 1.0, 0.0, 0.0), Vector4(0.0, 1.0, 0.0, 0.0), Vector4(0.5, 0.3, 0.25, 0.75), Vector4(1.0, 0.5, 0.5, 0.4)
]


func _cost(shares: PackedFloat64Array, mouth: PackedFloat64Array) -> float:
	var rest := Vector4(mouth[0], mouth[1], mouth[2], mouth[3])
	var penalty := 0.0
	for share in 4:
		rest -= shares[share] * SHAPES[share]
		penalty += 0.01 * shares[share]
	return rest.length() + penalty


func test_no_mouth_shape_is_nearer_than_the_one_found() -> void:
	var shapes := MouthShapes.new()
	var random := RandomNumberGenerator.new()
	random.seed = 9
	for _case in 300:
		var mouth := PackedFloat64Array()
		for _number in 4:
			mouth.append([0.0, 1.0, random.randf(), random.randf()].pick_random())
		var found := shapes.find(mouth)
		var least := _cost(found, mouth)
		for share in found:
			check(share >= 0.0 and share <= 1.0, "%s: %s" % [mouth, found])
		# The problem is convex: what nothing nearby beats, nothing beats.
		for _try in 30:
			var other := found.duplicate()
			for share in 4:
				other[share] = clampf(other[share] + random.randfn(0.0, 0.02), 0.0, 1.0)
			if _cost(other, mouth) < least - 1e-6:
				check(false, "%s: %s is better than %s" % [mouth, other, found])
				break


func test_ifacialmocap_is_read() -> void:
	var face := FaceCoefficients.new()
	var text := "eyeBlink_L&60| jawOpen&8 |hapihapi&0||trackingStatus-1|browInnerUp&250"
	text += "|=head#1.5,-2,3,4,5,6|rightEye#1,2,3"
	var reading := IFacialMocap.read(text.to_ascii_buffer(), face)
	check_equal([reading.problem, reading.flaws.size(), reading.unknown.size()], ["", 0, 0])
	check_near(face.values[FaceCoefficients.index_of("eyeBlinkLeft")], 0.6, 1e-6, "eyeBlink_L")
	check_near(face.values[FaceCoefficients.index_of("jawOpen")], 0.08, 1e-6, "jawOpen")
	check_equal(face.values[FaceCoefficients.index_of("browInnerUp")], 1.0, "clamped")
	check_equal(face.head_degrees, Vector3(1.5, -2.0, 3.0))


func test_version_1_of_ifacialmocap_is_read() -> void:
	var face := FaceCoefficients.new()
	var text := "mouthSmile_R-0|eyeBlink_L-90|jawOpen--3|browInnerUp-12.5|trackingStatus-1|hapihapi-0"
	text += "|=head#-21.5,-6,3.25,-0.03,-0.1,-0.66|rightEye#6.0,2.4,0.25|leftEye#6.0,-1.7,-0.2|"
	var reading := IFacialMocap.read(text.to_ascii_buffer(), face)
	check_equal([reading.problem, reading.flaws.size(), reading.unknown.size()], ["", 0, 0])
	check_near(face.values[FaceCoefficients.index_of("eyeBlinkLeft")], 0.9, 1e-6, "eyeBlink_L")
	check_near(face.values[FaceCoefficients.index_of("browInnerUp")], 0.125, 1e-6, "browInnerUp")
	check_equal(face.values[FaceCoefficients.index_of("jawOpen")], 0.0, "clamped")
	check_equal(face.head_degrees, Vector3(-21.5, -6.0, 3.25))


func test_every_spelling_of_a_name_is_known() -> void:
	var index := FaceCoefficients.NAMES.find("eyeBlinkRight")
	for spelling: String in ["eyeBlinkRight", "EyeBlinkRight", "EYEBLINKRIGHT", "eyeBlink_R", "eye_blink_right"]:
		check_equal(FaceCoefficients.index_of(spelling), index, spelling)
	for other: String in ["eyeBlink", "", "_R", "cheek", "eyeBlinkRightt"]:
		check_equal(FaceCoefficients.index_of(other), -1, other)


func test_datagrams_without_a_face_change_nothing() -> void:
	for text: String in [
		"",
		"hello",
		"eyeBlink_L&nan",
		"jawOpen&x",
		"jawOpen&1e999",
		"foo&5|bar-3",
		"=head#1,2,3",
		"=head#1,2,3,4,5,inf",
		"=head#1e9,2,3,4,5,6",
		"jawOpen&5|\u00e9",
		"jawOpen&5|".repeat(2000),
	]:
		var face := FaceCoefficients.new()
		var reading := IFacialMocap.read(text.to_utf8_buffer(), face)
		check(not reading.has_face and not reading.problem.is_empty(), text.left(40))
		check_equal(face.values, FaceCoefficients.new().values, text.left(40))
		check_equal(face.head_degrees, Vector3.ZERO)


func test_a_field_that_makes_no_sense_does_not_hide_the_others() -> void:
	for flawed: String in ["jawOpen&x", "jawOpen&nan", "=head#1,2,3", "garbage"]:
		var face := FaceCoefficients.new()
		var reading := IFacialMocap.read(("eyeBlink_L&60|" + flawed).to_ascii_buffer(), face)
		check_near(face.values[FaceCoefficients.index_of("eyeBlinkLeft")], 0.6, 1e-6, flawed)
		check_equal([reading.has_face, reading.problem, reading.flaws.size()], [true, "", 1], flawed)


func test_a_turn_of_a_vmc_bone_is_the_same_turn_of_the_head() -> void:
	# In Unity's left-handed frame: x to the character's right, y up, z forward.
	var down := Quaternion(sin(deg_to_rad(5)), 0, 0, cos(deg_to_rad(5)))
	check_near(Vmc.degrees_of(down).x, 10.0, 1e-4, "down is positive")
	var right := Quaternion(0, sin(deg_to_rad(5)), 0, cos(deg_to_rad(5)))
	check_near(Vmc.degrees_of(right).y, -10.0, 1e-4, "to the own right is negative")
	var lean := Quaternion(0, 0, sin(deg_to_rad(5)), cos(deg_to_rad(5)))
	check_near(Vmc.degrees_of(lean).z, -10.0, 1e-4, "about the forward axis")


func test_a_threshold_without_room_gives_nothing() -> void:
	var mapping := AnimeFaceMapping.new()
	mapping.smile_min = 0.6
	mapping.eye_blink_max = 0.0
	mapping.jaw_open_min = 0.4
	mapping.mouth_frown_max = 0.0
	var face := FaceCoefficients.new()
	face.values.fill(1.0)
	for value in mapping.map(face):
		check(is_finite(value), "finite")


func test_the_face_takes_the_place_of_the_base_pose_but_for_the_breath() -> void:
	var mocap := make_mocap()
	var character := character_with([mocap])
	character.mouth_smirk = 0.5
	character.breathing = 0.5
	await send(mocap, "eyeBlink_L&80|=head#-7.5,0,0,0,0,0")
	check_near(shown(character, "eye_wink_left"), 1.0, 1e-5, "the wink")
	check_near(shown(character, "head_x"), 0.5, 1e-5, "the head")
	check_equal([shown(character, "mouth_smirk"), shown(character, "breathing")], [0.0, 0.5])
	character.express(&"smug", 0.0)
	check_equal(shown(character, "mouth_smirk"), 1.0, "an expression stays above it")


func test_without_news_the_character_goes_back_and_both_are_told() -> void:
	var mocap := make_mocap()
	var character := character_with([mocap])
	var told: Array[String] = []
	mocap.tracking_started.connect(func() -> void: told.append("started"))
	mocap.tracking_lost.connect(func() -> void: told.append("lost"))
	character.head_y = 0.25
	await send(mocap, "=head#0,10,0,0,0,0")
	await send(mocap, "=head#0,10,0,0,0,0")
	check_equal(shown(character, "head_y"), -1.0)
	mocap.fade = 0.5
	mocap.advance(0.9)
	check(mocap.is_tracking(), "not yet")
	mocap.advance(0.2)
	mocap.advance(0.1)
	var between := shown(character, "head_y")
	check(between > -1.0 and between < 0.25, "on the way back: %s" % between)
	mocap.advance(1.0)
	check_equal(shown(character, "head_y"), 0.25)
	await send(mocap, "=head#0,10,0,0,0,0")
	check_equal(told, ["started", "lost", "started"] as Array[String])


func test_smoothing_takes_its_time_whatever_the_frame_rate() -> void:
	for frames_per_second: float in [20.0, 200.0]:
		var mocap := make_mocap()
		var character := character_with([mocap])
		await send(mocap, "=head#0,0,0,0,0,0")
		mocap.smoothing = 0.5
		await send(mocap, "=head#-15,0,0,0,0,0")
		var values := trace(character, mocap, "head_x", 0.5, frames_per_second)
		check_near(values[-1], 0.95, 0.005, "after its time at %s fps" % frames_per_second)
		mocap.free()


func test_calibration_makes_the_present_face_neutral() -> void:
	var mocap := make_mocap()
	var character := character_with([mocap])
	await send(mocap, "eyeWide_L&20|=head#3,0,0,0,0,0")
	check_near(shown(character, "head_x"), -0.2, 1e-5, "before")
	mocap.calibrate()
	await send(mocap, "eyeWide_L&20|=head#3,0,0,0,0,0")
	check_near(shown(character, "head_x"), 0.0, 1e-5, "the head")
	check_near(shown(character, "eye_surprised_left"), 0.0, 1e-5, "the eyes")
	await send(mocap, "eyeWide_L&60|=head#-4.5,0,0,0,0,0")
	check_near(shown(character, "head_x"), 0.5, 1e-5, "from there")
	check_near(shown(character, "eye_surprised_left"), 1.0, 1e-5, "half of what is left is all that there is")
	mocap.advance(5.0)
	take_warnings()
	mocap.calibrate()
	check_equal(take_warnings().size(), 1, "warnings when there is no face to take")
	await send(mocap, "eyeWide_L&60|=head#-4.5,0,0,0,0,0")
	check_near(shown(character, "head_x"), 0.5, 1e-5, "as it was calibrated before")
	mocap.clear_calibration()
	await send(mocap, "eyeWide_L&20|=head#3,0,0,0,0,0")
	check_near(shown(character, "head_x"), -0.2, 1e-5, "taken back")
