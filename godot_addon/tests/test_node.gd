extends TestCase

const PictureScale := preload("res://addons/anime_character/picture_scale.gd")
const BridgeConnections := preload("res://addons/anime_character/sources/bridge/bridge_connections.gd")


func test_the_resting_picture_is_shown_without_a_bridge() -> void:
	var node := add_character(make_character(Color.BLUE))
	check_equal(node.get_image().get_size(), Vector2i(512, 512))
	check_equal(node.get_image().get_pixel(5, 5), Color.BLUE)
	check_equal(node.get_image().get_pixel(256, 144), Color(0, 1, 0))
	check_equal(node.texture.get_size(), Vector2(512, 512))
	check(not node.is_bridge_connected() and not node.is_up_to_date(), "no bridge")


func test_a_character_file_is_shown_too() -> void:
	var path := OS.get_user_data_dir().path_join("single.tha4")
	write_file(path, make_character_file(Color.RED))
	check_equal(add_character(path).get_image().get_pixel(5, 5), Color.RED)


func test_another_character_and_none_are_shown_at_once() -> void:
	var node := add_character(make_character(Color.BLUE))
	node.character = AnimeCharacter.from_bytes(make_character_file(Color.RED, {"head_view": [1, 2, 30, 40]}))
	check_equal(node.get_image().get_pixel(5, 5), Color.RED)
	node.view = AnimatedAnimeCharacter.View.HEAD
	check_equal(node.get_region(), Rect2i(1, 2, 30, 40))
	node.character = null
	check_equal(node.get_region(), AnimatedAnimeCharacter.DEFAULT_HEAD_VIEW)
	check_equal(BridgeConnections.count(), 0)
	check("No character" in node._get_configuration_warnings()[0], "says so")


func test_a_character_whose_file_changes_is_shown_as_it_is_now() -> void:
	var path := "user://imported.res"
	ResourceSaver.save(AnimeCharacter.from_bytes(make_character_file(Color.BLUE)), path)
	var node := add_character()
	node.character = load(path)
	check_equal(node.get_image().get_pixel(5, 5), Color.BLUE)
	var expressions := {"custom": {"mouth_aaa": 0.5}}
	var newer := AnimeCharacter.from_bytes(make_character_file(Color.RED, {"head_view": [1, 2, 30, 40]}, expressions))
	# As the editor does when it has imported a file again: the same resource, with other contents.
	ResourceSaver.save(newer, path)
	ResourceLoader.load(path, "", ResourceLoader.CACHE_MODE_REPLACE)
	await get_tree().process_frame
	check_equal(node.get_image().get_pixel(5, 5), Color.RED)
	check_equal(node.find_expression(&"custom").get_value(&"mouth_aaa"), 0.5)
	node.view = AnimatedAnimeCharacter.View.HEAD
	check_equal(node.get_region(), Rect2i(1, 2, 30, 40))


func test_views_crop_the_picture_and_keep_the_texture_object() -> void:
	var node := add_character(make_character(Color.BLUE))
	var texture := node.texture
	node.view = AnimatedAnimeCharacter.View.HEAD
	check_equal(node.get_image().get_size(), Vector2i(192, 192))
	check_equal(node.get_image().get_pixel(0, 0), Color(0, 1, 0))
	check_equal(node.get_rect(), Rect2(-96, -96, 192, 192))
	node.view = AnimatedAnimeCharacter.View.CUSTOM
	node.custom_region = Rect2i(0, 0, 10, 20)
	check_equal(node.get_image().get_size(), Vector2i(10, 20))
	check_equal(node.get_image().get_pixel(0, 0), Color.BLUE)
	check(node.texture == texture, "the same texture object")


func test_custom_regions_are_pushed_inside_the_picture() -> void:
	var node := add_character()
	var cases: Dictionary[Rect2i, Rect2i] = {
		Rect2i(10, 20, 30, 40): Rect2i(10, 20, 30, 40),
		Rect2i(500, -5, 100, 100): Rect2i(412, 0, 100, 100),
		Rect2i(0, 0, 9999, 0): Rect2i(0, 0, 512, 1),
		Rect2i(600, 600, -5, -5): Rect2i(511, 511, 1, 1),
	}
	for given in cases:
		node.custom_region = given
		check_equal(node.custom_region, cases[given])


func test_it_is_drawn_where_a_sprite_would_be() -> void:
	var node := add_character(make_character(Color.BLUE))
	var sprite := Sprite2D.new()
	sprite.texture = node.texture
	for centered: bool in [true, false]:
		for moved: Vector2 in [Vector2.ZERO, Vector2(3, -7)]:
			node.centered = centered
			node.offset = moved
			sprite.centered = centered
			sprite.offset = moved
			check_equal(node.get_rect(), sprite.get_rect())
	node.resolution_scale = 0.5
	check_equal(node.get_rect(), sprite.get_rect(), "the scale of what is sent changes nothing")
	sprite.free()


func test_an_empty_character_is_none() -> void:
	var node := add_character()
	node.character = AnimeCharacter.new()
	check_equal(BridgeConnections.count(), 0)
	check("No character" in node._get_configuration_warnings()[0], "says so")


func test_without_a_character_the_inspector_says_what_to_do() -> void:
	check("No character" in add_character()._get_configuration_warnings()[0], "says so")


func test_nodes_share_one_connection_and_the_last_one_ends_it() -> void:
	var path := make_character(Color.BLUE)
	var first := add_character(path, "tcp://127.0.0.1:1")
	var second := add_character(path, "tcp://127.0.0.1:1")
	var other := add_character(path, "tcp://127.0.0.1:2")
	check_equal(BridgeConnections.count(), 2)
	for node: AnimatedAnimeCharacter in [first, second, other]:
		node.free()
	check_equal(BridgeConnections.count(), 0)


func test_a_scene_keeps_only_what_differs_from_rest() -> void:
	var node := AnimatedAnimeCharacter.new()
	node.mouth_aaa = 0.5
	var scene := PackedScene.new()
	scene.pack(node)
	var state := scene.get_state()
	var names := PackedStringArray()
	for index in state.get_node_property_count(0):
		names.append(state.get_node_property_name(0, index))
	check_equal(names, PackedStringArray(["script", "mouth_aaa"]))
	node.free()


func test_a_scale_that_cannot_be_is_said_once() -> void:
	var node := add_character()
	take_warnings()
	node.resolution_scale = 0.5
	for scale: float in [NAN, -1.0, 7.0]:
		node.resolution_scale = scale
	check_equal([node.resolution_scale, take_warnings().size()], [4.0, 1])


func test_above_one_a_picture_is_drawn_at_two_or_four() -> void:
	var node := add_character()
	for scale: float in [0.01, 0.5, 1.0]:
		node.resolution_scale = scale
		check_equal(node.picture_scale, scale)
	for scale: float in [1.1, 2.0]:
		node.resolution_scale = scale
		check_equal(node.picture_scale, 2.0)
	for scale: float in [2.01, 4.0]:
		node.resolution_scale = scale
		check_equal(node.picture_scale, 4.0)
	node.resolution_scale = 0.0
	check_equal(node.picture_scale, 1.0)


func test_a_character_without_a_larger_drawing_that_is_to_be_larger_is_told_of_once() -> void:
	var node := add_character(make_character(Color.BLUE))
	take_warnings()
	for scale: float in [2.0, 3.0, 0.0, 4.0, 1.0]:
		node.resolution_scale = scale
	var said := take_warnings()
	check_equal(said.size(), 1)
	check("has a drawing of 512 pixels, which is enlarged" in said[0], "%s" % said)


func test_the_scale_follows_the_size_and_does_not_flutter() -> void:
	var scale := PictureScale.new()
	for step: Array in [[0.3, 1], [1.2, 1], [1.3, 2], [1.2, 2], [1.12, 2], [1.05, 1], [2.4, 2], [2.6, 4], [2.3, 4]]:
		check_equal(scale.choose(step[0], 4.0), float(step[1]), "of %s" % step[0])
	for step: Array in [[2.1, 2], [9.0, 4], [0.0, 1]]:
		check_equal(scale.choose(step[0], 4.0), float(step[1]), "of %s" % step[0])
	check_equal([scale.choose(9.0, 2.0), scale.choose(9.0, 1.0)], [2.0, 1.0], "no more than the drawing has")


func test_the_size_is_looked_at_some_times_a_second_and_when_it_is_asked_for() -> void:
	var scale := PictureScale.new()
	check_equal([scale.is_due(0.0), scale.is_due(0.1), scale.is_due(0.1)], [true, false, false])
	check_equal([scale.is_due(0.5), scale.is_due(0.1)], [true, false], "later")
	scale.be_due()
	check_equal([scale.is_due(0.01), scale.is_due(0.01)], [true, false], "asked for")


func test_a_node_s_size_is_that_on_the_screen() -> void:
	var holder := Node2D.new()
	holder.scale = Vector2(3.0, 2.0)
	add_child(holder)
	var node := add_character()
	node.reparent(holder, false)
	node.rotation = PI / 2
	node.scale = Vector2(0.5, -1.0)
	var stretch := get_tree().root.get_final_transform().get_scale().x
	check(absf(PictureScale.pixels_of_item(node) - 3.0 * stretch) < 0.001, "of 2D")
	var viewport := SubViewport.new()
	viewport.size = Vector2i(300, 600)
	add_child(viewport)
	var sprite := Sprite3D.new()
	sprite.texture = ImageTexture.create_from_image(Image.create_empty(4, 8, false, Image.FORMAT_RGBA8))
	sprite.pixel_size = 0.25
	viewport.add_child(sprite)
	check_equal(PictureScale.pixels_in_space(sprite, 8), 0.0, "without a camera")
	var camera := Camera3D.new()
	camera.fov = 90.0
	camera.position.z = 6.0
	viewport.add_child(camera)
	# At a distance of 6 the camera sees 12 units, which are 600 pixels: the sprite's 2 are 100.
	check(absf(PictureScale.pixels_in_space(sprite, 8) - 100.0 / 8.0) < 0.01, "of 3D")
	camera.position.z = -6.0
	check_equal(PictureScale.pixels_in_space(sprite, 8), 0.0, "behind the camera")
	viewport.free()
	holder.free()
