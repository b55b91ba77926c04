extends "scenario.gd"
## Nodes of one character file, and what comes of it: pictures, and the longest time that one held up the main thread.

const BridgeWorker := preload("res://addons/anime_character/sources/bridge/bridge_worker.gd")

var nodes: Array[AnimatedAnimeCharacter] = []


func play() -> void:
	if option("silence"):
		BridgeWorker.silence_limit_ms = int(option("silence"))
	var character := AnimeCharacter.from_file(option("character"))
	for index in int(option("nodes")):
		nodes.append(add_character("", option("address")))
	var other := AnimeCharacter.from_file(option("other")) if option("other") else character
	# Together, in one frame.
	for index in nodes.size():
		nodes[index].mouth_aaa = 1.0
		nodes[index].character = other if index % 2 else character
	var losses: Array[bool] = []
	nodes[0].lost.connect(func() -> void: losses.append(true))
	await measure(func() -> bool: return nodes.all(is_up_to_date))
	tell("shows", nodes.map(middle))
	if option("again"):
		tell("ready", "yes")
		await wait_until(func() -> bool: return not losses.is_empty(), "the loss", 20.0)
		for node in nodes:
			node.mouth_aaa = 0.4
		await wait_until(func() -> bool: return nodes.all(is_up_to_date), "the pictures again", 20.0)
		tell("shows", nodes.map(middle))
	if option("rest"):
		nodes.pop_front().free()
		await wait_seconds(0.3)
		nodes[0].mouth_aaa = 0.2
		await wait_for_picture(nodes[0])
		tell("shows", nodes.map(middle))


func is_up_to_date(node: AnimatedAnimeCharacter) -> bool:
	return node.is_up_to_date()


## Waits as [method wait_until] does; tells the longest time that a node took in a frame.
func measure(condition: Callable) -> void:
	var longest := 0
	var deadline := Time.get_ticks_msec() + 20000
	while not condition.call() and Time.get_ticks_msec() < deadline:
		for node in nodes:
			var before := Time.get_ticks_usec()
			node._process(0.0)
			longest = maxi(longest, Time.get_ticks_usec() - before)
		await process_frame
	tell("longest_ms", longest / 1000.0)
