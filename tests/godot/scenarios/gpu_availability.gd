extends "scenario.gd"
## Whether there is a graphics card with compute shaders.

const GpuSource := preload("res://addons/anime_character/sources/gpu/gpu_source.gd")


func play() -> void:
	tell("available", GpuSource.why_not().is_empty())
	tell("why_not", GpuSource.why_not())
