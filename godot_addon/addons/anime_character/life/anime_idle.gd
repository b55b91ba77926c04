@tool
@icon("../icon.svg")
class_name AnimeIdle
extends "pose_source.gd"
## Lets head and body of its parent character drift a little, slowly and never twice the same way.

const _HEAD: PackedStringArray = ["head_x", "head_y", "neck_z"]
const _BODY: PackedStringArray = ["body_y", "body_z"]
# Far enough apart in the noise that no two parameters move alike.
const _APART := 1000.0

## How fast it drifts: about so many changes of direction a second.
@export_range(0.01, 2.0, 0.01, "suffix:Hz") var speed: float = 0.18
## How far the head drifts at most.
@export_range(0.0, 1.0, 0.01) var head: float = 0.16
## How far the body drifts at most.
@export_range(0.0, 1.0, 0.01) var body: float = 0.14
## The same number gives the same motion; 0 gives another each time.
@export var random_seed: int = 0:
	set(value):
		random_seed = value
		_time = 0.0
		_noise.seed = _random_generator(value).randi()

var _noise := FastNoiseLite.new()
var _time := 0.0
var _head := _indices(_HEAD)
var _body := _indices(_BODY)


func _init() -> void:
	_noise.noise_type = FastNoiseLite.TYPE_SIMPLEX_SMOOTH
	_noise.frequency = 1.0
	_noise.fractal_type = FastNoiseLite.FRACTAL_FBM
	_noise.fractal_octaves = 2
	_noise.seed = _random_generator(0).randi()


## Goes on by [param delta] seconds.
func advance(delta: float) -> void:
	_time += delta * speed
	if _layer:
		_drift(_head, head, 0.0)
		_drift(_body, body, _head.size() * _APART)


func _drift(indices: PackedInt32Array, amplitude: float, place: float) -> void:
	for number in indices.size():
		_layer.add(indices[number], amplitude * _noise.get_noise_2d(_time, place + number * _APART))
