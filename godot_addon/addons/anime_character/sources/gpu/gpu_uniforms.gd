@tool
extends RefCounted
## What a dispatch reads and writes: a uniform set, described on any thread and made on the render thread.
##
## Godot keeps all sets in one table that it does not guard: one that is made elsewhere while the render thread frees
## another ends the game.

const GpuUniforms := preload("gpu_uniforms.gd")

## The set; an invalid RID before [method make].
var rid := RID()

var _bound: Array[RDUniform] = []
var _shader := RID()


## Set 0 of a shader: buffers and images by their places. A buffer that is not there has no place.
static func of(shader: RID, buffers: Dictionary[int, RID], images: Dictionary[int, RID] = {}) -> GpuUniforms:
	var uniforms := GpuUniforms.new()
	uniforms._shader = shader
	for place in buffers:
		if buffers[place].is_valid():
			uniforms._bind(RenderingDevice.UNIFORM_TYPE_STORAGE_BUFFER, place, buffers[place])
	for place in images:
		uniforms._bind(RenderingDevice.UNIFORM_TYPE_IMAGE, place, images[place])
	return uniforms


## Makes the set, once. On the render thread.
func make(device: RenderingDevice) -> void:
	rid = device.uniform_set_create(_bound, _shader, 0)
	_bound.clear()


func _bind(type: RenderingDevice.UniformType, place: int, what: RID) -> void:
	var uniform := RDUniform.new()
	uniform.uniform_type = type
	uniform.binding = place
	uniform.add_id(what)
	_bound.append(uniform)
