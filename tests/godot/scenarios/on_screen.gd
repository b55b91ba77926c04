extends "scenario.gd"
## A character that changes all the time while it is on no screen, on one, behind a camera, and in a second viewport.

const FAR := Vector2(-3000, 300)
const HERE := Vector2(300, 300)
const _ENOUGH := 3
const _FRAMES := 30
const _CALM_MS := 500

var _shown := 0


func play() -> void:
	var node := add_character(
		option("character"), option("address"), func(away: AnimatedAnimeCharacter) -> void: away.position = FAR
	)
	node.frame_shown.connect(func() -> void: _shown += 1)
	await wait_until(node.is_bridge_connected, "the bridge")
	await tell_unseen(node, "away from the start")
	node.position = HERE
	await tell_seen(node, "on screen")
	node.position = FAR
	await tell_unseen(node, "moved away")
	var camera := Camera2D.new()
	camera.position = FAR
	root.add_child(camera)
	await tell_seen(node, "before a camera")
	camera.free()
	await tell_unseen(node, "without the camera")
	var window := SubViewport.new()
	window.size = Vector2i(200, 200)
	window.render_target_update_mode = SubViewport.UPDATE_ALWAYS
	window.world_2d = root.world_2d
	root.add_child(window)
	window.canvas_transform = Transform2D(0.0, -FAR)
	await tell_seen(node, "in another viewport")
	window.free()
	await tell_unseen(node, "without the viewport")
	node.update_when_hidden = true
	await tell_seen(node, "for others")
	node.update_when_hidden = false
	node.position = HERE
	node.modulate.a = 0.0
	await tell_unseen(node, "faded out")
	node.modulate.a = 1.0
	await tell_seen(node, "faded in")
	root.remove_child(node)
	node.position = FAR
	root.add_child(node)
	await wait_until(node.is_bridge_connected, "the bridge again")
	await tell_unseen(node, "away when it comes back")
	node.free()


## How many pictures come while it is seen; as soon as there are enough of them.
func tell_seen(node: AnimatedAnimeCharacter, where: String) -> void:
	_shown = 0
	await wait_until(func() -> bool: return _change(node) and _shown > _ENOUGH, "pictures %s" % where)
	tell(where, _shown)


## How many come within some frames in which nobody sees it, after a time for what was asked for before.
func tell_unseen(node: AnimatedAnimeCharacter, where: String) -> void:
	var calm_ms := Time.get_ticks_msec() + _CALM_MS
	for frame in _FRAMES:
		_change(node)
		await process_frame
	await wait_until(func() -> bool: return _change(node) and Time.get_ticks_msec() > calm_ms, "some time")
	_shown = 0
	for frame in _FRAMES:
		_change(node)
		await process_frame
	tell(where, _shown)


func _change(node: AnimatedAnimeCharacter) -> bool:
	node.mouth_aaa = fposmod(node.mouth_aaa + 0.01, 1.0)
	return true
