@tool
extends RefCounted
## Tries whether a command starts a bridge, and says in a sentence what it found.
##
## [signal done] comes on the main thread; nothing waits.

signal done

const ProgramRun := preload("program_run.gd")
const PythonSearch := preload("python_search.gd")

## The oldest Python that the bridge runs on.
const OLDEST: PackedInt32Array = [3, 10]
const NO_PYTHON := "No Python was found: install Python 3.10 or newer from python.org, then look again."
const _SECONDS := 30.0
const _BRIDGE := "anime-character-bridge "
const _SAY_VERSION := "import sys; print('%d.%d.%d' % sys.version_info[:3])"

## What was tried.
var candidate: PythonSearch.Candidate
## Whether it starts a bridge.
var works := false
## The interpreter's version as [code]3.12.1[/code]; empty when there is none that runs.
var python_version := ""
## What was found, for people.
var sentence := "Being tried ..."

var _run: ProgramRun
var _is_stopped := false


func _init(to_try: PythonSearch.Candidate) -> void:
	candidate = to_try


## Begins.
func start() -> void:
	if candidate.python.is_empty():
		_try_bridge()
		return
	if not FileAccess.file_exists(candidate.python):
		_finish("There is no program %s." % candidate.python)
		return
	_run = ProgramRun.new(candidate.python, ["-c", _SAY_VERSION], _SECONDS)
	_run.ended.connect(_on_version_known)
	_run.start()


## Ends it, and waits for that. [signal done] does not come any more.
func stop() -> void:
	_is_stopped = true
	if _run:
		_run.cancel()
		_run.wait()


## Whether the interpreter can make an environment that the bridge runs in.
func is_new_enough() -> bool:
	return is_version_new_enough(python_version)


## Whether a version as [code]3.12.1[/code] is one that the bridge runs on.
static func is_version_new_enough(version: String) -> bool:
	var numbers := version.split_floats(".")
	if numbers.size() < 2:
		return false
	return numbers[0] > OLDEST[0] or (numbers[0] == OLDEST[0] and numbers[1] >= OLDEST[1])


func _on_version_known() -> void:
	if _is_stopped:
		return
	var version := _run.output.strip_edges()
	if _run.was_cancelled:
		_finish("It did not answer within %.0f s." % _SECONDS)
	elif _run.code != 0 or version.split(".").size() != 3:
		_finish("It is no Python that runs: %s" % _last_line_of(_run))
	else:
		python_version = version
		if is_new_enough():
			_try_bridge()
		else:
			_finish("Python %s is too old; the bridge needs %d.%d or newer." % [version, OLDEST[0], OLDEST[1]])


func _try_bridge() -> void:
	var arguments := candidate.command.slice(1) + PackedStringArray(["--version"])
	_run = ProgramRun.new(candidate.command[0], arguments, _SECONDS)
	_run.ended.connect(_on_bridge_tried)
	_run.start()


func _on_bridge_tried() -> void:
	if _is_stopped:
		return
	var python := "Python %s" % python_version if not python_version.is_empty() else candidate.command[0].get_file()
	if _run.was_cancelled:
		_finish("It did not answer within %.0f s." % _SECONDS)
	elif _run.code == 0 and _run.output.begins_with(_BRIDGE):
		works = true
		_finish("Works: bridge %s, %s." % [_run.output.trim_prefix(_BRIDGE).strip_edges(), python])
	elif "No module named" in _run.output and "bridge" in _last_line_of(_run):
		_finish("%s without the bridge." % python)
	else:
		_finish("%s, whose bridge does not start: %s" % [python, _last_line_of(_run)])


func _finish(found: String) -> void:
	sentence = found
	done.emit()


static func _last_line_of(run: ProgramRun) -> String:
	if run.code == ProgramRun.NOT_STARTED:
		return "it could not be started."
	var lines := run.output.strip_edges().split("\n")
	return lines[-1].strip_edges() if not lines[-1].is_empty() else "it said nothing and ended with code %d." % run.code
