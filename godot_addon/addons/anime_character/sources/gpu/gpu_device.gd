@tool
extends RefCounted
## The graphics card as all characters share it: programs, scratch memory, and the queue of pictures, of which one is in
## the making at a time. It owns every RID but the characters' own, and frees them when the last character has left.

const _LABEL := "anime_character"
const _LABEL_OF_BEGIN := _LABEL + " begins"
const _NUMBERS_OF_A_TIME := 5
# Times are known some frames later.
const _READS := 6
const _SIDE := CharacterNetworks.PICTURE

const CharacterNetworks := preload("../character_networks.gd")
const GpuDevice := preload("gpu_device.gd")
const GpuJob := preload("gpu_job.gd")
const GpuPace := preload("gpu_pace.gd")
const GpuPrograms := preload("gpu_programs.gd")
const GpuUniforms := preload("gpu_uniforms.gd")
const Settings := preload("../../settings.gd")

## What is wrong with this card's pictures of a layout, as far as that was tried: empty when nothing is. Known for as
## long as the game runs.
static var flaws: Dictionary[String, String] = {}

static var _shared: GpuDevice

var device := RenderingServer.get_rendering_device()
var programs := GpuPrograms.new(device)
## Where a picture is drawn, made smaller, and gets its edges: as large as the largest.
var drawn := RID()
var small := RID()
var finished := RID()

# Nothing is drawn by it; a change of it makes Godot draw a frame.
var _reminder := RenderingServer.canvas_item_create()
var _users := 0
var _pace := GpuPace.new()
var _budget_ms := Settings.gpu_budget_ms()
var _queue: Array[GpuJob] = []
var _last_frame := -1
var _next_id := 1
var _last_user := 0
var _took: Dictionary[int, float] = {}
var _buffers: Dictionary[String, RID] = {}
var _larger: Dictionary[int, Array] = {}
var _users_of_larger: Dictionary[int, int] = {}
var _lock := Mutex.new()
# Milliseconds on the graphics card by the number of a job that is not whole yet; and what came from the render thread
# since the last frame, one after the other: milliseconds, the job's number, multiply-adds, whether that was its last,
# and its user.
var _taking: Dictionary[int, float] = {}
var _times := PackedFloat64Array()
var _read_frame := -1
var _frames_to_read := 0


func _init() -> void:
	ProjectSettings.settings_changed.connect(_read_budget)


## The shared one, made when it is asked for first. Call [method leave] afterwards.
static func join() -> GpuDevice:
	if _shared == null:
		_shared = GpuDevice.new()
		_shared.drawn = _shared.make_picture(RenderingDevice.DATA_FORMAT_R8G8B8A8_UNORM)
		_shared.small = _shared.make_picture(RenderingDevice.DATA_FORMAT_R8G8B8A8_UNORM)
		_shared.finished = _shared.make_picture(RenderingDevice.DATA_FORMAT_R8G8B8A8_UNORM)
	_shared._users += 1
	return _shared


## Ends one use.
func leave() -> void:
	_users -= 1
	if _users > 0:
		return
	if _shared == self:
		_shared = null
	RenderingServer.free_rid(_reminder)
	var rids := programs.take_rids()
	for rid: RID in [drawn, small, finished] + _buffers.values():
		if rid.is_valid():
			rids.append(rid)
	free_rids(rids)


## A buffer for what one stage leaves to the next, shared by all that need so much at the same place. Any thread may
## ask.
func scratch(numbers: int, place: int) -> RID:
	var key := "%d of %d" % [place, numbers]
	_lock.lock()
	if not _buffers.has(key):
		_buffers[key] = device.storage_buffer_create(4 * numbers)
	var buffer := _buffers[key]
	_lock.unlock()
	return buffer


## Where pictures of so many pixels a side are drawn, and get their edges: two textures, shared by all that are drawn so
## large. Give them back with [method leave_larger]. Any thread may ask.
func join_larger(side: int) -> Array[RID]:
	_lock.lock()
	if not _larger.has(side):
		_larger[side] = [
			make_picture(RenderingDevice.DATA_FORMAT_R8G8B8A8_UNORM, side),
			make_picture(RenderingDevice.DATA_FORMAT_R8G8B8A8_UNORM, side),
		]
	_users_of_larger[side] = _users_of_larger.get(side, 0) + 1
	var textures: Array[RID] = []
	textures.assign(_larger[side])
	_lock.unlock()
	return textures


## Ends one use of them; with the last one they are freed.
func leave_larger(side: int) -> void:
	var rids: Array[RID] = []
	_lock.lock()
	_users_of_larger[side] -= 1
	if _users_of_larger[side] == 0:
		rids.assign(_larger[side].filter(func(rid: RID) -> bool: return rid.is_valid()))
		_larger.erase(side)
	_lock.unlock()
	free_rids(rids)


## A square texture that compute shaders draw into.
func make_picture(format: RenderingDevice.DataFormat, side: int = _SIDE) -> RID:
	var wanted := RDTextureFormat.new()
	wanted.format = format
	wanted.width = side
	wanted.height = side
	wanted.usage_bits = RenderingDevice.TEXTURE_USAGE_STORAGE_BIT | RenderingDevice.TEXTURE_USAGE_CAN_COPY_FROM_BIT
	return device.texture_create(wanted, RDTextureView.new())


## Frees what was made here, in order, as soon as the render thread gets to it.
func free_rids(rids: Array[RID]) -> void:
	RenderingServer.call_on_render_thread(free_now.bind(device, rids))


## Puts a picture at the queue's end.
func enqueue(job: GpuJob) -> void:
	job.id = _next_id
	_next_id += 1
	_queue.append(job)


## Takes a picture out of the queue, whatever has been done of it.
func withdraw(job: GpuJob) -> void:
	_queue.erase(job)
	_taking.erase(job.id)


## Milliseconds that the last picture of a user took on the graphics card, of those whose time is known already.
func took_ms(user: int) -> float:
	return _took.get(user, 0.0)


## A number for a user, by whom times are asked for.
func new_user() -> int:
	_last_user += 1
	return _last_user


## Sends as much as the budget allows to the graphics card. Called by every source in every frame; works once for each
## that is drawn: while the window is minimised nothing would be taken from the card's queue.
func step() -> void:
	if not _queue.is_empty() or _frames_to_read > 0:
		# A project that draws only what has changed has to draw, too.
		RenderingServer.canvas_item_set_visible(_reminder, true)
	var frame := Engine.get_frames_drawn()
	if frame == _last_frame:
		return
	_last_frame = frame
	_take_times()
	_frames_to_read -= 1
	if _queue.is_empty() and _frames_to_read > 0:
		RenderingServer.call_on_render_thread(_look_at_times.bind(self))
	var allowance := 0.0 if _queue.is_empty() else _pace.allowance(_budget_ms)
	while not _queue.is_empty() and allowance > 0.0:
		var job := _queue[0]
		var begins := job.is_fresh()
		var steps := job.take(allowance)
		var ends := job.is_over()
		allowance -= maxf(job.spent, 1.0)
		_frames_to_read = _READS
		if ends:
			_queue.pop_front()
		var label := "%s:%d:%d:%d:%d" % [_LABEL, job.id, job.spent, int(ends), job.user]
		RenderingServer.call_on_render_thread(_record.bind(self, job, steps, begins, ends, label))
		if ends and job.done.is_valid():
			job.done.call()


# On the render thread. The card is bound, so that it is kept until then.
static func _record(
	gpu: GpuDevice, job: GpuJob, steps: Array[GpuJob.Step], begins: bool, ends: bool, label: String
) -> void:
	gpu._read_times()
	var card := gpu.device
	card.capture_timestamp(_LABEL_OF_BEGIN)
	if begins:
		card.buffer_update(job.pose_buffer, 0, job.pose.size(), job.pose)
	var list := -1
	var pipeline := RID()
	var uniforms: GpuUniforms = null
	for one in steps:
		# Those of one program and one set do not wait for each other.
		if one.pipeline != pipeline or one.uniforms != uniforms:
			if list >= 0:
				card.compute_list_end()
			list = card.compute_list_begin()
			pipeline = one.pipeline
			uniforms = one.uniforms
			card.compute_list_bind_compute_pipeline(list, pipeline)
			card.compute_list_bind_uniform_set(list, uniforms.rid, 0)
		var push := one.push
		if not push.is_empty():
			card.compute_list_set_push_constant(list, push, push.size())
		card.compute_list_dispatch(list, one.groups.x, one.groups.y, 1)
	if list >= 0:
		card.compute_list_end()
	if ends and job.target.is_valid():
		# The finished picture is shown whole or not at all.
		var whole := Vector3(job.size.x, job.size.y, 1)
		var finished_at := job.finished if job.finished.is_valid() else gpu.finished
		card.texture_copy(finished_at, job.target, Vector3.ZERO, Vector3.ZERO, whole, 0, 0, 0, 0)
	if ends and job.finish.is_valid():
		job.finish.call()
	card.capture_timestamp(label)


# On the render thread. The card is bound, so that it is kept until then.
static func _look_at_times(gpu: GpuDevice) -> void:
	gpu._read_times()


# On the render thread: the times of an earlier frame, whose end the graphics card has reached.
func _read_times() -> void:
	var frame := device.get_captured_timestamps_frame()
	if frame == _read_frame:
		return
	_read_frame = frame
	var begun := 0
	for index in device.get_captured_timestamps_count():
		var name := device.get_captured_timestamp_name(index)
		if not name.begins_with(_LABEL):
			continue
		var nanoseconds := device.get_captured_timestamp_gpu_time(index)
		var numbers := name.split_floats(":")
		if numbers.size() < _NUMBERS_OF_A_TIME:
			begun = nanoseconds
			continue
		numbers[0] = (nanoseconds - begun) / 1.0e6
		_lock.lock()
		_times.append_array(numbers)
		_lock.unlock()


func _take_times() -> void:
	_lock.lock()
	var times := _times
	_times = PackedFloat64Array()
	_lock.unlock()
	for at in range(0, times.size(), _NUMBERS_OF_A_TIME):
		var id := int(times[at + 1])
		var took: float = _taking.get(id, 0.0) + times[at]
		_pace.learn(times[at + 2], times[at])
		if times[at + 3] > 0.0:
			_took[int(times[at + 4])] = took
			_taking.erase(id)
		else:
			_taking[id] = took


func _read_budget() -> void:
	_budget_ms = Settings.gpu_budget_ms()


## Frees some of a device's, in order. On the render thread.
static func free_now(from: RenderingDevice, rids: Array[RID]) -> void:
	for rid in rids:
		from.free_rid(rid)
