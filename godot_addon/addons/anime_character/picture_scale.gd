@tool
extends RefCounted
## At which scale a node's pictures are made: above 1 they are drawn finer, at twice or four times the picture's size.
##
## By itself it follows the size at which the picture is drawn: a finer one is taken when a pixel of the picture covers
## clearly more than one of the screen, and let go of when it hardly does, so that a figure about that large does not
## change again and again.

## The largest.
const LARGEST := 4.0
# Pixels of the screen to a pixel of the picture, in each direction: beyond, a finer picture is taken, and below, the
# next coarser one.
const _FINER := 1.25
const _COARSER := 1.1

# Seconds between two looks at the size: what is shown larger in between is drawn all the same.
const _LOOK_EVERY := 0.4

## What was chosen last.
var chosen := 1.0

# Seconds until the next look.
var _wait := 0.0


## The scale that can be drawn for a [param wished] one: above 1 only 2 and 4 are.
static func drawn(wished: float) -> float:
	if wished <= 1.0:
		return wished
	return 2.0 if wished <= 2.0 else LARGEST


## Whether it is time to choose, [param delta] seconds after the last call.
func is_due(delta: float) -> bool:
	_wait -= delta
	if _wait > 0.0:
		return false
	_wait = _LOOK_EVERY
	return true


## Makes it time to choose.
func be_due() -> void:
	_wait = 0.0


## Chooses for a picture of which a pixel covers [param pixels] of the screen in each direction; at most [param most],
## which is what the character's drawing has.
func choose(pixels: float, most: float) -> float:
	while chosen < most and pixels > chosen * _FINER:
		chosen *= 2.0
	while chosen > 1.0 and (chosen > most or pixels < chosen / 2.0 * _COARSER):
		chosen /= 2.0
	return chosen


## How many pixels of its viewport a unit of an item covers, in the direction in which it is larger.
static func pixels_of_item(item: CanvasItem) -> float:
	var drawn_at := item.get_viewport_transform() * item.get_global_transform()
	return maxf(drawn_at.x.length(), drawn_at.y.length())


## How many pixels of the viewport a row of the picture covers that [param shower] shows in 3D: a [Sprite3D] or anything
## else with the picture on it from its top to its bottom, [param rows] of them. 0 without a camera, or behind it.
static func pixels_in_space(shower: VisualInstance3D, rows: int) -> float:
	var camera := shower.get_viewport().get_camera_3d() if shower.is_visible_in_tree() else null
	if camera == null:
		return 0.0
	var box := shower.get_aabb()
	var middle := shower.global_transform * box.get_center()
	if camera.is_position_behind(middle):
		return 0.0
	var row := shower.global_basis.y.length() * box.size.y / rows
	var above := middle + camera.global_basis.y.normalized() * row
	return camera.unproject_position(middle).distance_to(camera.unproject_position(above))
