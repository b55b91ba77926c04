extends "scenario.gd"
## An AnimationPlayer that keys a parameter.


func play() -> void:
	var node := add_character(option("character"), option("address"))
	var animation := Animation.new()
	animation.length = 0.5
	var track := animation.add_track(Animation.TYPE_VALUE)
	animation.track_set_path(track, ".:mouth_aaa")
	animation.track_insert_key(track, 0.0, 0.0)
	animation.track_insert_key(track, 0.5, 0.8)
	var library := AnimationLibrary.new()
	library.add_animation("open", animation)
	var player := AnimationPlayer.new()
	player.add_animation_library("", library)
	node.add_child(player)
	player.root_node = player.get_path_to(node)
	await wait_for_picture(node)
	var shown: Array[int] = []
	node.frame_shown.connect(func() -> void: shown.append(node.get_image().get_pixel(0, 0).r8))
	player.play("open")
	await player.animation_finished
	await wait_for_picture(node)
	tell("value", node.mouth_aaa)
	tell("shows", middle(node))
	tell("pictures", shown.size())
	tell("rising", range(1, shown.size()).all(func(at: int) -> bool: return shown[at] >= shown[at - 1]))
