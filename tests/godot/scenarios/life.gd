extends "scenario.gd"
## The pose of a character that looks, breathes, drifts and blinks, step by step, and the chances that its blinks drew.

const PoseLayers := preload("res://addons/anime_character/pose/pose_layers.gd")
const STEP := 0.05
const STEPS := 240
const SEED := 8
const BASE: Dictionary[String, float] = {"eye_relaxed": 0.35, "eye_happy_wink_right": 0.6, "head_y": 0.3}
# From which step on it looks where; nowhere by zero.
const LOOKS: Dictionary[int, Vector2] = {
	0: Vector2(0.75, -0.25), 60: Vector2(-1.25, 1.0), 120: Vector2.ZERO, 180: Vector2(0.25, 0.75)
}


func play() -> void:
	var node := add_character("", "tcp://127.0.0.1:1")
	for parameter in BASE:
		node.set_parameter(parameter, BASE[parameter])
	var look := AnimeLookAt.new()
	var breath := AnimeBreath.new()
	var idle := AnimeIdle.new()
	var blink := AnimeBlink.new()
	idle.random_seed = SEED
	blink.random_seed = SEED
	for part: Node in [look, breath, idle, blink]:
		part.set_process(false)
		node.add_child(part)
	var blinks: Array[int] = []
	blink.blinked.connect(func() -> void: blinks.append(1))
	var poses: Array[Array] = []
	for step in STEPS:
		if step in LOOKS:
			look.mode = AnimeLookAt.Mode.DIRECTION if LOOKS[step] else AnimeLookAt.Mode.NODE
			look.direction = LOOKS[step]
		for part: Node in [look, breath, idle, blink]:
			part.call(&"advance", STEP)
		poses.append(Array(node.get_pose_below(PoseLayers.Slot.END)))
	var moved := range(node.PARAMETER_COUNT).filter(_is_moved.bind(poses))
	var table := {
		"step": STEP,
		"base": BASE,
		"looks": LOOKS.keys().map(func(step: int) -> Array: return [step, LOOKS[step].x, LOOKS[step].y]),
		"noise_seed": idle._noise.seed,
		"draws": _draws(blink, blinks.size() + 2),
		"parameters": moved.map(func(index: int) -> String: return node.PARAMETER_NAMES[index]),
		"poses": poses.map(func(pose: Array) -> Array: return moved.map(_value_in.bind(pose))),
	}
	FileAccess.open(output_file("life.json"), FileAccess.WRITE).store_string(JSON.stringify(table))
	tell("blinks", blinks.size())


## What a blink draws from its generator for so many blinks, in order: a normal number for each interval, before it one
## from 0 to 1 for whether the next comes at once.
func _draws(blink: AnimeBlink, count: int) -> Array[float]:
	var random := RandomNumberGenerator.new()
	random.seed = SEED
	var draws: Array[float] = [random.randfn(0.0, 1.0)]
	var doubled := false
	for number in count:
		if doubled:
			doubled = false
		else:
			draws.append(random.randf())
			doubled = draws[-1] < blink.double_blinks
		if not doubled:
			draws.append(random.randfn(0.0, 1.0))
	return draws


static func _is_moved(index: int, poses: Array[Array]) -> bool:
	return poses.any(func(pose: Array) -> bool: return pose[index] != 0.0)


static func _value_in(index: int, pose: Array) -> float:
	return snappedf(pose[index], 0.0001)
