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
	node.character = path
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
	model.store_string("character_image_file_name: picture.png\r\nface_morpher_file_name: face_morpher.pt")
	model.close()
	return path


## Waits until [param condition] holds; notes a problem when it does not in time.
func wait_until(condition: Callable, what: String, seconds: float = 5.0) -> void:
	var deadline := Time.get_ticks_msec() + seconds * 1000.0
	while not condition.call():
		if Time.get_ticks_msec() > deadline:
			problems.append("not within %.1f s: %s" % [seconds, what])
			return
		await get_tree().process_frame
