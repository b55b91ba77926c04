@tool
@icon("../icon.svg")
class_name AnimeFaceMapping
extends Resource
## How a tracked face becomes a pose: the formulas and default thresholds of THA4's official front ends.
##
## Where the two front ends differ (only [member frowns]), the one for webcams is followed.

## Which eyebrows a lowered brow shows.
enum BrowDown {
	ANGRY,  ## [code]eyebrow_angry[/code].
	TROUBLED,  ## [code]eyebrow_troubled[/code].
	LOWERED,  ## [code]eyebrow_lowered[/code].
	SERIOUS,  ## [code]eyebrow_serious[/code].
}
## How a blink closes the eyes.
enum Wink {
	NORMAL,  ## [code]eye_wink[/code].
	RELAXED,  ## [code]eye_relaxed[/code].
}

const FaceCoefficients := preload("face_coefficients.gd")
const MouthShapes := preload("mouth_shapes.gd")
const Parameters := preload("../anime_character_parameters.gd")

const _BROW_GROUPS: PackedStringArray = ["eyebrow_angry", "eyebrow_troubled", "eyebrow_lowered", "eyebrow_serious"]
const _WINK_GROUPS: PackedStringArray = ["eye_wink", "eye_relaxed"]
const _SIDES: PackedStringArray = ["Left", "Right"]
const _HEAD_LIMITS := Vector3(15.0, 10.0, 15.0)

## Which eyebrows a lowered brow shows.
@export var brow_down: BrowDown = BrowDown.ANGRY
## How a blink closes the eyes.
@export var wink: Wink = Wink.NORMAL
## Whether a closed mouth lowers its corners. The official front end for iFacialMocap never does, by an oversight.
@export var frowns: bool = true
@export_group("Thresholds")
## A smile begins above this, to close the eyes with the lids curved up.
@export_range(0.0, 1.0, 0.01) var smile_min: float = 0.4
## Here it is a full smile.
@export_range(0.0, 1.0, 0.01) var smile_max: float = 0.6
## A brow lowered so far counts as all the way.
@export_range(0.0, 1.0, 0.01) var brow_down_max: float = 0.4
## An eye opened wide so far counts as all the way.
@export_range(0.0, 1.0, 0.01) var eye_wide_max: float = 0.5
## An eye closed so far counts as shut.
@export_range(0.0, 1.0, 0.01) var eye_blink_max: float = 0.8
## The lower lid begins to rise here.
@export_range(0.0, 1.0, 0.01) var cheek_squint_min: float = 0.1
## Here it is all the way up.
@export_range(0.0, 1.0, 0.01) var cheek_squint_max: float = 0.7
## The mouth begins to open here.
@export_range(0.0, 1.0, 0.01) var jaw_open_min: float = 0.1
## Here it is wide open.
@export_range(0.0, 1.0, 0.01) var jaw_open_max: float = 0.4
## Mouth corners lowered so far (both together) count as all the way.
@export_range(0.0, 1.0, 0.01) var mouth_frown_max: float = 0.6
## Rounded lips begin to mean "oh" rather than "oo" here.
@export_range(0.0, 1.0, 0.01) var mouth_funnel_min: float = 0.25
## Here they mean "oh" only.
@export_range(0.0, 1.0, 0.01) var mouth_funnel_max: float = 0.5
## Turns of the eyes are multiplied by this.
@export_range(0.0, 4.0, 0.01) var eye_rotation_factor: float = 4.0 / 3.0

var _mouth_shapes := MouthShapes.new()
# The tracked face that is being mapped, and the pose that comes of it.
var _face: FaceCoefficients
var _pose := PackedFloat32Array()


## The pose (45 numbers) of a tracked face whose neutral head turn is [param head_offset] degrees. Breath stays at rest.
func map(face: FaceCoefficients, head_offset: Vector3 = Vector3.ZERO) -> PackedFloat32Array:
	_face = face
	_pose = PackedFloat32Array()
	_pose.resize(Parameters.PARAMETER_COUNT)
	var smile := (
		(_coefficient("mouthSmileLeft") + _coefficient("mouthSmileRight")) / 2.0 + _coefficient("mouthShrugUpper")
	)
	var smile_degree := _ramp(smile, smile_min, smile_max)
	for side in _SIDES:
		_map_side(side, "_" + side.to_lower(), smile, smile_degree)
	_map_irises()
	_map_head(face.head_degrees - head_offset)
	_map_mouth(smile)
	return _pose


func _map_side(side: String, suffix: String, smile: float, smile_degree: float) -> void:
	_put("eyebrow_raised" + suffix, _coefficient("browInnerUp") + _coefficient("browOuterUp" + side))
	var down := (1.0 - smile_degree) * _ramp(_coefficient("browDown" + side), 0.0, brow_down_max)
	_put(_BROW_GROUPS[brow_down] + suffix, down)
	_put("eyebrow_happy" + suffix, clampf(smile, 0.0, 1.0) * smile_degree)
	_put("eye_surprised" + suffix, _ramp(_coefficient("eyeWide" + side), 0.0, eye_wide_max))
	var blink := _ramp(_coefficient("eyeBlink" + side), 0.0, eye_blink_max)
	_put(_WINK_GROUPS[wink] + suffix, (1.0 - smile_degree) * blink)
	_put("eye_happy_wink" + suffix, smile_degree * blink)
	var squint := _ramp(_coefficient("cheekSquint" + side), cheek_squint_min, cheek_squint_max)
	_put("eye_raised_lower_eyelid" + suffix, squint)


func _map_irises() -> void:
	var aside := (
		_coefficient("eyeLookInLeft")
		- _coefficient("eyeLookOutLeft")
		- _coefficient("eyeLookInRight")
		+ _coefficient("eyeLookOutRight")
	)
	var up := (
		_coefficient("eyeLookUpLeft")
		+ _coefficient("eyeLookUpRight")
		- _coefficient("eyeLookDownLeft")
		- _coefficient("eyeLookDownRight")
	)
	_put("iris_rotation_y", aside / 2.0 * eye_rotation_factor)
	_put("iris_rotation_x", up / 2.0 * eye_rotation_factor)


func _map_head(degrees: Vector3) -> void:
	_put("head_x", -degrees.x / _HEAD_LIMITS.x)
	_put("head_y", -degrees.y / _HEAD_LIMITS.y)
	_put("body_y", -degrees.y / _HEAD_LIMITS.y)
	_put("neck_z", degrees.z / _HEAD_LIMITS.z)
	_put("body_z", degrees.z / _HEAD_LIMITS.z)


func _map_mouth(smile: float) -> void:
	var open := _ramp(_coefficient("jawOpen"), jaw_open_min, jaw_open_max)
	for suffix: String in ["_left", "_right"]:
		_put("mouth_raised_corner" + suffix, smile)
		if open <= 0.0 and frowns:
			var frown := _coefficient("mouthFrownLeft") + _coefficient("mouthFrownRight")
			_put("mouth_lowered_corner" + suffix, _ramp(frown, 0.0, mouth_frown_max))
	if open <= 0.0:
		return
	var lower_lip := clampf(_coefficient("mouthLowerDownLeft") + _coefficient("mouthLowerDownRight"), 0.0, 1.0)
	var funnel := _coefficient("mouthFunnel")
	var shares := _mouth_shapes.find(PackedFloat64Array([open, lower_lip, funnel, _coefficient("mouthPucker")]))
	_put("mouth_aaa", shares[0])
	_put("mouth_iii", shares[1])
	if mouth_funnel_max > mouth_funnel_min:
		var round_share := clampf(shares[2] + shares[3], 0.0, 1.0)
		var oh := _ramp(funnel, mouth_funnel_min, mouth_funnel_max)
		_put("mouth_uuu", round_share * (1.0 - oh))
		_put("mouth_ooo", round_share * oh)


func _coefficient(coefficient: String) -> float:
	return _face.values[FaceCoefficients.index_of(coefficient)]


func _put(parameter: String, value: float) -> void:
	var index := Parameters.PARAMETER_NAMES.find(parameter)
	_pose[index] = clampf(value, Parameters.PARAMETER_MINIMUMS[index], Parameters.PARAMETER_MAXIMUMS[index])


# From 0 at [param low] to 1 at [param high]; 0 when there is no way between them.
static func _ramp(value: float, low: float, high: float) -> float:
	return clampf((value - low) / (high - low), 0.0, 1.0) if high > low else 0.0
