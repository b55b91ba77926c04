extends TestCase

const BridgeConnections := preload("res://addons/anime_character/bridge_connections.gd")


func test_the_resting_picture_is_shown_without_a_bridge() -> void:
	var node := add_character(make_character(Color.BLUE))
	check_equal(node.get_image().get_size(), Vector2i(512, 512))
	check_equal(node.get_image().get_pixel(5, 5), Color.BLUE)
	check_equal(node.get_image().get_pixel(256, 144), Color(0, 1, 0))
	check_equal(node.texture.get_size(), Vector2(512, 512))
	check(not node.is_bridge_connected() and not node.is_up_to_date(), "no bridge")


func test_a_character_file_is_read_too() -> void:
	var folder := make_character(Color.RED)
	var path := OS.get_user_data_dir().path_join("single.tha4")
	var zip := ZIPPacker.new()
	zip.open(path)
	zip.start_file("character.png")
	zip.write_file(FileAccess.get_file_as_bytes(folder.path_join("picture.png")))
	zip.close_file()
	zip.close()
	check_equal(add_character(path).get_image().get_pixel(5, 5), Color.RED)
	check_equal(add_character("user://single.tha4").get_image().get_pixel(5, 5), Color.RED)
	check_equal(add_character(folder.path_join("character_model.yaml")).get_image().get_pixel(5, 5), Color.RED)


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


func test_bad_characters_are_reported_once() -> void:
	var folder := OS.get_user_data_dir().path_join("bad")
	DirAccess.make_dir_recursive_absolute(folder.path_join("empty"))
	var write := func(path: String, text: String) -> String:
		var file := FileAccess.open(folder.path_join(path), FileAccess.WRITE)
		file.store_string(text)
		file.close()
		return folder.path_join(path)
	Image.create_empty(8, 8, false, Image.FORMAT_RGBA8).save_png(folder.path_join("small.png"))
	write.call("text.png", "no picture")
	var cases: Dictionary[String, String] = {
		folder.path_join("nothing.tha4"): "there is no character at",
		folder.path_join("empty"): "there is no character_model.yaml",
		write.call("not_a_zip.tha4", "no zip"): "is not a character file",
		write.call("no_key.yaml", "something: else"): "has no line character_image_file_name",
		write.call("no_picture.yaml", "character_image_file_name: gone.png"): "which is not there",
		write.call("text.yaml", "character_image_file_name: text.png"): "not a PNG",
		write.call("small.yaml", "character_image_file_name: 'small.png'"): "(8, 8) pixels large",
	}
	for path in cases:
		take_warnings()
		var node := add_character(path)
		for _frame in 3:
			await get_tree().process_frame
		var warnings := take_warnings()
		check_equal(warnings.size(), 1, path)
		check(cases[path] in warnings[0], warnings[0])
		check(cases[path] in node._get_configuration_warnings()[0], "the inspector says so too")
		node.queue_free()


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
