@tool
@icon("../icon.svg")
class_name AnimeLookAt
extends "pose_source.gd"
## Lets its parent character look at something: the eyes go first, head and body follow, and as they come the eyes
## turn back to the middle.

## What is looked at.
enum Mode {
	NODE,  ## [member target]; nothing while there is none.
	MOUSE,  ## The mouse pointer.
	DIRECTION,  ## [member direction].
}

const SpringMotion := preload("spring_motion.gd")

# After so many time constants 95 % of the way is done: of an exponential, and of a critically damped spring.
const _CONSTANTS_IN_MOST := 3.0
const _PASSED_IN_MOST := 4.74

## What is looked at.
@export var mode: Mode = Mode.NODE:
	set(value):
		mode = value
		notify_property_list_changed()
## The [Node2D], [Control] (its middle) or [Node3D] that is looked at.
@export var target: Node
## Where to look: x from -1 (the viewer's left) to 1, y from -1 (up) to 1 (down), as on the screen.
@export var direction: Vector2 = Vector2.ZERO
## Where the face shows the character in a 3D scene, as a [Sprite3D] with its texture; empty: the character is drawn in
## 2D. Looks at a [Node3D] are then angles in space, of up to [member full_angle].
@export var shown_by: Node3D
## How far away, in pixels of the character's picture, something is looked at as far aside as can be.
@export_range(50.0, 4000.0, 10.0, "suffix:px") var full_distance: float = 500.0
## At which angle in 3D something is looked at as far aside as can be.
@export_range(5.0, 90.0, 1.0, "suffix:°") var full_angle: float = 45.0
@export_group("Limits")
## How far the eyes turn at most.
@export_range(0.0, 1.0, 0.01) var eyes: float = 0.9
## How far the head turns at most.
@export_range(0.0, 1.0, 0.01) var head: float = 0.7
## How far the body turns at most.
@export_range(0.0, 1.0, 0.01) var body: float = 0.25
## How much the eyes turn back as the head comes.
@export_range(0.0, 1.0, 0.01) var eyes_return: float = 0.6
@export_group("Speed")
## How long the eyes take for most of their way.
@export_range(0.0, 2.0, 0.01, "suffix:s") var eye_time: float = 0.07
## How long the head takes.
@export_range(0.0, 4.0, 0.01, "suffix:s") var head_time: float = 0.45
## How long the body takes.
@export_range(0.0, 8.0, 0.01, "suffix:s") var body_time: float = 0.9
## How long it takes to begin looking, and to stop when there is nothing to look at.
@export_range(0.0, 4.0, 0.01, "suffix:s") var engage_time: float = 0.3

var _gaze := Vector2.ZERO
var _head_x := SpringMotion.new()
var _head_y := SpringMotion.new()
var _body_y := SpringMotion.new()
var _engaged := 0.0
var _iris_x_index := _index("iris_rotation_x")
var _iris_y_index := _index("iris_rotation_y")
var _head_x_index := _index("head_x")
var _head_y_index := _index("head_y")
var _body_y_index := _index("body_y")


func _validate_property(property: Dictionary) -> void:
	var only_for: Dictionary[String, Mode] = {"target": Mode.NODE, "direction": Mode.DIRECTION}
	if only_for.get(property["name"], mode) != mode:
		property["usage"] &= ~PROPERTY_USAGE_EDITOR


## Goes on by [param delta] seconds.
func advance(delta: float) -> void:
	if _layer == null:
		return
	var looks := mode != Mode.NODE or is_instance_valid(target) and target.is_inside_tree()
	var wanted := _find_direction() if looks else Vector2.ZERO
	_engaged = _approach(_engaged, 1.0 if looks else 0.0, engage_time, delta)
	_gaze.x = _approach(_gaze.x, wanted.x, eye_time, delta)
	_gaze.y = _approach(_gaze.y, wanted.y, eye_time, delta)
	_follow(_head_x, wanted.y, head_time, delta)
	_follow(_head_y, wanted.x, head_time, delta)
	_follow(_body_y, wanted.x, body_time, delta)
	# On the screen right and down are positive; in a pose the viewer's left and up are.
	_put(_iris_y_index, -_eye(_gaze.x, _head_y.position))
	_put(_iris_x_index, -_eye(_gaze.y, _head_x.position))
	_put(_head_y_index, -head * _head_y.position)
	_put(_head_x_index, -head * _head_x.position)
	_put(_body_y_index, -body * _body_y.position)


## Where it looks at present: x from -1 (the viewer's left) to 1, y from -1 (up) to 1. The eyes are there; the head may
## be on its way.
func get_gaze() -> Vector2:
	return _gaze


func _slot() -> PoseLayers.Slot:
	return PoseLayers.Slot.LOOK


func _eye(gaze: float, head_position: float) -> float:
	return eyes * clampf(gaze - eyes_return * head * head_position, -1.0, 1.0)


func _put(index: int, value: float) -> void:
	_layer.put(index, clampf(value, -1.0, 1.0), _engaged)


func _find_direction() -> Vector2:
	if mode == Mode.DIRECTION:
		return direction.limit_length(1.0)
	if mode == Mode.NODE and target is Node3D and is_instance_valid(shown_by):
		return _direction_in_space((target as Node3D).global_position)
	var place: Variant = _place_on_screen()
	if place == null:
		return Vector2.ZERO
	var mirrored := Vector2(-1.0 if _character.flip_h else 1.0, -1.0 if _character.flip_v else 1.0)
	var local := _character.get_global_transform_with_canvas().affine_inverse() * (place as Vector2)
	return ((local - _character.get_face_position()) / full_distance).limit_length(1.0) * mirrored


# In the viewport's pixels; null when it is not to be seen.
func _place_on_screen() -> Variant:
	if mode == Mode.MOUSE:
		return get_viewport().get_mouse_position()
	if target is Control:
		var control: Control = target
		return control.get_global_transform_with_canvas() * (control.size / 2.0)
	if target is CanvasItem:
		return (target as CanvasItem).get_global_transform_with_canvas().origin
	if not target is Node3D:
		_say_once(
			"target",
			(
				"target is %s, a %s, which has no place to look at; choose a Node2D, Control or Node3D."
				% [target.name, target.get_class()]
			)
		)
	var camera := get_viewport().get_camera_3d()
	if target is Node3D and camera and not camera.is_position_behind((target as Node3D).global_position):
		return camera.unproject_position((target as Node3D).global_position)
	return null


func _direction_in_space(place: Vector3) -> Vector2:
	# A Sprite3D faces along its own z axis.
	var local := shown_by.global_transform.affine_inverse() * place
	var yaw := atan2(local.x, local.z)
	var pitch := atan2(local.y, Vector2(local.x, local.z).length())
	return (Vector2(yaw, -pitch) / deg_to_rad(full_angle)).limit_length(1.0)


# Exponential: most (95 %) of the way is done after [param most] seconds.
static func _approach(value: float, goal: float, most: float, delta: float) -> float:
	if most <= 0.0:
		return goal
	return goal + (value - goal) * exp(-_CONSTANTS_IN_MOST * delta / most)


static func _follow(motion: SpringMotion, goal: float, most: float, delta: float) -> void:
	if most <= 0.0:
		motion.rest_at(goal)
	else:
		# A critically damped spring has 95 % of its way behind it after 4.74 / w.
		motion.advance(goal, _PASSED_IN_MOST / (TAU * most), 1.0, delta)
