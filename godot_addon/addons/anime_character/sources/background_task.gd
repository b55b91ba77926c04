@tool
extends RefCounted
## Work on one of Godot's worker threads that no frame pays for, and that is not left behind when the game ends.

const BackgroundTask := preload("background_task.gd")

# Those that are not done, so that none is left when the game ends: Godot would wait for its task without end.
static var _under_way: Array[BackgroundTask] = []

var _id := 0
var _done: Callable


## Begins [param work] on a thread of the pool, to its end whatever happens. Then [param done] is called on the main
## thread, at the latest when the game ends. Neither may rely on an object that it does not bind: a callable alone keeps
## nothing alive.
static func begin(work: Callable, done: Callable, is_urgent: bool = false, description: String = "") -> void:
	var task := BackgroundTask.new()
	task._done = done
	_under_way.append(task)
	task._id = WorkerThreadPool.add_task(_run.bind(work, task), is_urgent, description)
	var root := (Engine.get_main_loop() as SceneTree).root
	if not root.tree_exiting.is_connected(_finish_all):
		root.tree_exiting.connect(_finish_all)


# On a thread of the pool.
static func _run(work: Callable, task: BackgroundTask) -> void:
	work.call()
	_finish.bind(task).call_deferred()


static func _finish_all() -> void:
	for task: BackgroundTask in _under_way.duplicate():
		_finish(task)


static func _finish(task: BackgroundTask) -> void:
	if task in _under_way:
		_under_way.erase(task)
		task._end()


func _end() -> void:
	# When its call has come it has nothing left to do, but wants to be waited for.
	WorkerThreadPool.wait_for_task_completion(_id)
	_done.call()
