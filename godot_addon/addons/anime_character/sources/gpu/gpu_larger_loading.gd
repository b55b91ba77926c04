@tool
extends RefCounted
## A character's larger drawing being read, and brought to the graphics card, on one of Godot's worker threads.

const BackgroundTask := preload("../background_task.gd")
const CharacterFile := preload("../../character/character_file.gd")
const GpuCharacter := preload("gpu_character.gd")
const GpuDevice := preload("gpu_device.gd")
const GpuLarger := preload("gpu_larger.gd")
const GpuLargerLoading := preload("gpu_larger_loading.gd")
const GpuLoading := preload("gpu_loading.gd")

## Whether what follows is known.
var is_over := false
## What draws larger pictures. It says what is wrong with it.
var larger: GpuLarger

var _is_abandoned := false
var _loading: GpuLoading
var _gpu := GpuDevice.join()


## Begins to load the larger drawing of the bytes of a [code].tha4[/code] file for a character that is on the card, and
## has to stay there until it [member is_over]. Call [method take] or [method abandon] afterwards.
static func begin(file: PackedByteArray, on_card: GpuCharacter, times: int) -> GpuLargerLoading:
	var loading := GpuLargerLoading.new()
	loading.larger = GpuLarger.new(loading._gpu, times)
	BackgroundTask.begin(_load.bind(loading, file, on_card), _finish.bind(loading))
	return loading


## What was loaded, which the caller closes.
func take() -> GpuLarger:
	_gpu.leave()
	return larger


## Nobody wants it any more: it is taken from the graphics card, as soon as it is whole, and what was loaded of the
## character before, if that is given.
func abandon(character: GpuLoading = null) -> void:
	_is_abandoned = true
	_loading = character
	if is_over:
		_take_away()


# On a thread of the pool.
static func _load(loading: GpuLargerLoading, file: PackedByteArray, on_card: GpuCharacter) -> void:
	var drawing := CharacterFile.read_larger(file)
	loading.larger.load_for(on_card, drawing.get_data() if drawing else PackedByteArray())


static func _finish(loading: GpuLargerLoading) -> void:
	loading.is_over = true
	if loading._is_abandoned:
		loading._take_away()
	else:
		RenderingServer.call_on_render_thread(_bind.bind(loading.larger))


# On the render thread, before whatever is sent there later.
static func _bind(larger_one: GpuLarger) -> void:
	larger_one.bind()


func _take_away() -> void:
	larger.close()
	_gpu.leave()
	if _loading:
		_loading.abandon()
