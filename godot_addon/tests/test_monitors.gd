extends TestCase

const CharacterMonitors := preload("res://addons/anime_character/character_monitors.gd")


func _names() -> Array[StringName]:
	return Performance.get_custom_monitor_names().filter(
		func(monitor: StringName) -> bool: return monitor.begins_with(CharacterMonitors.CATEGORY)
	)


func test_they_come_and_go_with_the_node() -> void:
	check_equal(_names().size(), 0, "before")
	var node := add_character()
	node.name = "Hero"
	check_equal(_names().size(), 3)
	remove_child(node)
	check_equal(_names().size(), 0, "out of the tree")
	add_child(node)
	check(&"Anime Character/Hero latency (ms)" in _names(), "in the tree again, by its new name")
	node.free()
	check_equal(_names().size(), 0, "freed")


func test_nodes_of_the_same_name_have_their_own() -> void:
	var other := Node.new()
	add_child(other)
	var first := add_character()
	first.name = "Hero"
	var second := AnimatedAnimeCharacter.new()
	second.name = "Hero"
	other.add_child(second)
	check_equal(_names().size(), 6)
	second.free()
	check_equal(_names().size(), 3)


func test_they_count_pictures_and_bytes_of_the_last_full_second() -> void:
	var monitors := CharacterMonitors.new()
	var node := add_character()
	monitors.register(node)
	var began := Time.get_ticks_msec()
	for number in 30:
		monitors.count(1000, began + number * 20)
	check_equal(monitors.get_pictures_per_second(began + 900), 0.0, "the second is not over")
	check(absf(monitors.get_pictures_per_second(began + 1000) - 30.0) < 0.5, "30 pictures")
	check(absf(monitors.get_bytes_per_second(began + 1500) - 30000.0) < 500.0, "30000 bytes")
	check_equal(monitors.get_pictures_per_second(began + 2100), 0.0, "then nothing came")
	monitors.unregister()


func test_they_are_what_the_engine_reads() -> void:
	var node := add_character()
	node.name = "Reader"
	remove_child(node)
	add_child(node)
	check_equal(Performance.get_custom_monitor(&"Anime Character/Reader latency (ms)"), 0.0)
