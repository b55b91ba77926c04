@tool
extends RefCounted
## Where a bridge may be found on this computer: commands that may start one, and where each comes from.

const BridgeProcess := preload("../sources/bridge/bridge_process.gd")
const Settings := preload("../settings.gd")

## The folder of a virtual environment that is looked for in the project and in the folder above it.
const ENVIRONMENT := ".venv"
const _PROGRAM := "anime-character-bridge"
const _INTERPRETERS: PackedStringArray = ["python3", "python"]
const _BRIDGE_MODULE: PackedStringArray = ["-m", "bridge"]


## A command that may start a bridge.
class Candidate:
	extends RefCounted
	## Where it was found, for people.
	var origin := ""
	## Program and arguments.
	var command := PackedStringArray()
	## The interpreter, where the program is one; empty for a program of another kind.
	var python := ""


## All there are, best first: that of the project settings, environments, then what is on the PATH.
static func candidates() -> Array[Candidate]:
	var found: Array[Candidate] = []
	if not Settings.command().is_empty():
		_add(found, "Project Settings", Settings.command())
	var project := ProjectSettings.globalize_path("res://")
	for folder: String in [project, project.trim_suffix("/").get_base_dir()]:
		var python := python_of(folder.path_join(ENVIRONMENT))
		if FileAccess.file_exists(python):
			_add(found, "Environment", command_of(python))
	var program := BridgeProcess.find_program(_PROGRAM)
	if not program.is_empty():
		_add(found, "PATH", [program])
	for name in _INTERPRETERS:
		var python := BridgeProcess.find_program(name)
		if not python.is_empty():
			_add(found, "PATH", command_of(python))
	return found


## The command that starts the bridge of an interpreter.
static func command_of(python: String) -> PackedStringArray:
	return PackedStringArray([python]) + _BRIDGE_MODULE


## The interpreter of a virtual environment, whether it is there or not.
static func python_of(environment: String) -> String:
	return environment.path_join("Scripts/python.exe" if OS.get_name() == "Windows" else "bin/python")


static func _add(found: Array[Candidate], origin: String, command: PackedStringArray) -> void:
	var candidate := Candidate.new()
	candidate.origin = origin
	candidate.command = command
	if command.size() == 3 and command.slice(1) == _BRIDGE_MODULE:
		candidate.python = command[0]
	for other in found:
		if other.command == command:
			return
	found.append(candidate)
