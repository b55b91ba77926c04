@tool
@icon("../icon.svg")
class_name AnimeBreath
extends "pose_source.gd"
## Lets its parent character breathe: in, out more slowly, and a short rest.

## Breaths a minute.
@export_range(1.0, 60.0, 0.5) var rate: float = 14.0
## How deep the breaths are: 1 is all that the character can.
@export_range(0.0, 1.0, 0.01) var depth: float = 0.8
## What part of a breath is breathing in.
@export_range(0.05, 0.9, 0.01) var inhaling: float = 0.38
## What part of a breath is rest after breathing out.
@export_range(0.0, 0.5, 0.01) var resting: float = 0.12
## How much the head nods with it.
@export_range(0.0, 0.5, 0.01) var head_motion: float = 0.04

# Where in the breath it is: 0 to 1.
var _phase := 0.0
var _breathing := _index("breathing")
var _head_x := _index("head_x")


## Goes on by [param delta] seconds.
func advance(delta: float) -> void:
	_phase = fposmod(_phase + delta * rate / 60.0, 1.0)
	if _layer:
		var breath := get_breath()
		_layer.add(_breathing, depth * breath)
		_layer.add(_head_x, head_motion * breath)


## How full the lungs are at present: 0 to 1.
func get_breath() -> float:
	var exhaling := maxf(0.01, 1.0 - inhaling - resting)
	if _phase < inhaling:
		return (1.0 - cos(PI * _phase / inhaling)) / 2.0
	return (1.0 + cos(PI * minf(1.0, (_phase - inhaling) / exhaling))) / 2.0
