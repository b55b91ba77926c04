@tool
extends RefCounted
## A character on the graphics card: its weights, its picture, which tiles can be seen, and what is dispatched for a
## pose. Loaded on any thread.

const _SIDE := CharacterNetworks.PICTURE
# Threads of a work group: of those that draw pixels to a side, and of the others.
const _GROUP := 8
const _THREADS := 64
const _ALL_LEANS := 0xf

const CharacterNetworks := preload("../character_networks.gd")
const GpuCharacter := preload("gpu_character.gd")
const GpuDevice := preload("gpu_device.gd")
const GpuJob := preload("gpu_job.gd")
const GpuLarger := preload("gpu_larger.gd")
const GpuPlan := preload("gpu_plan.gd")
const GpuPrograms := preload("gpu_programs.gd")
const GpuUniforms := preload("gpu_uniforms.gd")
const VisibleTiles := preload("../visible_tiles.gd")

const _DECODE := preload("shaders/decode.gdshaderinc")
const _EDGES := preload("shaders/edges.gdshaderinc")
const _FOLD := preload("shaders/fold.gdshaderinc")
const _MASK := preload("shaders/mask.gdshaderinc")
const _SHRINK := preload("shaders/shrink.gdshaderinc")
const _TILE := preload("shaders/tile.gdshaderinc")
const _TURN := preload("shaders/turn.gdshaderinc")

## Why it cannot be drawn, as a sentence; empty when it can.
var error := ""
## What tells apart layouts of networks and precisions.
var layout := ""
## Whether to stop loading: nobody waits for it any more.
var is_abandoned := false
## Bits of activations: 32 or 16.
var precision := 32
## Where the pose is read.
var pose_buffer := RID()
## What its shaders read and write that those of larger pictures do, too, by what it is.
var shared: Dictionary[String, RID] = {}

## How its networks are laid out.
var plan: GpuPlan
## What is dispatched for every picture first, and for every face.
var folds: Array[GpuJob.Step] = []
var face_step: GpuJob.Step
## The shader of the former.
var fold_shader := RID()

var _gpu: GpuDevice
var _made: Array[RID] = []
# Uniform sets by what they are for; pipelines likewise.
var _sets: Dictionary[String, GpuUniforms] = {}
var _pipelines: Dictionary[String, RID] = {}
var _shaders: Dictionary[String, RID] = {}
# What is dispatched once, before the first picture.
var _preparation: Array[GpuJob.Step] = []
# What draws larger pictures, while such are wanted; null otherwise.
var _larger: GpuLarger
# What else is dispatched for a picture of the region and size that were asked for last, by the pose's lean.
var _way_region := Rect2i()
var _way_size := Vector2i.ZERO
var _ways: Dictionary[int, Array] = {}
# The face that the picture has now: the values of the pose that it was drawn with.
var _face := PackedFloat32Array()


func _init(gpu: GpuDevice) -> void:
	_gpu = gpu


## Takes the networks; [param wish]: [code]auto[/code], [code]float32[/code] or [code]snorm16[/code]. Then
## [member error] is known.
func load_networks(networks: CharacterNetworks, wish: String) -> void:
	var room := _gpu.device.limit_get(RenderingDevice.LIMIT_MAX_COMPUTE_SHARED_MEMORY_SIZE)
	plan = GpuPlan.new(networks, wish == "snorm16")
	if wish == "auto" and plan.error.is_empty() and _shared_bytes() > room:
		plan = GpuPlan.new(networks, true)
		wish = "snorm16"
	precision = 16 if wish == "snorm16" else 32
	error = plan.error
	if error.is_empty() and _shared_bytes() > room:
		error = "it has %d bytes of shared memory, and %d are needed." % [room, _shared_bytes()]
	var programs := {"turn": _TURN, "fold": _FOLD, "decode": _DECODE, "mask": _MASK, "shrink": _SHRINK, "edges": _EDGES}
	for name: String in programs:
		_add_program(name, programs[name], "")
	for index in plan.stages.size():
		_add_program("stage %d" % index, _TILE, plan.stages[index].defines)
		layout += plan.stages[index].defines
	if error.is_empty() and not is_abandoned:
		_make(networks)


## Makes what binds all that was loaded. On the render thread, before the first of its steps is there.
func bind() -> void:
	for uniforms: GpuUniforms in _sets.values():
		if error.is_empty():
			uniforms.make(_gpu.device)
			_keep(uniforms.rid)


## Frees all of it, as soon as the render thread gets to it.
func free_all() -> void:
	RenderingServer.call_on_render_thread(_free_all.bind(self))


# On the render thread. The character is bound, so that it is kept until then.
static func _free_all(character: GpuCharacter) -> void:
	character._made.reverse()
	GpuDevice.free_now(character._gpu.device, character._made)
	character._made.clear()


## Draws larger pictures by [param larger] from now on; null: none are wanted any more. What did before is given back,
## to be closed when nothing of it is on its way.
func draw_larger_by(larger: GpuLarger) -> GpuLarger:
	var before := _larger
	_larger = larger
	_way_size = Vector2i.ZERO
	return before


## The dispatches of a picture of a [param region] at a [param size]: up to the region's, or [method draw_larger_by]'s
## times that.
func steps_for(pose: PackedFloat32Array, region: Rect2i, size: Vector2i) -> Array[GpuJob.Step]:
	var steps := _preparation
	_preparation = []
	var is_larger := size.x > region.size.x
	if is_larger and not _larger.preparation.is_empty():
		# It leaves the resting face in the picture, and was told the resting pose.
		steps += _larger.preparation
		_larger.preparation = []
		_face = PackedFloat32Array()
	steps += folds
	var face := pose.slice(0, CharacterNetworks.FACE_POSE)
	if face != _face:
		_face = face
		steps.append(face_step)
	if is_larger and face != _larger.face:
		_larger.face = face
		steps.append_array(_larger.painting)
	if region != _way_region or size != _way_size:
		_way_region = region
		_way_size = size
		_ways.clear()
	var lean := 1 << VisibleTiles.lean_of(pose)
	if not _ways.has(lean):
		_ways[lean] = _way_of(lean, region, size)
	steps.append_array(_ways[lean])
	return steps


# From the body's coarsest level to the finished picture.
func _way_of(lean: int, region: Rect2i, size: Vector2i) -> Array[GpuJob.Step]:
	var steps: Array[GpuJob.Step] = []
	var is_larger := size.x > region.size.x
	# A larger picture's pixels lie between those of the region and those around it.
	var wanted := region.grow(1).intersection(Rect2i(0, 0, _SIDE, _SIDE)) if is_larger else region
	for index in range(plan.stages.size() - 1, 0, -1):
		var stage := plan.stages[index]
		var tiles := _tiles_of(wanted, stage.tile)
		var is_finest := stage.coarse_size == 0
		steps.push_front(
			_larger.answers_step(tiles, lean) if is_larger and is_finest else stage_step(index, tiles, lean)
		)
		# Of the coarser level the pixels around each of a tile's are seen.
		var pixels := Rect2i(tiles.position * stage.tile, tiles.size * stage.tile)
		var coarse := Rect2i(pixels.position.x >> 1, pixels.position.y >> 1, pixels.size.x >> 1, pixels.size.y >> 1)
		coarse = coarse.grow(1)
		wanted = coarse.intersection(Rect2i(0, 0, stage.edge >> 1, stage.edge >> 1))
	if is_larger:
		return steps + _larger.finish(region)
	var source := "edges"
	var corner := region.position
	if size != region.size:
		var numbers: PackedInt32Array = [corner.x, corner.y, region.size.x, region.size.y, size.x, size.y, 0, 0]
		steps.append(_step("shrink", "shrink", numbers.to_byte_array(), groups_in(size)))
		source = "edges of small"
		corner = Vector2i.ZERO
	var places: PackedInt32Array = [corner.x, corner.y, size.x, size.y]
	steps.append(_step("edges", source, places.to_byte_array(), groups_in(size)))
	return steps


func _shared_bytes() -> int:
	var most := 0
	for stage in plan.stages:
		most = maxi(most, stage.shared_bytes)
	return most


func _add_program(name: String, source: ShaderInclude, defines: String) -> void:
	if is_abandoned or not error.is_empty():
		return
	var program := _gpu.programs.program(source, defines)
	_pipelines[name] = program.pipeline
	error = "" if program.error.is_empty() else program.error + "."
	_shaders[name] = program.shader


func _make(networks: CharacterNetworks) -> void:
	var raw := _buffer(plan.raw.to_byte_array())
	var turned := _empty_buffer(4 * plan.turned_size)
	var constants := _empty_buffer(16 * plan.constants_size)
	pose_buffer = _empty_buffer(4 * CharacterNetworks.BODY_POSE)
	var bytes := _buffer(networks.picture)
	var picture := _gpu.make_picture(RenderingDevice.DATA_FORMAT_R32G32B32A32_SFLOAT)
	_keep(picture)
	fold_shader = _shaders["fold"]
	shared = {"raw": raw, "turned": turned, "constants": constants, "picture": picture}
	_add_set("turn", "turn", {0: raw, 1: turned})
	_add_set("fold", "fold", {0: raw, 1: pose_buffer, 2: constants})
	_add_set("decode", "decode", {0: bytes}, {1: picture})
	_add_set("shrink", "shrink", {}, {0: _gpu.drawn, 1: _gpu.small})
	_add_set("edges", "edges", {}, {0: _gpu.drawn, 1: _gpu.finished})
	_add_set("edges of small", "edges", {}, {0: _gpu.small, 1: _gpu.finished})
	for turn in plan.turns:
		_preparation.append(_step("turn", "turn", turn.push, Vector2i(groups_of(turn.count, _THREADS), 1)))
	_preparation.append(_step("decode", "decode", PackedByteArray(), groups_in(Vector2i(_SIDE, _SIDE))))
	_add_set("stage 0", "stage 0", {0: turned, 1: constants}, {5: picture})
	var masks := _make_masks(networks.tiles)
	for index in range(1, plan.stages.size()):
		var stage := plan.stages[index]
		var buffers: Dictionary[int, RID] = {0: turned, 1: constants, 2: masks[index]}
		if index > 1:
			buffers[3] = _gpu.scratch(plan.stages[index - 1].coarse_size, index - 1)
		if stage.coarse_size > 0:
			buffers[4] = _gpu.scratch(stage.coarse_size, index)
		var is_finest := stage.coarse_size == 0
		if is_finest:
			shared["mask"] = masks[index]
			shared["coarse"] = buffers.get(3, RID())
		var images: Dictionary[int, RID] = {}
		if is_finest:
			images = {5: picture, 6: _gpu.drawn}
		_add_set("stage %d" % index, "stage %d" % index, buffers, images)
	for fold in plan.folds:
		folds.append(_step("fold", "fold", fold.push, Vector2i(groups_of(fold.outputs, _THREADS), 1)))
	face_step = stage_step(0, Rect2i(Vector2i.ZERO, plan.stages[0].grid()), 0)


# A buffer for each stage that says which of its tiles are needed, made from the finest to the coarsest.
func _make_masks(tiles: PackedByteArray) -> Array[RID]:
	var leans := PackedInt32Array()
	leans.resize(VisibleTiles.GRID.x * VisibleTiles.GRID.y)
	leans.fill(_ALL_LEANS)
	for index in tiles.size():
		leans[index] = tiles[index]
	var masks: Array[RID] = []
	masks.resize(plan.stages.size())
	var fine := _buffer(leans.to_byte_array())
	var fine_grid := VisibleTiles.GRID
	var fine_tile := VisibleTiles.TILE
	var scale := 1
	for index in range(plan.stages.size() - 1, 0, -1):
		var stage := plan.stages[index]
		var grid := stage.grid()
		var mask := _empty_buffer(4 * grid.x * grid.y)
		_add_set("mask %d" % index, "mask", {0: fine, 1: mask})
		var numbers: PackedInt32Array = [grid.x, grid.y, stage.tile.x, stage.tile.y]
		numbers.append_array([fine_grid.x, fine_grid.y, fine_tile.x, fine_tile.y, scale, (scale - 1) * 2, 0, 0])
		var groups := Vector2i(groups_of(grid.x * grid.y, _THREADS), 1)
		_preparation.append(_step("mask", "mask %d" % index, numbers.to_byte_array(), groups))
		masks[index] = mask
		fine = mask
		fine_grid = grid
		fine_tile = stage.tile
		scale = 2
	return masks


## Some tiles of a stage.
func stage_step(index: int, tiles: Rect2i, lean: int) -> GpuJob.Step:
	var name := "stage %d" % index
	var numbers: PackedInt32Array = [tiles.position.x, tiles.position.y, lean, 0]
	var step := _step(name, name, numbers.to_byte_array(), tiles.size)
	step.row = tiles.position.y
	step.is_stage = true
	step.cost = float(tiles.size.x) * plan.stages[index].cost
	return step


func _step(program: String, set_name: String, push: PackedByteArray, groups: Vector2i) -> GpuJob.Step:
	var step := GpuJob.Step.new()
	step.pipeline = _pipelines[program]
	step.uniforms = _sets[set_name]
	step.push = push
	step.groups = groups
	return step


func _buffer(bytes: PackedByteArray) -> RID:
	return _keep(_gpu.device.storage_buffer_create(bytes.size(), bytes))


func _empty_buffer(size: int) -> RID:
	return _keep(_gpu.device.storage_buffer_create(size))


# Remembers what is to be freed at the end.
func _keep(rid: RID) -> RID:
	if rid.is_valid():
		_made.append(rid)
	elif error.is_empty():
		error = "its memory has no room for the character."
	return rid


func _add_set(name: String, program: String, buffers: Dictionary[int, RID], images: Dictionary[int, RID] = {}) -> void:
	_sets[name] = GpuUniforms.of(_shaders[program], buffers, images)


## Groups of a size that hold so many.
static func groups_of(count: int, size: int) -> int:
	@warning_ignore("integer_division")
	return (count + size - 1) / size


## Work groups that draw so many pixels.
static func groups_in(size: Vector2i) -> Vector2i:
	return Vector2i(groups_of(size.x, _GROUP), groups_of(size.y, _GROUP))


# The tiles that hold any of some pixels.
static func _tiles_of(pixels: Rect2i, tile: Vector2i) -> Rect2i:
	@warning_ignore("integer_division")
	var tiles := Rect2i(pixels.position / tile, Vector2i.ZERO)
	tiles.end = Vector2i(groups_of(pixels.end.x, tile.x), groups_of(pixels.end.y, tile.y))
	return tiles
