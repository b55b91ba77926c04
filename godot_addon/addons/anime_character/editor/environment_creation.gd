@tool
extends RefCounted
## Makes a virtual environment and installs the bridge into it: [code]python -m venv[/code], [code]pip install[/code],
## and a try of what came of it.
##
## Signals come on the main thread; nothing waits. An environment that is there already is used again.

## Lines for people who want to see what happens.
signal printed(text: String)
## It is over: [member failure] tells how.
signal done

const ProgramRun := preload("program_run.gd")
const PythonCheck := preload("python_check.gd")
const PythonSearch := preload("python_search.gd")

const CANCELLED := "Cancelled; what is there already is used the next time."
const NO_NETWORK := "pip could not reach its package index: check the network connection, then try again."
const NO_VENV := "This Python cannot make environments: install the package python3-venv, or a Python from python.org."

const _MARKER := "pyvenv.cfg"
# What pip, on any system, says when it reaches no index.
const _NETWORK_SIGNS: PackedStringArray = [
	"NewConnectionError",
	"Failed to establish a new connection",
	"Temporary failure in name resolution",
	"Name or service not known",
	"getaddrinfo failed",
	"nodename nor servname",
	"Network is unreachable",
	"ConnectTimeoutError",
	"Read timed out",
	"ProxyError",
]

## In one sentence why there is no environment now; empty when there is.
var failure := ""
## The command that starts the bridge of the environment.
var command := PackedStringArray()

var _base_python := ""
var _folder := ""
var _package := ""
var _run: ProgramRun
var _check: PythonCheck
var _is_cancelled := false


## [param python] makes the environment in [param folder]; [param package] is what pip installs into it: a folder with
## the project, a wheel, or a name.
func _init(python: String, folder: String, package: String) -> void:
	_base_python = python
	_folder = folder
	_package = package


## Begins.
func start() -> void:
	if _base_python.is_empty():
		_finish(PythonCheck.NO_PYTHON)
	elif _package.is_empty():
		_finish("Choose what to install: the folder of the anime-character project, or a wheel of it.")
	elif not _folder.is_absolute_path():
		_finish("Choose a folder for the environment by its full path.")
	elif _is_other_folder():
		_finish("%s has other files in it: choose an empty or new folder." % _folder)
	else:
		_step(_base_python, ["-m", "venv", _folder], _on_environment_made)


## Ends it. [signal done] follows.
func cancel() -> void:
	_is_cancelled = true
	if _run:
		_run.cancel()


## Ends it, and waits for that.
func stop() -> void:
	cancel()
	if _run:
		_run.wait()
	if _check:
		_check.stop()


## Why pip failed, in one sentence.
static func explain(output: String) -> String:
	for text in _NETWORK_SIGNS:
		if text in output:
			return NO_NETWORK
	var reason := ""
	for line in output.strip_edges().split("\n", false):
		if not line.begins_with("[notice]") and not line.begins_with("WARNING"):
			reason = line.strip_edges().trim_prefix("ERROR: ")
	return "pip failed: %s" % (reason if not reason.is_empty() else "it gave no reason.")


func _step(program: String, arguments: PackedStringArray, then: Callable) -> void:
	printed.emit("> %s %s\n" % [program, " ".join(arguments)])
	_run = ProgramRun.new(program, arguments, 0.0, _base_python)
	_run.printed.connect(printed.emit)
	_run.ended.connect(then)
	_run.start()


func _on_environment_made() -> void:
	if _was_cancelled():
		return
	if _run.code != 0:
		var is_missing := "ensurepip" in _run.output or "No module named venv" in _run.output
		_finish(NO_VENV if is_missing else "The environment could not be made: %s" % _last_line())
		return
	_keep_out_of_git()
	var python := PythonSearch.python_of(_folder)
	var arguments: PackedStringArray = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", _package]
	_step(python, arguments, _on_package_installed)


func _on_package_installed() -> void:
	if _was_cancelled():
		return
	if _run.code != 0:
		_finish(explain(_run.output))
		return
	var candidate := PythonSearch.Candidate.new()
	candidate.python = PythonSearch.python_of(_folder)
	candidate.command = PythonSearch.command_of(candidate.python)
	_check = PythonCheck.new(candidate)
	_check.done.connect(_on_checked)
	_check.start()


func _on_checked() -> void:
	if _was_cancelled():
		return
	if _check.works:
		command = _check.candidate.command
		_finish("")
	else:
		_finish("What was installed is not the bridge: %s" % _check.sentence)


func _was_cancelled() -> bool:
	if _is_cancelled:
		_finish(CANCELLED)
	return _is_cancelled


func _finish(reason: String) -> void:
	failure = reason
	done.emit()


func _is_other_folder() -> bool:
	var folder := DirAccess.open(_folder)
	if folder == null:
		return FileAccess.file_exists(_folder)
	folder.include_hidden = true
	var is_empty := folder.get_files().is_empty() and folder.get_directories().is_empty()
	return not is_empty and not folder.file_exists(_MARKER)


# Newer Pythons do so themselves.
func _keep_out_of_git() -> void:
	var path := _folder.path_join(".gitignore")
	if not FileAccess.file_exists(path):
		var file := FileAccess.open(path, FileAccess.WRITE)
		if file:
			file.store_string("*\n")
			file.close()


func _last_line() -> String:
	return _run.output.strip_edges().split("\n")[-1].strip_edges()
