@tool
extends RefCounted
## A character being read, and brought to the graphics card, on one of Godot's worker threads: no frame pays for it, nor
## for nobody wanting it any more.

const CharacterNetworks := preload("../character_networks.gd")
const GpuCharacter := preload("gpu_character.gd")
const GpuDevice := preload("gpu_device.gd")
const GpuLoading := preload("gpu_loading.gd")

# Those that are not done, so that none is left when the game ends: Godot would wait for its task without end.
static var _under_way: Array[GpuLoading] = []

## Whether what follows is known.
var is_over := false
## What was read. What is wrong with it, it says.
var networks := CharacterNetworks.new()
## What is on the graphics card, when nothing was wrong so far. It says what is wrong with it, too.
var on_card: GpuCharacter

var _gpu := GpuDevice.join()
var _task := 0


## Begins to load the bytes of a [code].tha4[/code] file. [param precision]: a wish, of
## [method GpuCharacter.load_networks]. Call [method abandon] afterwards.
static func begin(file: PackedByteArray, precision: String) -> GpuLoading:
	var loading := GpuLoading.new()
	loading.on_card = GpuCharacter.new(loading._gpu)
	loading._task = WorkerThreadPool.add_task(_load.bind(loading, file, precision))
	_under_way.append(loading)
	var root := (Engine.get_main_loop() as SceneTree).root
	if not root.tree_exiting.is_connected(_finish_all):
		root.tree_exiting.connect(_finish_all)
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
	loading._finish.call_deferred()


static func _finish_all() -> void:
	for loading: GpuLoading in _under_way.duplicate():
		loading._finish()


func _finish() -> void:
	if self not in _under_way:
		return
	_under_way.erase(self)
	# When its call has come it has nothing left to do, but wants to be waited for.
	WorkerThreadPool.wait_for_task_completion(_task)
	is_over = true
	if on_card.is_abandoned:
		_take_away()


func _take_away() -> void:
	if _gpu:
		_gpu.free_rids(on_card.take_rids())
		_gpu.leave()
	_gpu = null
