@tool
extends RefCounted
## One run of a program, on a thread of its own: its output as it comes, its end, and a way to end it early.
##
## The signals are emitted on the main thread.

## Whole lines have come, of either output.
signal printed(text: String)
## It has ended: [member code], [member output] and [member was_cancelled] tell how.
signal ended

## The exit status of what could not be started, or was ended early.
const NOT_STARTED := -1

const _POLL_USEC := 20000
const _CHUNK := 65536
const _NEWLINE := 10
# The engine gives what it starts a group of processes of its own, with its children in it.
const _KILL_GROUP := (
	"import os, signal, sys; pid = int(sys.argv[1]); assert pid > 1 and os.getpgid(pid) == pid;"
	+ " os.killpg(pid, signal.SIGKILL)"
)

var code := NOT_STARTED
## Everything printed.
var output := ""
## Whether [method cancel] has ended it, or its time limit.
var was_cancelled := false

var _killer := ""
var _program := ""
var _arguments := PackedStringArray()
var _time_limit_ms := 0
var _thread := Thread.new()
var _lock := Mutex.new()
# Guarded by the lock.
var _cancelling := false


## Prepares a run that is ended after [param seconds]; 0: never. [param killer]: a Python interpreter that is known to
## work, which ends what the program has started along with it; without one, the program alone is ended.
func _init(program: String, arguments: PackedStringArray, seconds: float = 0.0, killer: String = "") -> void:
	_killer = killer
	_program = program
	_arguments = arguments
	_time_limit_ms = roundi(seconds * 1000.0)


## Begins. The run stays alive until it has ended.
func start() -> void:
	_thread.start(_run)


## Ends it. [signal ended] follows.
func cancel() -> void:
	_lock.lock()
	_cancelling = true
	_lock.unlock()


## Waits until it has ended, without a signal: for when the editor closes.
func wait() -> void:
	if _thread.is_started():
		_thread.wait_to_finish()


func _run() -> void:
	var started := OS.execute_with_pipe(_program, _arguments, false)
	if started.is_empty():
		_end.call_deferred(NOT_STARTED, false)
		return
	var pid: int = started["pid"]
	var pipes: Array[FileAccess] = [started["stdio"], started["stderr"]]
	var rests: Array[PackedByteArray] = [[], []]
	var began_ms := Time.get_ticks_msec()
	var is_cancelled := false
	while OS.is_process_running(pid):
		_read(pipes, rests)
		var is_late := _time_limit_ms > 0 and Time.get_ticks_msec() - began_ms > _time_limit_ms
		if (is_late or _is_cancelling()) and not is_cancelled:
			is_cancelled = true
			if not _kill(pid):
				break
		OS.delay_usec(_POLL_USEC)
	_read(pipes, rests)
	for index in pipes.size():
		pipes[index].close()
		_take(rests[index])
	_end.call_deferred(NOT_STARTED if is_cancelled else OS.get_process_exit_code(pid), is_cancelled)


func _read(pipes: Array[FileAccess], rests: Array[PackedByteArray]) -> void:
	for index in pipes.size():
		var chunk := pipes[index].get_buffer(_CHUNK)
		while not chunk.is_empty():
			rests[index].append_array(chunk)
			chunk = pipes[index].get_buffer(_CHUNK)
		var whole := rests[index].rfind(_NEWLINE) + 1
		if whole > 0:
			_take(rests[index].slice(0, whole))
			rests[index] = rests[index].slice(whole)


func _take(bytes: PackedByteArray) -> void:
	if not bytes.is_empty():
		_print.call_deferred(bytes.get_string_from_utf8().replace("\r", ""))


func _print(text: String) -> void:
	output += text
	printed.emit(text)


func _end(exit_code: int, is_cancelled: bool) -> void:
	wait()
	code = exit_code
	was_cancelled = is_cancelled
	ended.emit()


func _is_cancelling() -> bool:
	_lock.lock()
	var cancelling := _cancelling
	_lock.unlock()
	return cancelling


# Gives whether its end can still be waited for.
func _kill(pid: int) -> bool:
	if OS.get_name() == "Windows":
		return OS.execute("taskkill", ["/T", "/F", "/PID", str(pid)]) == 0
	# Python's killpg and no program kill: procps takes "kill -9 -123" for all processes that there are.
	if not _killer.is_empty() and OS.execute(_killer, ["-c", _KILL_GROUP, str(pid)]) == 0:
		return true
	OS.kill(pid)
	return false
