extends "scenario.gd"
## Compiles a shader that is none, and one that is, twice.

const GpuPrograms := preload("res://addons/anime_character/sources/gpu/gpu_programs.gd")
const FOLD := preload("res://addons/anime_character/sources/gpu/shaders/fold.gdshaderinc")


func play() -> void:
	var device := RenderingServer.get_rendering_device()
	var programs := GpuPrograms.new(device)
	tell("broken", programs.program(FOLD, "#define main no_shader ends (here").error)
	var whole := programs.program(FOLD)
	tell("whole", whole.error)
	tell("same", programs.program(FOLD) == whole)
	for rid in programs.take_rids():
		device.free_rid(rid)
