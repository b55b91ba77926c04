extends TestCase

const DrawingBox := preload("res://addons/anime_character/editor/drawing_box.gd")

const CharacterFile := preload("res://addons/anime_character/character/character_file.gd")


func _refusal(bytes: PackedByteArray) -> String:
	var problems: Array[String] = []
	check(AnimeCharacter.from_bytes(bytes, "hero.tha4", problems) == null, "it is refused")
	check_equal(problems.size(), 1, "sentences")
	return problems[0] if problems else ""


func _refusal_of_file(path: String) -> String:
	var problems: Array[String] = []
	check(AnimeCharacter.from_file(path, problems) == null, "it is refused")
	check_equal(problems.size(), 1, "sentences")
	return problems[0] if problems else ""


func _file_with(changes: Dictionary[String, PackedByteArray]) -> PackedByteArray:
	var members := character_members(Color.RED)
	members["character.json"] = '{"format": "tha4-character", "version": 1}'.to_utf8_buffer()
	members.merge(changes, true)
	return make_zip(members)


func test_a_file_says_what_it_is() -> void:
	var described := {"head_view": [10, 20, 30, 40], "quality": {"psnr": 31.5}, "provenance": {"teacher": "rig"}}
	var bytes := make_character_file(Color.RED, described, {"joy": {"mouth_raised_corner": 1.0}})
	var character := AnimeCharacter.from_bytes(bytes)
	check_equal([character.name, character.author, character.licence], ["Blob", "Nobody", "CC0-1.0"])
	check_equal(character.head_view, Rect2i(10, 20, 30, 40))
	check_equal(character.quality, {"psnr": 31.5})
	check_equal(character.provenance, {"teacher": "rig"})
	check_equal(character.expressions, {"joy": {"mouth_raised_corner": 1.0}})
	check_equal(character.file, bytes)
	check_equal(character.sha256, FileAccess.get_sha256(_written(bytes)))
	check_equal(character.get_image().get_pixel(5, 5), Color.RED)
	check_equal(character.picture.get_size(), Vector2(512, 512))
	check(not character.is_empty(), "it holds something")


func test_credits_name_who_drew_it_and_whose_networks_taught_it() -> void:
	var described := {"name": "Hero", "author": "Ann", "licence": "CC BY 4.0"}
	var work := {"work": "networks", "creator": "Pramook Khungurn", "licence": "CC BY 4.0"}
	work["terms"] = "name him"
	work["link"] = "https://example.org"
	described["provenance"] = {"credits": [work, {"work": "w", "creator": "c", "licence": "l"}]}
	check_equal(
		_described(described).credits(),
		PackedStringArray(
			[
				"Hero by Ann, CC BY 4.0",
				"networks by Pramook Khungurn, CC BY 4.0 (name him), https://example.org",
				"w by c, l",
			]
		)
	)


func test_credits_are_empty_where_nothing_is_known() -> void:
	check_equal(AnimeCharacter.new().credits(), PackedStringArray())
	check_equal(_described({"provenance": {"teacher": "of old"}}).credits(), PackedStringArray())
	check_equal(_described({"licence": "CC0-1.0"}).credits(), PackedStringArray(["The character, CC0-1.0"]))
	check_equal(_described({"name": "Hero", "author": "Ann"}).credits(), PackedStringArray(["Hero by Ann"]))


func test_credits_that_are_none_are_refused() -> void:
	var good := {"work": "w", "creator": "c", "licence": "l"}
	var many: Array[Dictionary] = []
	many.resize(17)
	many.fill(good)
	var cases: Dictionary[String, Variant] = {
		"must be a list of at most 16 objects": {},
		"must be a list of at most 16": many,
		'must hold objects with "work"': ["text"],
		'at most 300 characters ("terms")': [good.merged({"terms": "x".repeat(301)})],
		'texts of one line and at most 300 characters ("link")': [good.merged({"link": "a\nb"})],
		'must say the "creator" of each': [good.merged({"creator": ""}, true)],
	}
	for sentence in cases:
		var refused := _refusal(
			_file_with({"character.json": _description({"provenance": {"credits": cases[sentence]}})})
		)
		check(sentence in refused, refused)


func _described(fields: Dictionary) -> AnimeCharacter:
	return AnimeCharacter.from_bytes(_file_with({"character.json": _description(fields)}))


func _description(fields: Dictionary) -> PackedByteArray:
	return JSON.stringify({"format": "tha4-character", "version": 1}.merged(fields)).to_utf8_buffer()


func _written(bytes: PackedByteArray, file_name: String = "hero.tha4") -> String:
	var path := OS.get_user_data_dir().path_join(file_name)
	write_file(path, bytes)
	return path


func test_every_form_and_kind_of_path_is_read() -> void:
	var folder := make_character(Color.BLUE)
	_written(make_character_file(Color.RED))
	var cases: Dictionary[String, Color] = {
		OS.get_user_data_dir().path_join("hero.tha4"): Color.RED,
		"user://hero.tha4": Color.RED,
		folder: Color.BLUE,
		folder.path_join("character_model.yaml"): Color.BLUE,
		"user://character": Color.BLUE,
	}
	for path in cases:
		var character := AnimeCharacter.from_file(path)
		check_equal(character.get_image().get_pixel(5, 5), cases[path], path)
		check(character.source.is_absolute_path(), character.source)
		check_equal(character.file.is_empty(), character.sha256.is_empty(), "only a file is sent")
	check_equal(AnimeCharacter.from_file(folder).name, "character", "its folder's, as it has no description")


func test_a_directory_may_describe_itself() -> void:
	var folder := make_character(Color.BLUE, "described")
	write_file(
		folder.path_join("character.json"),
		'{"format": "tha4-character", "version": 1, "name": "Hero", "head_view": [1, 2, 3, 4]}'.to_utf8_buffer()
	)
	write_file(folder.path_join("expressions.json"), '{"joy": {"mouth_aaa": 1}}'.to_utf8_buffer())
	var character := AnimeCharacter.from_file(folder)
	check_equal([character.name, character.head_view], ["Hero", Rect2i(1, 2, 3, 4)])
	check_equal(character.expressions.keys(), ["joy"])
	write_file(folder.path_join("expressions.json"), "{".to_utf8_buffer())
	check("expressions.json: is not valid JSON" in _refusal_of_file(folder), "what is wrong")


func test_a_directory_holds_the_published_networks_alone() -> void:
	var folder := make_character(Color.BLUE, "light")
	var face := '"face": [{"grid": 128, "widths": [8]}]'
	var body := '"body": [{"grid": 512, "widths": [8]}]'
	var networks := '{%s, %s, "heads": "sines"}' % [face, body]
	var description := '{"format": "tha4-character", "version": 2, "networks": %s}' % networks
	write_file(folder.path_join("character.json"), description.to_utf8_buffer())
	check("other networks than the published ones" in _refusal_of_file(folder), "what is wrong")


func test_without_an_array_the_sentence_is_an_error() -> void:
	expect_errors()
	check(AnimeCharacter.from_file("user://nobody.tha4") == null, "null")
	var errors: PackedStringArray = collector.call("take_errors")
	check_equal(errors.size(), 1)
	check("there is no character at user://nobody.tha4; choose" in errors[0], errors[0])


func test_bad_files_give_one_sentence() -> void:
	var text := func(json: String) -> Dictionary[String, PackedByteArray]:
		return {"character.json": json.to_utf8_buffer()}
	var small := Image.create_empty(8, 8, false, Image.FORMAT_RGBA8).save_png_to_buffer()
	var opaque := Image.create_empty(512, 512, false, Image.FORMAT_RGB8).save_png_to_buffer()
	var huge := character_members(Color.RED)["character.png"]
	huge[16] = 0x7f
	var head := '{"format": "tha4-character", "version": 1, '
	var weights := make_weights(20)
	var cases: Dictionary[String, Dictionary] = {
		"character.json: is not valid JSON (line 1": text.call("{"),
		"character.json: has text that is not UTF-8": {"character.json": PackedByteArray([0xff])},
		'"format" must be "tha4-character"': text.call("[]"),
		'"version" must be a whole number': text.call('{"format": "tha4-character", "version": 1.5}'),
		"has format version 9": text.call('{"format": "tha4-character", "version": 9}'),
		'"name" must be a text': text.call(head + '"name": 5}'),
		'"licence" must be a text': text.call(head + '"licence": "%s"}' % "x".repeat(2001)),
		'"quality" must be an object': text.call(head + '"quality": []}'),
		'"head_view" must be': text.call(head + '"head_view": [0, 0, 513, 1]}'),
		"the picture is not a PNG": {"character.png": "no picture, but long enough for one".to_utf8_buffer()},
		"the picture is 8x8 pixels large": {"character.png": small},
		"the picture is 2130706944x512 pixels": {"character.png": huge},
		"the picture has no alpha channel": {"character.png": opaque},
		"face_morpher.safetensors is not": {"face_morpher.safetensors": PackedByteArray()},
		"body_morpher.safetensors is not": {"body_morpher.safetensors": weights.slice(0, -1)},
		"not a safetensors file of 18": {"face_morpher.safetensors": weights},
		"expressions.json: must be an object": {"expressions.json": "[]".to_utf8_buffer()},
		"there is no pose parameter named mouth": {"expressions.json": '{"joy": {"mouth": 1}}'.to_utf8_buffer()},
		"mouth_aaa must be a finite number": {"expressions.json": '{"joy": {"mouth_aaa": "1"}}'.to_utf8_buffer()},
		"its name must have 1 to 64": {"expressions.json": '{"": {}}'.to_utf8_buffer()},
	}
	for sentence in cases:
		var changes: Dictionary[String, PackedByteArray] = {}
		changes.merge(cases[sentence])
		var refusal := _refusal(_file_with(changes))
		check(sentence in refusal and refusal.begins_with("hero.tha4") and refusal.ends_with("."), refusal)


func _larger(image: Image, side: int = 1024) -> PackedByteArray:
	var larger: Image = image.duplicate()
	larger.resize(side, side, Image.INTERPOLATE_LANCZOS)
	return larger.save_png_to_buffer()


func _file_of(members: Dictionary[String, PackedByteArray], larger: PackedByteArray, said: String) -> PackedByteArray:
	members["character.json"] = (('{"format": "tha4-character", "version": 3%s}' % said).to_utf8_buffer())
	if not larger.is_empty():
		members["character_hd.png"] = larger
	return make_zip(members)


func test_a_larger_drawing_is_read() -> void:
	var members := character_members(Color.RED)
	var drawn := Image.create_empty(512, 512, false, Image.FORMAT_RGBA8)
	drawn.fill_rect(Rect2i(100, 60, 301, 400), Color(0.9, 0.5, 0.3, 1.0))
	drawn.fill_rect(Rect2i(200, 131, 40, 20), Color(0.1, 0.2, 0.3, 0.5))
	members["character.png"] = drawn.save_png_to_buffer()
	for side: int in [1024, 2048]:
		var character := AnimeCharacter.from_bytes(_file_of(members, _larger(drawn, side), ', "drawing_hd": %d' % side))
		check_equal(character.drawing_size, side)
		check("%d x %d pixels" % [side, side] in DrawingBox.text_of(character), "the inspector says so")
		check_equal(character.get_larger_image().get_size(), Vector2i(side, side))
		check_equal(character.get_image().get_size(), Vector2i(512, 512))
	check_equal(AnimeCharacter.from_bytes(make_character_file(Color.RED)).drawing_size, 512)
	check_equal(DrawingBox.text_of(AnimeCharacter.from_bytes(make_character_file(Color.RED))), "")
	check(AnimeCharacter.from_bytes(make_character_file(Color.RED)).get_larger_image() == null, "it has none")
	var folder := make_character(Color.RED, "larger").get_base_dir()
	members = character_members(Color.RED)
	write_file(
		folder.path_join("larger/character_hd.png"),
		_larger(AnimeCharacter.from_file(folder.path_join("larger")).get_image())
	)
	check_equal(AnimeCharacter.from_file(folder.path_join("larger")).drawing_size, 1024)


func test_a_larger_drawing_that_cannot_be_used_is_refused() -> void:
	var members := character_members(Color.RED)
	var red := Image.create_empty(512, 512, false, Image.FORMAT_RGBA8)
	red.fill(Color.RED)
	var other: Image = red.duplicate()
	other.fill_rect(Rect2i(300, 200, 24, 24), Color.BLACK)
	var opaque: Image = red.duplicate()
	opaque.resize(1024, 1024)
	opaque.convert(Image.FORMAT_RGB8)
	var faint: Image = red.duplicate()
	faint.fill(Color(1.0, 0.0, 0.0, 0.9))
	var long := PackedByteArray()
	long.resize((12 << 20) + 1)
	var named := ', "drawing_hd": 1024'
	var cases: Dictionary[String, PackedByteArray] = {
		"is not the picture drawn larger": _file_of(members, _larger(other), named),
		"averaged down it is": _file_of(members, _larger(faint), named),
		"the larger drawing is 512x512 pixels large, not 1024x1024 or 2048x2048":
		_file_of(members, red.save_png_to_buffer(), named),
		"the larger drawing has no alpha channel": _file_of(members, opaque.save_png_to_buffer(), named),
		"the larger drawing is larger than 12 MiB": _file_of(members, long, named),
		"the larger drawing is not a PNG": _file_of(members, "no PNG".to_utf8_buffer(), named),
		"has 1024 pixels a side, but character.json says 2048": _file_of(members, _larger(red), ', "drawing_hd": 2048'),
		"holds a character_hd.png, but character.json says otherwise": _file_of(members, _larger(red), ""),
		'"drawing_hd" must be 1024 or 2048': _file_of(members, _larger(red), ', "drawing_hd": 1000'),
	}
	members.erase("character_hd.png")
	cases["holds no character_hd.png, but character.json says otherwise"] = _file_of(members, PackedByteArray(), named)
	for part in cases:
		var refusal := _refusal(cases[part])
		check(part in refusal, refusal)


func test_what_is_no_zip_of_stored_members_is_refused() -> void:
	var packed := OS.get_user_data_dir().path_join("packed.tha4")
	var packer := ZIPPacker.new()
	packer.open(packed)
	packer.start_file("character.json")
	packer.write_file("{}".repeat(100).to_utf8_buffer())
	packer.close_file()
	packer.close()
	var long := PackedByteArray()
	long.resize(CharacterFile.MAX_SIZE + 1)
	var twice := make_character_file(Color.RED)
	var at := twice.size() - 22 - 46 - "character.json".length()
	# The last entry of the directory names what another one names already.
	check_equal(twice.slice(at + 46, at + 60).get_string_from_ascii(), "character.json")
	for index in "character.json".length():
		twice[at + 46 + index] = "character.png\n".unicode_at(index)
	var cases: Dictionary[String, String] = {
		_refusal_of_file(packed): "holds character.json packed",
		_refusal(long): "is larger than 16 MiB",
		_refusal(twice): "misses character.json",
		_refusal(PackedByteArray()): "is not a character file",
		_refusal("no zip".to_utf8_buffer()): "is not a character file",
	}
	for refusal in cases:
		check(cases[refusal] in refusal, refusal)


func test_damage_anywhere_is_refused_or_harmless_without_a_script_error() -> void:
	var good := make_character_file(Color.RED)
	var random := RandomNumberGenerator.new()
	random.seed = 5
	var directory := good.size() - 400
	for round in 300:
		var bad := good.duplicate()
		# The picture is the engine's to read, which prints errors of its own; everything else is read here.
		var at := random.randi_range(directory, good.size() - 1)
		bad[at] = random.randi_range(0, 255)
		if round % 3 == 0:
			bad = good.slice(0, random.randi_range(0, good.size() - 1))
		var problems: Array[String] = []
		var character := AnimeCharacter.from_bytes(bad, "hero.tha4", problems)
		check_equal(problems.size(), 0 if character else 1, "sentences")


func test_a_bad_directory_gives_one_sentence() -> void:
	var folder := OS.get_user_data_dir().path_join("bad")
	DirAccess.make_dir_recursive_absolute(folder.path_join("empty"))
	var write := func(file_name: String, text: String) -> String:
		write_file(folder.path_join(file_name), text.to_utf8_buffer())
		return folder.path_join(file_name)
	Image.create_empty(8, 8, false, Image.FORMAT_RGBA8).save_png(folder.path_join("small.png"))
	write.call("text.png", "no picture, but long enough for one")
	var cases: Dictionary[String, String] = {
		folder.path_join("nothing.tha4"): "there is no character at",
		folder.path_join("empty"): "there is no character_model.yaml",
		write.call("no_key.yaml", "something: else"): 'has no "character_image_file_name"',
		write.call("no_picture.yaml", make_model("gone.png")): "which is not there",
		write.call("out.yaml", make_model("../text.png")): "leads out of its directory",
		write.call("text.yaml", make_model("text.png")): "not a PNG",
		write.call("small.yaml", make_model("'small.png'")): "8x8 pixels large",
	}
	for path in cases:
		var refusal := _refusal_of_file(path)
		check(cases[path] in refusal and refusal.ends_with("."), refusal)


func test_it_is_kept_whole_by_a_resource_file() -> void:
	var bytes := make_character_file(Color.RED, {"name": "Ünïcode 猫"}, {"joy": {"mouth_aaa": 0.5}})
	var path := OS.get_user_data_dir().path_join("kept.res")
	check_equal(ResourceSaver.save(AnimeCharacter.from_bytes(bytes), path, ResourceSaver.FLAG_COMPRESS), OK)
	var kept: AnimeCharacter = ResourceLoader.load(path, "", ResourceLoader.CACHE_MODE_IGNORE)
	check_equal(kept.file, bytes)
	check_equal([kept.name, kept.expressions], ["Ünïcode 猫", {"joy": {"mouth_aaa": 0.5}}])
	check_equal(kept.get_image().get_pixel(5, 5), Color.RED)


func test_the_inspector_shows_it_and_lets_nobody_change_it() -> void:
	var character := AnimeCharacter.new()
	var script: Script = character.get_script()
	var shown := PackedStringArray()
	for property in script.get_script_property_list():
		if property["usage"] & PROPERTY_USAGE_EDITOR:
			check(property["usage"] & PROPERTY_USAGE_READ_ONLY, property["name"])
			shown.append(property["name"])
	for expected: String in ["picture", "name", "author", "licence", "head_view", "expressions", "sha256"]:
		check(expected in shown, expected)
	check(not "file" in shown, "two million numbers are nothing to look at")
