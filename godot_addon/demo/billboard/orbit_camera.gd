extends Camera3D
## Swings slowly about a point until somebody drags it with the mouse; the wheel goes nearer and farther.

const _DRAG := 0.006
const _ZOOM := 1.1
const _LOWEST := -0.05
const _HIGHEST := 0.4
const _SWING := 0.5
const _SWING_SPEED := 0.3

## What it looks at.
@export var centre: Vector3 = Vector3(0.0, 1.25, 0.0)
## How far away it is.
@export_range(1.5, 8.0, 0.1, "suffix:m") var distance: float = 3.6

var _yaw := 0.0
var _pitch := 0.12
var _time := 0.0
var _held := false


func _process(delta: float) -> void:
	if not _held:
		_time += delta
		_yaw = _SWING * sin(_time * _SWING_SPEED)
	position = centre + Basis.from_euler(Vector3(-_pitch, _yaw, 0.0)) * Vector3(0.0, 0.0, distance)
	look_at(centre)


func _unhandled_input(event: InputEvent) -> void:
	if event is InputEventMouseMotion:
		var motion: InputEventMouseMotion = event
		if motion.button_mask & MOUSE_BUTTON_MASK_LEFT:
			_held = true
			_yaw -= motion.relative.x * _DRAG
			_pitch = clampf(_pitch + motion.relative.y * _DRAG, _LOWEST, _HIGHEST)
	elif event is InputEventMouseButton:
		var button: InputEventMouseButton = event
		if button.pressed and button.button_index == MOUSE_BUTTON_WHEEL_UP:
			distance = maxf(1.5, distance / _ZOOM)
		elif button.pressed and button.button_index == MOUSE_BUTTON_WHEEL_DOWN:
			distance = minf(8.0, distance * _ZOOM)
