extends "scenario.gd"
## AnimationPlayer, AnimationTree and Tween on parameters, expressions and the nodes that bring a character to life.


func play() -> void:
	var node := add_character(option("character"), option("address"))
	var breath := AnimeBreath.new()
	breath.name = "Breath"
	node.add_child(breath)
	var player := AnimationPlayer.new()
	var library := AnimationLibrary.new()
	library.add_animation("closed", animation({".:mouth_aaa": [0.0, 0.0], ".:head_y": [-0.5, -0.5]}))
	library.add_animation("open", animation({".:mouth_aaa": [0.8, 0.8], ".:head_y": [0.5, 0.5]}))
	library.add_animation("deeper", animation({"Breath:depth": [0.1, 0.6], ".:breathing": [0.0, 0.0]}))
	library.add_animation("mood", moods())
	player.add_animation_library("", library)
	node.add_child(player)
	player.root_node = player.get_path_to(node)
	await play_expressions(node, player)
	await play_nodes(player, breath)
	await play_tree(node, player)
	await play_tween(node)


func play_expressions(node: AnimatedAnimeCharacter, player: AnimationPlayer) -> void:
	node.expression_fade = 0.05
	var seen: Array[StringName] = []
	node.expression_finished.connect(func(expression: StringName) -> void: seen.append(expression))
	player.play("mood")
	await player.animation_finished
	await wait_until(func() -> bool: return seen.size() >= 2, "the end of both blends")
	tell("moods", seen)
	node.clear_expression(0.0)


func play_nodes(player: AnimationPlayer, breath: AnimeBreath) -> void:
	player.play("deeper")
	await player.animation_finished
	tell("depth", breath.depth)
	breath.enabled = false


func play_tree(node: AnimatedAnimeCharacter, player: AnimationPlayer) -> void:
	var tree := AnimationTree.new()
	var blend := AnimationNodeBlendTree.new()
	for place: String in ["closed", "open"]:
		var leaf := AnimationNodeAnimation.new()
		leaf.animation = place
		blend.add_node(place, leaf)
	blend.add_node("blend", AnimationNodeBlend2.new())
	blend.connect_node("blend", 0, "closed")
	blend.connect_node("blend", 1, "open")
	blend.connect_node("output", 0, "blend")
	tree.tree_root = blend
	node.add_child(tree)
	tree.anim_player = tree.get_path_to(player)
	tree.active = true
	for amount: float in [0.0, 0.25, 1.0]:
		tree.set("parameters/blend/blend_amount", amount)
		await wait_seconds(0.1)
		await wait_for_picture(node)
		tell("tree", "%.3f %.3f %s" % [node.mouth_aaa, node.head_y, middle(node)])
	tree.active = false


func play_tween(node: AnimatedAnimeCharacter) -> void:
	await create_tween().tween_property(node, "mouth_aaa", 0.4, 0.1).finished
	await wait_for_picture(node)
	tell("tween", middle(node))


func animation(tracks: Dictionary) -> Animation:
	var made := Animation.new()
	made.length = 0.2
	for path: String in tracks:
		var track := made.add_track(Animation.TYPE_VALUE)
		made.track_set_path(track, path)
		made.track_insert_key(track, 0.0, tracks[path][0])
		made.track_insert_key(track, 0.2, tracks[path][1])
	return made


func moods() -> Animation:
	var made := Animation.new()
	made.length = 0.4
	var track := made.add_track(Animation.TYPE_VALUE)
	made.track_set_path(track, ".:expression")
	made.value_track_set_update_mode(track, Animation.UPDATE_DISCRETE)
	made.track_insert_key(track, 0.0, &"joy")
	made.track_insert_key(track, 0.2, &"anger")
	return made
