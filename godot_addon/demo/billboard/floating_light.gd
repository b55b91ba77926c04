extends Node3D
## A light that wanders on a path which takes long to repeat.

## About where it wanders.
@export var middle: Vector3 = Vector3(0.0, 1.5, 0.9)
## How far it goes to each side.
@export var reach: Vector3 = Vector3(1.5, 0.55, 0.5)

var _time := 0.0


func _process(delta: float) -> void:
	_time += delta
	position = middle + reach * Vector3(sin(_time * 0.8), sin(_time * 1.3 + 1.0), cos(_time * 0.8))
