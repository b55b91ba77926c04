@tool
extends RefCounted
## Poses such as a character strikes, at random: brows, eyes and mouth of one mood, and a turn of head and body.
##
## As tha4_core/distill/poses.py, without what only a training needs (the very ends of every range, anything beside
## anything).

const Parameters := preload("../anime_character_parameters.gd")

## How often both sides do the same; otherwise one side does it alone.
const _BOTH_SIDES := 0.85


## Parameter groups that go together.
class Mood:
	extends RefCounted
	var brows: PackedStringArray
	var eyes: PackedStringArray
	var sounds: PackedStringArray
	var corners: PackedStringArray

	func _init(
		of_brows: PackedStringArray,
		of_eyes: PackedStringArray,
		of_sounds: PackedStringArray,
		of_corners: PackedStringArray
	) -> void:
		brows = of_brows
		eyes = of_eyes
		sounds = of_sounds
		corners = of_corners


## Another pose at each call: 45 numbers in the order of [code]PARAMETER_NAMES[/code], each within its range.
static func strike(random: RandomNumberGenerator) -> PackedFloat32Array:
	var pose := PackedFloat32Array()
	pose.resize(Parameters.PARAMETER_COUNT)
	var moods := _moods()
	_strike_face(pose, moods[random.randi_range(0, moods.size() - 1)], random)
	_turn(pose, random)
	for index in Parameters.PARAMETER_COUNT:
		pose[index] = clampf(pose[index], Parameters.PARAMETER_MINIMUMS[index], Parameters.PARAMETER_MAXIMUMS[index])
	return pose


static func _moods() -> Array[Mood]:
	var joy := Mood.new(
		["eyebrow_happy", "eyebrow_raised"],
		["eye_happy_wink", "eye_relaxed", "eye_raised_lower_eyelid", "eye_wink"],
		["mouth_delta", "mouth_aaa", "mouth_iii", "mouth_eee"],
		["mouth_raised_corner", "mouth_smirk"]
	)
	var anger := Mood.new(
		["eyebrow_angry", "eyebrow_lowered", "eyebrow_serious"],
		["eye_unimpressed", "eye_raised_lower_eyelid", "eye_surprised"],
		["mouth_iii", "mouth_eee", "mouth_delta"],
		["mouth_lowered_corner"]
	)
	var sorrow := Mood.new(
		["eyebrow_troubled", "eyebrow_lowered"],
		["eye_relaxed", "eye_wink", "eye_unimpressed"],
		["mouth_uuu", "mouth_ooo", "mouth_eee"],
		["mouth_lowered_corner"]
	)
	var surprise := Mood.new(
		["eyebrow_raised", "eyebrow_troubled"],
		["eye_surprised"],
		["mouth_ooo", "mouth_aaa", "mouth_uuu"],
		["mouth_raised_corner", "mouth_lowered_corner"]
	)
	return [joy, anger, sorrow, surprise]


static func _strike_face(pose: PackedFloat32Array, mood: Mood, random: RandomNumberGenerator) -> void:
	if random.randf() < 0.8:
		_set_sides(pose, _one_of(mood.brows, random), random)
	if random.randf() < 0.7:
		_set_sides(pose, _one_of(mood.eyes, random), random)
	if random.randf() < 0.1:
		_set_sides(pose, "iris_small", random)
	_speak(pose, mood, random)
	for iris: String in ["iris_rotation_x", "iris_rotation_y"]:
		if random.randf() < 0.75:
			_put(pose, iris, _angle(random))


# The mouth: shut, one sound, or a blend of two whose strengths sum up to at most 1; and its corners.
static func _speak(pose: PackedFloat32Array, mood: Mood, random: RandomNumberGenerator) -> void:
	var kind := random.randf()
	if kind >= 0.25:
		var first := random.randi_range(0, mood.sounds.size() - 1)
		var second := (first + random.randi_range(1, mood.sounds.size() - 1)) % mood.sounds.size()
		var strength := _strength(random)
		var share := random.randf() if kind >= 0.75 else 1.0
		_put(pose, mood.sounds[first], strength * share)
		_put(pose, mood.sounds[second], strength * (1.0 - share))
	if random.randf() < 0.5:
		_set_sides(pose, _one_of(mood.corners, random), random)


# Head and body: still, the head alone, or both together.
static func _turn(pose: PackedFloat32Array, random: RandomNumberGenerator) -> void:
	if random.randf() < 0.1:
		return
	var follow := random.randf() if random.randf() < 0.7 else 0.0
	for parameter: String in ["head_x", "head_y", "neck_z"]:
		_put(pose, parameter, _angle(random))
	_put(pose, "body_y", follow * pose[Parameters.PARAMETER_NAMES.find("head_y")])
	_put(pose, "body_z", follow * pose[Parameters.PARAMETER_NAMES.find("neck_z")])
	_put(pose, "breathing", random.randf())


static func _set_sides(pose: PackedFloat32Array, group: String, random: RandomNumberGenerator) -> void:
	var indices := Parameters.indices_of(group)
	var strength := _strength(random)
	if indices.size() > 1 and random.randf() > _BOTH_SIDES:
		indices = [indices[random.randi_range(0, 1)]]
	for index in indices:
		pose[index] = strength


static func _put(pose: PackedFloat32Array, parameter: String, value: float) -> void:
	pose[Parameters.PARAMETER_NAMES.find(parameter)] = value


static func _one_of(groups: PackedStringArray, random: RandomNumberGenerator) -> String:
	return groups[random.randi_range(0, groups.size() - 1)]


# Above 0 and at most 1, one time in four the whole of it.
static func _strength(random: RandomNumberGenerator) -> float:
	return 1.0 if random.randf() < 0.25 else random.randf_range(0.2, 1.0)


# From -1 to 1, more often near the middle.
static func _angle(random: RandomNumberGenerator) -> float:
	return clampf(random.randfn(0.0, 0.4), -1.0, 1.0)
