@tool
extends "../picture_source.gd"
## The graphics card as a picture source: the networks as compute shaders on the main RenderingDevice. The picture stays
## on the card, nothing waits for it.
##
## The character is read, and its shaders are made, on a thread of their own. The first character of a kind is tried out
## at rest: a driver that draws nonsense is given up.

## What it is at.
enum State { LOADING, TRYING, READY, OVER }

const CharacterFile := preload("../../character/character_file.gd")
const GpuCharacter := preload("gpu_character.gd")
const GpuDevice := preload("gpu_device.gd")
const GpuJob := preload("gpu_job.gd")
const GpuLarger := preload("gpu_larger.gd")
const GpuLargerLoading := preload("gpu_larger_loading.gd")
const GpuLoading := preload("gpu_loading.gd")
const GpuTrial := preload("gpu_trial.gd")
const Settings := preload("../../settings.gd")

var _character: AnimeCharacter
var _gpu: GpuDevice
var _loading: GpuLoading
var _on_card: GpuCharacter
var _state := State.LOADING
var _job: GpuJob
var _asked_number := -1
var _trial: GpuTrial
# What the node shows, and what it showed before, which is freed when the next has been shown.
var _shown := RID()
var _shown_size := Vector2i.ZERO
var _outworn: Array[RID] = []
var _user := 0
# What draws larger pictures, and what is to.
var _larger: GpuLarger
var _larger_loading: GpuLargerLoading
var _is_larger_wanted := false
var _is_larger_refused := false
var _arrived: Picture


## [param character]: one with a file.
func _init(character: AnimeCharacter) -> void:
	_character = character
	_gpu = GpuDevice.join()
	_user = _gpu.new_user()
	_loading = GpuLoading.begin(character.file, Settings.gpu_precision())
	_on_card = _loading.on_card


## Why there is no graphics card to draw with here, as a sentence; empty when there is.
static func why_not() -> String:
	if RenderingServer.get_rendering_device() == null:
		return "there is no graphics card with compute shaders here (the renderer must be Forward+ or Mobile)."
	return ""


func poll() -> void:
	if _state == State.OVER:
		return
	if _state == State.LOADING and _loading.is_over:
		_begin()
	elif _state == State.TRYING:
		_trial.poll()
		if _trial.is_over:
			_end_trial()
	if _state == State.OVER:
		return
	if _larger_loading and _larger_loading.is_over and _job == null:
		_end_larger_loading()
	_gpu.step()
	if _arrived:
		var picture := _arrived
		_arrived = null
		picture_arrived.emit(picture)
	if not _outworn.is_empty():
		# Now that the new one is shown: drawn it was, maybe, while another character's source was polled.
		_gpu.free_rids(_outworn)
		_outworn = []


func may_ask(number: int) -> bool:
	return _state == State.READY and _job == null and _arrived == null and _asked_number != number


func ask(number: int, pose: PackedFloat32Array, region: Rect2i, scale: float) -> void:
	_asked_number = number
	var wished := scale
	scale = _drawn_scale(wished)
	var size := scaled_size(region, scale)
	var target := _target_for(size)
	if not target.is_valid():
		_give_up("the graphics card (%s) has no room for a picture of %s." % [_card(), _character.describe()])
		return
	var job := _job_of(pose, region, size)
	job.target = target
	job.size = size
	job.finished = _larger.finished if scale > 1.0 else RID()
	var picture := Picture.new()
	picture.number = number
	picture.region = region
	picture.size = size
	picture.is_preliminary = scale != wished and not _is_larger_refused
	picture.asked_usec = Time.get_ticks_usec()
	job.done = _on_drawn.bind(picture)
	_enqueue(job)


func read_back() -> Image:
	if not _shown.is_valid():
		return null
	var box: Array[PackedByteArray] = []
	RenderingServer.call_on_render_thread(_read_into.bind(_gpu, box, _shown))
	# The render thread may be another one.
	RenderingServer.force_sync()
	if box.is_empty():
		return null
	return Image.create_from_data(_shown_size.x, _shown_size.y, false, Image.FORMAT_RGBA8, box[0])


func close() -> void:
	if _gpu == null:
		return
	_state = State.OVER
	engine = ""
	if _trial:
		_trial.close()
		_trial = null
	var rids := _outworn
	_outworn = []
	if _job:
		_gpu.withdraw(_job)
		if _job.target.is_valid() and _job.target != _shown:
			rids.append(_job.target)
		_job = null
	_arrived = null
	if _shown.is_valid():
		rids.append(_shown)
	_shown = RID()
	_gpu.free_rids(rids)
	_draw_larger_by(null)
	if _larger_loading:
		_larger_loading.abandon(_loading)
		_larger_loading = null
	else:
		_loading.abandon()
	_gpu.leave()
	_gpu = null


func _begin() -> void:
	var networks := _loading.networks
	if not networks.error.is_empty():
		_give_up(CharacterFile.sentence(_character.describe(), networks.error))
	elif not _on_card.error.is_empty():
		_give_up("the graphics card (%s) cannot draw %s: %s" % [_card(), _character.describe(), _on_card.error])
	elif GpuDevice.flaws.has(_on_card.layout):
		_judge(GpuDevice.flaws[_on_card.layout])
	else:
		_state = State.TRYING
		_trial = GpuTrial.new(_character, networks)
		var job := _job_of(GpuTrial.pose(), GpuTrial.REGION, GpuTrial.REGION.size)
		job.finish = _finish_trial.bind(_gpu, _trial)
		job.done = _on_tried
		_enqueue(job)


func _be_ready() -> void:
	_state = State.READY
	engine = "gpu"
	connected.emit()


func _give_up(message: String) -> void:
	_state = State.OVER
	engine = ""
	gave_up.emit(message)


# The scale that can be drawn now in place of one that is wished for, of whose preparation this takes care; nothing is
# on its way.
func _drawn_scale(wish: float) -> float:
	_is_larger_wanted = wish > 1.0
	if not _is_larger_wanted:
		_draw_larger_by(null)
		return wish
	var had := float(_larger.scale) if _larger else 1.0
	if had != wish and _larger_loading == null and not _is_larger_refused:
		_larger_loading = GpuLargerLoading.begin(_character.file, _on_card, int(wish))
	return had


func _end_larger_loading() -> void:
	var larger := _larger_loading.larger
	if not _is_larger_wanted:
		_larger_loading.abandon()
	elif larger.error.is_empty():
		_draw_larger_by(_larger_loading.take())
		# What was asked for can be had at another size now.
		_asked_number = -1
	else:
		_is_larger_refused = true
		_asked_number = -1
		failed.emit("the graphics card (%s) cannot draw %s larger: %s" % [_card(), _character.describe(), larger.error])
		_larger_loading.abandon()
	_larger_loading = null


func _draw_larger_by(larger: GpuLarger) -> void:
	_larger = larger
	var before := _on_card.draw_larger_by(larger)
	if before:
		before.close()


func _job_of(pose: PackedFloat32Array, region: Rect2i, size: Vector2i) -> GpuJob:
	var job := GpuJob.new()
	job.user = _user
	job.steps = _on_card.steps_for(pose, region, size)
	job.pose = pose.to_byte_array()
	job.pose_buffer = _on_card.pose_buffer
	return job


func _enqueue(job: GpuJob) -> void:
	_job = job
	_gpu.enqueue(job)


# The texture that a picture of this size is to be shown by.
func _target_for(size: Vector2i) -> RID:
	if _shown.is_valid() and _shown_size == size:
		return _shown
	var format := RDTextureFormat.new()
	# In 3D it is decoded to linear light as it is sampled; in 2D its bytes are taken as they are.
	format.format = RenderingDevice.DATA_FORMAT_R8G8B8A8_SRGB
	format.add_shareable_format(RenderingDevice.DATA_FORMAT_R8G8B8A8_SRGB)
	format.add_shareable_format(RenderingDevice.DATA_FORMAT_R8G8B8A8_UNORM)
	format.width = size.x
	format.height = size.y
	format.usage_bits = (
		RenderingDevice.TEXTURE_USAGE_SAMPLING_BIT
		| RenderingDevice.TEXTURE_USAGE_CAN_COPY_TO_BIT
		| RenderingDevice.TEXTURE_USAGE_CAN_COPY_FROM_BIT
	)
	return _gpu.device.texture_create(format, RDTextureView.new())


func _on_drawn(picture: Picture) -> void:
	var target: RID = _job.target
	if target != _shown:
		if _shown.is_valid():
			_outworn.append(_shown)
		_shown = target
		_shown_size = picture.size
	picture.device_texture = _shown
	picture.latency_ms = (Time.get_ticks_usec() - picture.asked_usec) / 1000.0
	# Of a picture before: this one's time is known when the card has drawn it.
	picture.render_ms = _gpu.took_ms(_user)
	_arrived = picture
	_job = null


func _on_tried() -> void:
	_job = null


# On the render thread.
static func _finish_trial(gpu: GpuDevice, trial: GpuTrial) -> void:
	# What is bound is kept, which a callable's own object is not.
	gpu.device.texture_get_data_async(gpu.finished, 0, func(bytes: PackedByteArray) -> void: trial.take(bytes))


func _end_trial() -> void:
	GpuDevice.flaws[_on_card.layout] = _trial.flaw
	_trial = null
	_judge(GpuDevice.flaws[_on_card.layout])


func _judge(flaw: String) -> void:
	if flaw.is_empty():
		_be_ready()
	else:
		var what := "the graphics card (%s) draws %s wrongly (%s); update its driver."
		_give_up(what % [_card(), _character.describe(), flaw])


# On the render thread.
static func _read_into(gpu: GpuDevice, box: Array[PackedByteArray], texture: RID) -> void:
	box.append(gpu.device.texture_get_data(texture, 0))


static func _card() -> String:
	return RenderingServer.get_video_adapter_name()
