extends "scenario.gd"
## What the debugger's monitors say of a character that moves for two seconds.


func play() -> void:
	tell("before", names().size())
	var setup := func(made: AnimatedAnimeCharacter) -> void: made.name = "Hero"
	var node := add_character(option("character"), option("address"), setup)
	await wait_for_picture(node)
	var shown: Array[int] = []
	node.frame_shown.connect(func() -> void: shown.append(1))
	var began := Time.get_ticks_msec()
	while Time.get_ticks_msec() - began < 2000:
		node.mouth_aaa = fposmod(node.mouth_aaa + 0.01, 1.0)
		await process_frame
	for monitor in names():
		tell(monitor, Performance.get_custom_monitor(monitor))
	tell("pictures", shown.size() * 1000.0 / (Time.get_ticks_msec() - began))
	tell("latency", node.latency_ms)
	node.free()
	tell("after", names().size())


func names() -> Array[StringName]:
	return Performance.get_custom_monitor_names().filter(
		func(monitor: StringName) -> bool: return monitor.begins_with("Anime Character/")
	)
