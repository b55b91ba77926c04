extends "scenario.gd"
## A scene file with a character and every node that brings it to life, played for a while.

const SCENE := "user://alive.tscn"


func play() -> void:
	save_scene()
	var node: AnimatedAnimeCharacter = (load(SCENE) as PackedScene).instantiate()
	root.add_child(node)
	tell(
		"settings", [node.get_node("Blink").random_seed, node.get_node("LookAt").mode, node.get_node("Spring").strength]
	)
	var blinks: Array[int] = []
	node.get_node("Blink").blinked.connect(func() -> void: blinks.append(1))
	await node.frame_shown
	var first := node.get_shown_pose()
	var most := first.duplicate()
	var least := first.duplicate()
	var pictures: Array[int] = []
	node.frame_shown.connect(func() -> void: pictures.append(1))
	node.get_node("LookAt").direction = Vector2(-0.8, 0.3)
	node.get_node("LipSync").speak_text("あいうえお", 1.5)
	var until := Time.get_ticks_msec() + 2500
	while Time.get_ticks_msec() < until:
		await process_frame
		var pose := node.get_shown_pose()
		for index in pose.size():
			most[index] = maxf(most[index], pose[index])
			least[index] = minf(least[index], pose[index])
	var moved := PackedStringArray()
	for index in first.size():
		if most[index] - least[index] > 0.05:
			moved.append(AnimatedAnimeCharacter.PARAMETER_NAMES[index])
	tell("moved", ",".join(moved))
	tell("blinks", blinks.size())
	tell("pictures", pictures.size())
	tell("base", Array(node.get_pose()).all(func(value: float) -> bool: return value == 0.0))
	for child in node.get_children():
		child.queue_free()
	await process_frame
	tell("at_rest", node.get_shown_pose() == node.get_pose())


func save_scene() -> void:
	var node := AnimatedAnimeCharacter.new()
	node.character = AnimeCharacter.from_file(option("character"))
	node.bridge_address = option("address")
	var blink := AnimeBlink.new()
	blink.random_seed = 5
	blink.mean_interval = 0.6
	var look := AnimeLookAt.new()
	look.mode = AnimeLookAt.Mode.DIRECTION
	look.direction = Vector2(0.8, -0.3)
	var spring := AnimeSpring.new()
	spring.strength = 0.75
	var parts: Dictionary[String, Node] = {
		"Blink": blink,
		"Breath": AnimeBreath.new(),
		"Idle": AnimeIdle.new(),
		"LookAt": look,
		"LipSync": AnimeLipSync.new(),
		"Spring": spring,
	}
	for part in parts:
		parts[part].name = part
		node.add_child(parts[part])
		parts[part].owner = node
	var scene := PackedScene.new()
	scene.pack(node)
	ResourceSaver.save(scene, SCENE)
	node.free()
