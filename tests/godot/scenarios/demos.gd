extends "scenario.gd"
## Goes through every demo as a person does, and saves what the window shows.

const SceneChange := preload("res://demo/shared/scene_change.gd")
const FACE_AND_HEAD: Array[String] = ["head_y", "neck_z", "mouth_aaa"]


func play() -> void:
	await go_through_menu()
	await go_through_gallery()
	await go_through_novel()
	await go_through_puppet()
	await go_through_billboard()
	await press_key(KEY_ESCAPE)
	await wait_until(func() -> bool: return current_scene and current_scene.name == "Menu", "the menu after Escape")


func go_through_menu() -> void:
	SceneChange.open(self, "res://demo/menu.tscn")
	await wait_for_scene("Menu")
	await wait_for_characters()
	await save_window("menu.png")
	tell("menu_credits", JSON.stringify((find("%Credits") as Label).text))
	await click(find("%Buttons/Gallery"))
	await wait_for_scene("Gallery")


func go_through_gallery() -> void:
	var character := await still_character()
	await click(find("%Alive"))
	await wait_for_picture(character)
	await save_window("gallery.png")
	await click(find("%Swatches").get_child(3))
	await save_window("gallery_green.png")
	var mouth := character.mouth_aaa
	for page: Control in find("Panel/Column/Tabs").get_children():
		page.show()
		await process_frame
		await click(page.find_child("*Slider*", true, false))
	tell("sliders_moved", character.get_pose().count(0.0) < AnimatedAnimeCharacter.PARAMETER_COUNT - 3)
	tell("mouth_moved", character.mouth_aaa != mouth)
	await click(find("%Reset"))
	tell("reset", character.get_pose().count(0.0) == AnimatedAnimeCharacter.PARAMETER_COUNT)
	for button: Button in find("%Moods").get_children():
		await click(button)
		tell("mood", character.expression)
	await click(find("%Random"))
	tell("random", character.get_pose().count(0.0))
	tell("random_expression", character.expression)
	await click(find("%HeadOnly"))
	tell("view", character.view)
	tell("status", (find("%Status") as Label).text)
	await wait_for_picture(character)
	await save_window("gallery_head.png")
	await click(find("Back"))
	await wait_for_scene("Menu")


func go_through_novel() -> void:
	await click(find("%Buttons/VisualNovel"))
	await wait_for_scene("VisualNovel")
	await wait_for_characters()
	var yunagi: AnimatedAnimeCharacter = find("%Yunagi")
	var other: AnimatedAnimeCharacter = find("%Kohaku")
	var opened: Dictionary[AnimatedAnimeCharacter, float] = {yunagi: 0.0, other: 0.0}
	var visited: Array[int] = []
	var choices := 0
	var restarted := false
	current_scene.connect(
		"line_began",
		func(_place: int) -> void:
			# The first picture of it that anybody sees.
			await RenderingServer.frame_pre_draw
			tell("letters_at_first", (find("%Text") as Label).visible_ratio)
	)
	await save_window("novel.png")
	while visited.size() < 40:
		var place: int = current_scene.call("get_place")
		if (find("%Choices") as Control).visible:
			if restarted and (find("%Text") as Label).text == "Good night, Kohaku.":
				break
			# The first time the upper choice, then the lower one.
			var offered := find("%Choices").get_children()
			if (find("%Text") as Label).text == "Good night, Kohaku.":
				restarted = true
				await click(offered[0])
			else:
				await click(offered[choices])
				choices += 1
			continue
		visited.append(place)
		tell("line", "%d|%s|%s" % [place, yunagi.expression, other.expression])
		await wait_seconds(0.2)
		for who in opened:
			opened[who] = maxf(opened[who], mouth_of(who))
		if (find("%Text") as Label).text == "Good night, Kohaku.":
			await wait_until(
				func() -> bool: return not current_scene.call("is_typing"), "a line that is said to its end", 15.0
			)
		# One click shows the whole line, the next one goes on.
		if current_scene.call("is_typing"):
			await click_at(Vector2(640, 500))
			tell("letters_after_click", (find("%Text") as Label).visible_ratio)
			tell("speaks_after_click", (yunagi.get_node("LipSync") as AnimeLipSync).is_speaking())
		await click_at(Vector2(640, 500))
	for who in opened:
		tell("mouth_of_" + String(who.name), opened[who])
	await click(find("%Choices").get_child(1))
	await wait_for_scene("Menu")


func go_through_puppet() -> void:
	SceneChange.open_node(self, puppet_on_port(int(option("port"))))
	await wait_for_scene("Puppet")
	var character: AnimatedAnimeCharacter = find("%Character")
	await wait_for_characters()
	tell("puppet_waits", (find("%State") as Label).text)
	await save_window("puppet.png")
	tell("phase", "datagrams")
	await wait_until(func() -> bool: return character.get_shown_pose()[26] > 0.5, "a mouth that datagrams open")
	# One picture may have been on its way.
	var pictures: Array[int] = [0]
	character.frame_shown.connect(func() -> void: pictures[0] += 1)
	await wait_until(func() -> bool: return pictures[0] >= 2 or character.is_up_to_date(), "a picture of it")
	await save_window("puppet_moved.png")
	var state: Label = find("%State")
	await wait_until(func() -> bool: return state.text.begins_with("Receiving"), "a word of it")
	tell("puppet_receives", (find("%State") as Label).text)
	await wait_until(func() -> bool: return character.get_shown_pose()[26] == 0.0, "the base pose after the datagrams")
	for protocol: String in ["ifacialmocap", "vmc"]:
		var mocap: AnimeMocap = find("%Mocap")
		if protocol == "vmc":
			current_scene.call("listen_to", AnimeMocap.Protocol.VMC, int(option("port")))
			# What is not asked for now disappears, and the buttons move up.
			await wait_seconds(0.3)
		var before := mocap.received
		await click(find("%Play"))
		var least := character.get_shown_pose()
		var most := least.duplicate()
		var moved: Dictionary[String, bool] = {}
		var is_enough := func() -> bool:
			var pose := character.get_shown_pose()
			for index in pose.size():
				least[index] = minf(least[index], pose[index])
				most[index] = maxf(most[index], pose[index])
				if most[index] - least[index] > 0.15:
					moved[AnimatedAnimeCharacter.PARAMETER_NAMES[index]] = true
			return moved.has_all(FACE_AND_HEAD) and mocap.received >= before + 8
		await wait_until(is_enough, "a face and a head that move")
		tell("made_up_" + protocol, " ".join(PackedStringArray(moved.keys())))
		tell("received_" + protocol, mocap.received - before)
		tell("ignored_" + protocol, mocap.ignored)
		await click(find("%Play"))


func puppet_on_port(port: int) -> Node:
	var puppet: Node = (load("res://demo/puppet/puppet.tscn") as PackedScene).instantiate()
	(puppet.get_node("%Mocap") as AnimeMocap).port = port
	return puppet


func go_through_billboard() -> void:
	SceneChange.open(self, "res://demo/billboard/billboard.tscn")
	await wait_for_scene("Billboard")
	var character := await still_character()
	var look_at: AnimeLookAt = find("%LookAt")
	await click(find("%AtYou"))
	tell("looks_at", look_at.target.name)
	await wait_seconds(0.5)
	await wait_until(func() -> bool: return look_at.get_gaze().length() < 0.3, "a gaze at the camera")
	tell("gaze_at_you", look_at.get_gaze().length())
	find("%Light").set_process(false)
	(find("%Light") as Node3D).position = Vector3(2.0, 1.6, 1.5)
	await click(find("%AtTheLight"))
	var is_at_light := func() -> bool: return look_at.get_gaze().x > 0.5 and character.get_shown_pose()[38] < -0.2
	await wait_until(is_at_light, "a gaze at the light")
	tell("gaze_at_light", look_at.get_gaze().x)
	tell("eyes_at_light", character.get_shown_pose()[38])
	for node: Node in [look_at, find("%Camera")]:
		node.set_process(false)
	(find("%Light") as Node3D).position = Vector3(-2.5, 2.5, 0.8)
	await wait_for_picture(character)
	await save_window("billboard.png")
	character.get_image().save_png(output_file("billboard_texture.png"))
	var figure: Sprite3D = find("%Figure")
	var camera: Camera3D = find("%Camera")
	# Where some points of the picture are in the window.
	for y in range(100, 440, 10):
		for x in range(150, 370, 10):
			var place := Vector3(x + 0.5 - 256.0, 256.0 - y - 0.5, 0.0) * figure.pixel_size
			var seen := camera.unproject_position(figure.global_transform * place)
			tell("point", "%d %d %f %f" % [x, y, seen.x, seen.y])


## A part of the present scene.
func find(path: String) -> Node:
	return current_scene.get_node(path)


func wait_for_scene(scene_name: String) -> void:
	await wait_until(
		func() -> bool: return current_scene != null and current_scene.name == scene_name, "the scene " + scene_name
	)
	await process_frame


func characters() -> Array[AnimatedAnimeCharacter]:
	var found: Array[AnimatedAnimeCharacter] = []
	for node in current_scene.find_children("*", "Node2D", true, false):
		if node is AnimatedAnimeCharacter:
			found.append(node)
	return found


## Until every character of the scene is moved by the bridge.
func wait_for_characters() -> void:
	for node in characters():
		node.failed.connect(func(message: String) -> void: tell("failed", message))
		await wait_until(func() -> bool: return node.latency_ms > 0.0, "a picture of the character", 40.0)


## The scene's only character, which neither blinks nor breathes.
func still_character() -> AnimatedAnimeCharacter:
	await wait_for_characters()
	var character := characters()[0]
	for life: String in ["Blink", "Breath", "Idle"]:
		if character.has_node(life):
			character.get_node(life).set("enabled", false)
	return character


## How far a mouth is open, whatever its shape.
func mouth_of(character: AnimatedAnimeCharacter) -> float:
	var open := 0.0
	for vowel in (character.get_node("LipSync") as AnimeLipSync).get_mouth():
		open = maxf(open, vowel)
	return open


func click(button: Control) -> void:
	await click_at(button.get_global_rect().get_center())


## A click of the left button, as a mouse makes it.
func click_at(place: Vector2) -> void:
	for pressed: bool in [true, false]:
		var event := InputEventMouseButton.new()
		event.button_index = MOUSE_BUTTON_LEFT
		event.pressed = pressed
		event.position = place
		event.global_position = place
		Input.parse_input_event(event)
		await process_frame


func press_key(key: Key) -> void:
	for pressed: bool in [true, false]:
		var event := InputEventKey.new()
		event.keycode = key
		event.physical_keycode = key
		event.pressed = pressed
		Input.parse_input_event(event)
		await process_frame
