@tool
extends RefCounted
## Compute shaders and their pipelines, made once for all characters. Any thread may ask for one.

const _HEAD := "#version 450\n"


## A shader with its pipeline.
class Program:
	extends RefCounted
	var shader := RID()
	var pipeline := RID()
	## Why there is none; empty when there is.
	var error := ""


var _device: RenderingDevice
var _lock := Mutex.new()
var _programs: Dictionary[String, Program] = {}


func _init(device: RenderingDevice) -> void:
	_device = device


## The program of a source with so many [code]#define[/code]s before it; compiled when it is asked for first.
func program(source: ShaderInclude, defines: String = "") -> Program:
	var text := _HEAD + defines + "\n" + source.code
	_lock.lock()
	var found: Program = _programs.get(text)
	if found == null:
		found = _made(source.resource_path.get_file().get_basename(), text)
		_programs[text] = found
	_lock.unlock()
	return found


## Everything that is to be freed, in order.
func take_rids() -> Array[RID]:
	var rids: Array[RID] = []
	for made: Program in _programs.values():
		for rid: RID in [made.pipeline, made.shader]:
			if rid.is_valid():
				rids.append(rid)
	_programs.clear()
	return rids


func _made(name: String, text: String) -> Program:
	var made := Program.new()
	var source := RDShaderSource.new()
	source.language = RenderingDevice.SHADER_LANGUAGE_GLSL
	source.source_compute = text
	var spirv := _device.shader_compile_spirv_from_source(source)
	if not spirv.compile_error_compute.is_empty():
		var said := spirv.compile_error_compute.strip_edges().get_slice("\n", 0)
		made.error = "its driver does not take the shader %s (%s)" % [name, said]
		return made
	made.shader = _device.shader_create_from_spirv(spirv, "anime_character " + name)
	if made.shader.is_valid():
		made.pipeline = _device.compute_pipeline_create(made.shader)
	if not made.pipeline.is_valid():
		made.error = "its driver could not make a pipeline of the shader %s" % name
	return made
