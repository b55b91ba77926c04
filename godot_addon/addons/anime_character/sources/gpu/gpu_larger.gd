@tool
extends RefCounted
## What draws a character's pictures at twice or four times the size on the graphics card: its larger drawing, with the
## face painted in, is moved by the same networks' answers (docs/HD.md). Made on any thread.

const _SIDE := CharacterNetworks.PICTURE
const _FACE := CharacterNetworks.FACE
# The difference from the resting face, the most of a pixel and its neighbours, from which the drawing's detail fades,
# and at which it is gone.
const _FADE: PackedFloat32Array = [0.2, 0.8]
# Of the body's answers, in numbers for each pixel; and their place among what stages leave.
const _ANSWERS := 8
const _PLACE_OF_ANSWERS := 1000

const CharacterNetworks := preload("../character_networks.gd")
const GpuCharacter := preload("gpu_character.gd")
const GpuDevice := preload("gpu_device.gd")
const GpuJob := preload("gpu_job.gd")
const GpuLarger := preload("gpu_larger.gd")
const GpuUniforms := preload("gpu_uniforms.gd")

const _DRAWING := preload("shaders/larger_drawing.gdshaderinc")
const _EDGES := preload("shaders/edges.gdshaderinc")
const _FACES := preload("shaders/larger_face.gdshaderinc")
const _LARGER := preload("shaders/larger.gdshaderinc")
const _TILE := preload("shaders/tile.gdshaderinc")

## How many times as large as the picture: 2 or 4.
var scale := 2
## Why it cannot draw, as the end of a sentence; empty when it can.
var error := ""
## Where the finished picture is.
var finished := RID()
## What is dispatched once, before the first picture; it leaves the resting face in the small picture.
var preparation: Array[GpuJob.Step] = []
## What is dispatched for every face, of which the small picture holds the one that is to be painted.
var painting: Array[GpuJob.Step] = []
## The face that the larger picture has now.
var face := PackedFloat32Array()

var _gpu: GpuDevice
var _character: GpuCharacter
var _has_joined := false
var _made: Array[RID] = []
var _sets: Array[GpuUniforms] = []
# The drawing's bytes, and what binds them: until the first picture is drawn.
var _bytes := RID()
var _of_bytes: GpuUniforms
var _is_prepared := false
var _answers: GpuJob.Step
var _moving: GpuJob.Step
var _edges: GpuJob.Step


func _init(gpu: GpuDevice, times: int) -> void:
	_gpu = gpu
	scale = times


## Makes what is needed for a character that is on the card. [param drawing]: its larger one, straight-alpha RGBA8, or
## nothing: then its picture is enlarged. Then [member error] is known.
func load_for(character: GpuCharacter, drawing: PackedByteArray) -> void:
	_character = character
	var textures := _gpu.join_larger(scale * _SIDE)
	_has_joined = true
	finished = textures[1]
	var shared := character.shared
	var answers := _gpu.scratch(_ANSWERS * _SIDE * _SIDE, _PLACE_OF_ANSWERS)
	_answers = _dispatch(
		_TILE,
		character.plan.stages[-1].defines + "\n#define ANSWERS",
		{0: shared["turned"], 1: shared["constants"], 2: shared["mask"], 3: shared["coarse"], 4: answers}
	)
	var picture := shared["picture"]
	var edge := _SIDE
	var defines := "#define SCALE %d\n" % scale
	if not drawing.is_empty():
		var drawn := roundi(sqrt(drawing.size() / 4.0))
		edge = mini(scale * _SIDE, drawn)
		@warning_ignore("integer_division")
		picture = _make_picture(drawing, edge, drawn / edge)
	defines += "#define EDGE %d" % edge
	_moving = _dispatch(_LARGER, defines, {0: answers}, {1: picture, 2: textures[0]})
	_edges = _dispatch(_EDGES, "", {}, {0: textures[0], 1: textures[1]})
	for rid in textures:
		_check(rid)


## Makes what binds all that was loaded. On the render thread, before the first of its steps is there.
func bind() -> void:
	for uniforms in _sets:
		if error.is_empty():
			uniforms.make(_gpu.device)
			_check(uniforms.rid)


## Some tiles of the body's finest level, which leaves its answers.
func answers_step(tiles: Rect2i, lean: int) -> GpuJob.Step:
	var step := _character.stage_step(_character.plan.stages.size() - 1, tiles, lean)
	step.pipeline = _answers.pipeline
	step.uniforms = _answers.uniforms
	return step


## From the answers to the finished picture of a region; those before it are on their way.
func finish(region: Rect2i) -> Array[GpuJob.Step]:
	if _is_prepared and _bytes.is_valid():
		_gpu.free_rids([_of_bytes.rid, _bytes])
		_bytes = RID()
		_sets.erase(_of_bytes)
	_is_prepared = true
	var corner := region.position * scale
	var size := region.size * scale
	return [_told(_moving, [corner.x, corner.y, size.x, size.y], size), _told(_edges, [0, 0, size.x, size.y], size)]


## Ends it, when nothing of it is on its way any more.
func close() -> void:
	RenderingServer.call_on_render_thread(_free_all.bind(self))
	if _has_joined:
		_gpu.leave_larger(scale * _SIDE)
	_has_joined = false


# On the render thread. What is freed is bound, so that it is kept until then.
static func _free_all(larger: GpuLarger) -> void:
	var rids: Array[RID] = []
	for uniforms in larger._sets:
		rids.append(uniforms.rid)
	larger._sets.clear()
	rids.append(larger._bytes)
	larger._bytes = RID()
	rids.append_array(larger._made)
	larger._made.clear()
	GpuDevice.free_now(larger._gpu.device, rids.filter(func(rid: RID) -> bool: return rid.is_valid()))


# Says why it cannot draw when something could not be made.
func _check(rid: RID) -> RID:
	if not rid.is_valid() and error.is_empty():
		error = "its memory has no room for the larger picture."
	return rid


# The larger picture, without its face until that is painted.
func _make_picture(drawing: PackedByteArray, edge: int, by: int) -> RID:
	@warning_ignore("integer_division")
	var times := edge / _SIDE
	var picture := _texture(edge)
	var detail := _texture(times * _FACE.size.x)
	var rest := _texture(_FACE.size.x)
	var nobody := PackedByteArray()
	nobody.resize(4 * CharacterNetworks.BODY_POSE)
	var pose := _kept(_gpu.device.storage_buffer_create(nobody.size(), nobody))
	_bytes = _check(_gpu.device.storage_buffer_create(drawing.size(), drawing))
	var whole := _dispatch(_DRAWING, "#define BY %d" % by, {0: _bytes}, {1: picture})
	_of_bytes = whole.uniforms
	preparation.append(_told(whole, [], Vector2i(edge, edge)))
	for fold in _character.folds:
		preparation.append(_of_rest(fold, pose))
	preparation.append(_character.face_step)
	var defines := "#define TIMES %d\n#define FACE_EDGE %d\n" % [times, _FACE.size.x]
	defines += "#define FACE_X %d\n#define FACE_Y %d\n" % [_FACE.position.x, _FACE.position.y]
	defines += "#define FADE_FROM %f\n#define FADE_TO %f" % [_FADE[0], _FADE[1]]
	var images: Dictionary[int, RID] = {0: _character.shared["picture"], 1: picture, 2: detail, 3: rest}
	preparation.append(_told(_dispatch(_FACES, defines + "\n#define REST", {}, images), [], times * _FACE.size))
	painting = [_told(_dispatch(_FACES, defines, {}, images), [], times * _FACE.size)]
	return picture


# The same fold, of the pose of a buffer.
func _of_rest(fold: GpuJob.Step, pose: RID) -> GpuJob.Step:
	var step := fold.part(0, fold.groups.y)
	step.push = fold.push
	step.uniforms = _uniforms(
		_character.fold_shader, {0: _character.shared["raw"], 1: pose, 2: _character.shared["constants"]}
	)
	return step


# A dispatch of a program with what it reads and writes, each with its place.
func _dispatch(
	source: ShaderInclude, defines: String, buffers: Dictionary[int, RID], images: Dictionary[int, RID] = {}
) -> GpuJob.Step:
	var step := GpuJob.Step.new()
	if not error.is_empty():
		return step
	var program := _gpu.programs.program(source, defines)
	error = "" if program.error.is_empty() else program.error + "."
	if error.is_empty():
		step.pipeline = program.pipeline
		step.uniforms = _uniforms(program.shader, buffers, images)
	return step


func _uniforms(shader: RID, buffers: Dictionary[int, RID], images: Dictionary[int, RID] = {}) -> GpuUniforms:
	var uniforms := GpuUniforms.of(shader, buffers, images)
	_sets.append(uniforms)
	return uniforms


func _texture(side: int) -> RID:
	return _kept(_gpu.make_picture(RenderingDevice.DATA_FORMAT_R32G32B32A32_SFLOAT, side))


func _kept(rid: RID) -> RID:
	_made.append(rid)
	return _check(rid)


# A dispatch for so many pixels, which is told some numbers.
static func _told(step: GpuJob.Step, numbers: PackedInt32Array, pixels: Vector2i) -> GpuJob.Step:
	var told := GpuJob.Step.new()
	told.pipeline = step.pipeline
	told.uniforms = step.uniforms
	told.push = numbers.to_byte_array()
	told.groups = GpuCharacter.groups_in(pixels)
	return told
