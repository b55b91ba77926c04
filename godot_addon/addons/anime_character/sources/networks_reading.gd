@tool
extends RefCounted
## A character's networks being read on one of Godot's worker threads: some hundredths of a second that no frame pays.

const CharacterNetworks := preload("character_networks.gd")

# Those that are not done, so that none is left when the game ends: Godot would wait for its task without end.
static var _under_way: Array[RefCounted] = []

## The networks; null until they are read. What is wrong with them, they say.
var networks: CharacterNetworks

var _task := 0


## Begins to read the bytes of a [code].tha4[/code] file. They are read to the end even when nobody wants them any more.
static func begin(file: PackedByteArray) -> RefCounted:
	var reading := new()
	var read := CharacterNetworks.new()
	reading._task = WorkerThreadPool.add_task(_read.bind(read, reading, file), true, "reading a character")
	_under_way.append(reading)
	var root := (Engine.get_main_loop() as SceneTree).root
	if not root.tree_exiting.is_connected(_finish_all):
		root.tree_exiting.connect(_finish_all)
	return reading


static func _read(read: CharacterNetworks, reading: RefCounted, file: PackedByteArray) -> void:
	read.read(file)
	reading._finish.bind(read).call_deferred()


static func _finish_all() -> void:
	for reading: RefCounted in _under_way.duplicate():
		reading._finish(null)


func _finish(read: CharacterNetworks) -> void:
	if self in _under_way:
		_under_way.erase(self)
		# When its call has come it has nothing left to do, but wants to be waited for.
		WorkerThreadPool.wait_for_task_completion(_task)
		networks = read
