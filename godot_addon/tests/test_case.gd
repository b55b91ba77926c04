class_name TestCase
extends Node
## What a test in this folder extends: checks that say what was expected, and helpers.

var problems := PackedStringArray()
var errors_expected := false
## The runner's logger.
var collector: RefCounted


## Notes a problem unless [param condition] holds.
func check(condition: bool, what: String) -> void:
	if not condition:
		problems.append(what)


## Notes a problem unless both are the same.
func check_equal(actual: Variant, expected: Variant, what: String = "value") -> void:
	if typeof(actual) != typeof(expected) or actual != expected:
		problems.append("%s: expected %s, got %s" % [what, expected, actual])


## Errors of the engine or of scripts do not fail this test.
func expect_errors() -> void:
	errors_expected = true


## The warnings since the test began or this was last called.
func take_warnings() -> PackedStringArray:
	return collector.call("take_warnings")


## A node of this script in the tree, removed with the test.
func add_character(path: String = "", address: String = "tcp://127.0.0.1:1") -> AnimatedAnimeCharacter:
	var node := AnimatedAnimeCharacter.new()
	node.bridge_address = address
	node.character = AnimeCharacter.from_file(path) if path else null
	add_child(node)
	return node


## Writes a character directory with a picture of one colour, for as long as the test runs; its path.
func make_character(color: Color, folder: String = "character") -> String:
	var path := OS.get_user_data_dir().path_join(folder)
	DirAccess.make_dir_recursive_absolute(path)
	var image := Image.create_empty(512, 512, false, Image.FORMAT_RGBA8)
	image.fill(color)
	image.fill_rect(AnimatedAnimeCharacter.DEFAULT_HEAD_VIEW, Color(0, 1, 0, 1))
	image.save_png(path.path_join("picture.png"))
	var model := FileAccess.open(path.path_join("character_model.yaml"), FileAccess.WRITE)
	model.store_string(make_model("picture.png"))
	model.close()
	return path


## What [code]character_model.yaml[/code] says of a character with that picture.
func make_model(picture: String) -> String:
	var networks := "face_morpher_file_name: face_morpher.pt\r\nbody_morpher_file_name: body_morpher.pt"
	return "character_image_file_name: %s\r\n%s" % [picture, networks]


## The bytes of a [code].tha4[/code] file with a picture of one colour and weights that nobody could use.
## [param description] stands above what its [code]character.json[/code] says.
func make_character_file(color: Color, description: Dictionary = {}, expressions: Dictionary = {}) -> PackedByteArray:
	var members := character_members(color)
	var said := {"format": "tha4-character", "version": 1, "name": "Blob", "author": "Nobody", "licence": "CC0-1.0"}
	members["character.json"] = JSON.stringify(said.merged(description, true)).to_utf8_buffer()
	if not expressions.is_empty():
		members["expressions.json"] = JSON.stringify(expressions).to_utf8_buffer()
	return make_zip(members)


## The members of such a file, without what it says of itself.
func character_members(color: Color) -> Dictionary[String, PackedByteArray]:
	var image := Image.create_empty(512, 512, false, Image.FORMAT_RGBA8)
	image.fill(color)
	return {
		"character.png": image.save_png_to_buffer(),
		"face_morpher.safetensors": make_weights(18),
		"body_morpher.safetensors": make_weights(20),
	}


## A safetensors file of so many tensors of one number each.
func make_weights(count: int) -> PackedByteArray:
	var tensors := {}
	for number in count:
		tensors["t%d" % number] = {"dtype": "F32", "shape": [1], "data_offsets": [4 * number, 4 * number + 4]}
	var head := JSON.stringify(tensors).to_utf8_buffer()
	var bytes := PackedByteArray()
	bytes.resize(8)
	bytes.encode_s64(0, head.size())
	bytes.append_array(head)
	bytes.resize(bytes.size() + 4 * count)
	return bytes


## A zip whose members are stored.
func make_zip(members: Dictionary[String, PackedByteArray]) -> PackedByteArray:
	var out := StreamPeerBuffer.new()
	var entries := StreamPeerBuffer.new()
	for member in members:
		var name_bytes := member.to_utf8_buffer()
		var at := out.get_position()
		var size := members[member].size()
		_put_numbers(out, [0x04034b50], [20, 0, 0, 0, 0], [0, size, size], [name_bytes.size(), 0])
		out.put_data(name_bytes)
		out.put_data(members[member])
		_put_numbers(entries, [0x02014b50], [20, 20, 0, 0, 0, 0], [0, size, size], [name_bytes.size(), 0, 0, 0, 0])
		_put_numbers(entries, [0, at], [], [], [])
		entries.put_data(name_bytes)
	var start := out.get_position()
	out.put_data(entries.data_array)
	var count := members.size()
	_put_numbers(out, [0x06054b50], [0, 0, count, count], [entries.get_size(), start], [0])
	return out.data_array


## Writes a file.
func write_file(path: String, bytes: PackedByteArray) -> void:
	var file := FileAccess.open(path, FileAccess.WRITE)
	file.store_buffer(bytes)
	file.close()


# Numbers of 32, 16, 32 and 16 bits.
func _put_numbers(out: StreamPeerBuffer, long: Array, short: Array, long_again: Array, short_again: Array) -> void:
	for number: int in long:
		out.put_u32(number)
	for number: int in short:
		out.put_u16(number)
	for number: int in long_again:
		out.put_u32(number)
	for number: int in short_again:
		out.put_u16(number)


## Waits until [param condition] holds; notes a problem when it does not in time.
func wait_until(condition: Callable, what: String, seconds: float = 15.0) -> void:
	var deadline := Time.get_ticks_msec() + seconds * 1000.0
	while not condition.call():
		if Time.get_ticks_msec() > deadline:
			problems.append("not within %.1f s: %s" % [seconds, what])
			return
		await get_tree().process_frame
