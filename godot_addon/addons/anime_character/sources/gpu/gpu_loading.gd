@tool
extends RefCounted
## A character being read, and brought to the graphics card, on one of Godot's worker threads: no frame pays for it, nor
## for nobody wanting it any more.

const BackgroundTask := preload("../background_task.gd")
const CharacterNetworks := preload("../character_networks.gd")
const GpuCharacter := preload("gpu_character.gd")
const GpuDevice := preload("gpu_device.gd")
const GpuLoading := preload("gpu_loading.gd")

## Whether what follows is known.
var is_over := false
## What was read. What is wrong with it, it says.
var networks := CharacterNetworks.new()
## What is on the graphics card, when nothing was wrong so far. It says what is wrong with it, too.
var on_card: GpuCharacter

var _gpu := GpuDevice.join()


## Begins to load the bytes of a [code].tha4[/code] file. [param precision]: a wish, of
## [method GpuCharacter.load_networks]. Call [method abandon] afterwards.
static func begin(file: PackedByteArray, precision: String) -> GpuLoading:
	var loading := GpuLoading.new()
	loading.on_card = GpuCharacter.new(loading._gpu)
	BackgroundTask.begin(_load.bind(loading, file, precision), _finish.bind(loading))
	return loading


## Nobody wants it any more: it is taken from the graphics card, as soon as it is whole.
func abandon() -> void:
	on_card.is_abandoned = true
	if is_over:
		_take_away()


# On a thread of the pool.
static func _load(loading: GpuLoading, file: PackedByteArray, precision: String) -> void:
	loading.networks.read(file)
	if loading.networks.error.is_empty() and not loading.on_card.is_abandoned:
		loading.on_card.load_networks(loading.networks, precision)


static func _finish(loading: GpuLoading) -> void:
	loading.is_over = true
	if loading.on_card.is_abandoned:
		loading._take_away()
	else:
		RenderingServer.call_on_render_thread(_bind.bind(loading.on_card))


# On the render thread, before whatever is sent there later.
static func _bind(character: GpuCharacter) -> void:
	character.bind()


func _take_away() -> void:
	if _gpu:
		on_card.free_all()
		_gpu.leave()
	_gpu = null
