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
# The drawing's bytes, and what binds them: until the first picture is drawn.
var _once: Array[RID] = []
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
		[[0, shared["turned"]], [1, shared["constants"]], [2, shared["mask"]], [3, shared["coarse"]], [4, answers]],
		[]
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
	_moving = _dispatch(_LARGER, defines, [[0, answers]], [[1, picture], [2, textures[0]]])
	_edges = _dispatch(_EDGES, "", [], [[0, textures[0]], [1, textures[1]]])
	for rid: RID in _made + textures:
		if not rid.is_valid() and error.is_empty():
			error = "its memory has no room for the larger picture."


## Some tiles of the body's finest level, which leaves its answers.
func answers_step(tiles: Rect2i, lean: int) -> GpuJob.Step:
	var step := _character.stage_step(_character.plan.stages.size() - 1, tiles, lean)
	step.pipeline = _answers.pipeline
	step.uniforms = _answers.uniforms
	return step


## From the answers to the finished picture of a region; those before it are on their way.
func finish(region: Rect2i) -> Array[GpuJob.Step]:
	if _is_prepared and not _once.is_empty():
		_free_once()
	_is_prepared = true
	var corner := region.position * scale
	var size := region.size * scale
	return [_told(_moving, [corner.x, corner.y, size.x, size.y], size), _told(_edges, [0, 0, size.x, size.y], size)]


## Ends it, when nothing of it is on its way any more.
func close() -> void:
	_free_once()
	_made.reverse()
	_gpu.free_rids(_made.filter(func(rid: RID) -> bool: return rid.is_valid()))
	_made = []
	if _has_joined:
		_gpu.leave_larger(scale * _SIDE)
	_has_joined = false


func _free_once() -> void:
	_once.reverse()
	_gpu.free_rids(_once.filter(func(rid: RID) -> bool: return rid.is_valid()))
	_once = []


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
	var kept := _made.size()
	var bytes := _kept(_gpu.device.storage_buffer_create(drawing.size(), drawing))
	var whole := _dispatch(_DRAWING, "#define BY %d" % by, [[0, bytes]], [[1, picture]])
	_once = _made.slice(kept)
	if bytes.is_valid():
		_made.resize(kept)
	preparation.append(_told(whole, [], Vector2i(edge, edge)))
	for fold in _character.folds:
		preparation.append(_of_rest(fold, pose))
	preparation.append(_character.face_step)
	var defines := "#define TIMES %d\n#define FACE_EDGE %d\n" % [times, _FACE.size.x]
	defines += "#define FACE_X %d\n#define FACE_Y %d\n" % [_FACE.position.x, _FACE.position.y]
	defines += "#define FADE_FROM %f\n#define FADE_TO %f" % [_FADE[0], _FADE[1]]
	var images := [[0, _character.shared["picture"]], [1, picture], [2, detail], [3, rest]]
	preparation.append(_told(_dispatch(_FACES, defines + "\n#define REST", [], images), [], times * _FACE.size))
	painting = [_told(_dispatch(_FACES, defines, [], images), [], times * _FACE.size)]
	return picture


# The same fold, of the pose of a buffer.
func _of_rest(fold: GpuJob.Step, pose: RID) -> GpuJob.Step:
	var step := fold.part(0, fold.groups.y)
	step.push = fold.push
	step.uniforms = _uniforms(
		_character.fold_shader, [[0, _character.shared["raw"]], [1, pose], [2, _character.shared["constants"]]], []
	)
	return step


# A dispatch of a program with what it reads and writes, each with its place.
func _dispatch(source: ShaderInclude, defines: String, buffers: Array, images: Array) -> GpuJob.Step:
	var step := GpuJob.Step.new()
	if not error.is_empty():
		return step
	var program := _gpu.programs.program(source, defines)
	error = "" if program.error.is_empty() else program.error + "."
	if error.is_empty():
		step.pipeline = program.pipeline
		step.uniforms = _uniforms(program.shader, buffers, images)
	return step


func _uniforms(shader: RID, buffers: Array, images: Array) -> RID:
	var bound: Array[RDUniform] = []
	for buffer: Array in buffers:
		var rid: RID = buffer[1]
		if rid.is_valid():
			bound.append(GpuCharacter.binding_of(RenderingDevice.UNIFORM_TYPE_STORAGE_BUFFER, buffer[0], rid))
	for image: Array in images:
		bound.append(GpuCharacter.binding_of(RenderingDevice.UNIFORM_TYPE_IMAGE, image[0], image[1]))
	return _kept(_gpu.device.uniform_set_create(bound, shader, 0))


func _texture(side: int) -> RID:
	return _kept(_gpu.make_picture(RenderingDevice.DATA_FORMAT_R32G32B32A32_SFLOAT, side))


func _kept(rid: RID) -> RID:
	_made.append(rid)
	return rid


# A dispatch for so many pixels, which is told some numbers.
static func _told(step: GpuJob.Step, numbers: PackedInt32Array, pixels: Vector2i) -> GpuJob.Step:
	var told := GpuJob.Step.new()
	told.pipeline = step.pipeline
	told.uniforms = step.uniforms
	told.push = numbers.to_byte_array()
	told.groups = GpuCharacter.groups_in(pixels)
	return told
