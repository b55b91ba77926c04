@tool
extends EditorPlugin
## Plays one probe after another in the editor: each time the test leaves a file of JSON, with the keys probe, scene and
## environment. A file without them ends the editor.

const Probe := preload("probe.gd")
const HERO := "res://hero.tha4"
const SETTINGS := "anime_character/"
const TIME_LIMIT_S := 500.0

var _was: Dictionary[String, String] = {}


func _enter_tree() -> void:
	_run.call_deferred()


func _run() -> void:
	var files := EditorInterface.get_resource_filesystem()
	while files.is_scanning() or not ResourceLoader.exists(HERO):
		await get_tree().process_frame
	# The engine now and then aborts (Godot 4.6.3, a thread waited for twice) when it is hurried at its start.
	await get_tree().create_timer(2.0).timeout
	print("probe=ready")
	while true:
		var asked := _next()
		if asked.is_empty():
			break
		var limit := get_tree().create_timer(TIME_LIMIT_S, true, false, true)
		limit.timeout.connect(_give_up)
		await _play(asked)
		limit.timeout.disconnect(_give_up)
		print("probe=ended")
	get_tree().quit(0)


# What is to be played, or nothing when the test has gone. The editor stands still meanwhile: it would go on drawing.
func _next() -> Dictionary:
	var path := OS.get_environment("PROBE_ASKED")
	while not FileAccess.file_exists(path):
		if not DirAccess.dir_exists_absolute(path.get_base_dir()):
			return {}
		OS.delay_msec(20)
	var asked: Dictionary = JSON.parse_string(FileAccess.get_file_as_string(path))
	DirAccess.remove_absolute(path)
	return asked


func _play(asked: Dictionary) -> void:
	var settings := _settings()
	_set_environment(asked["environment"])
	EditorInterface.open_scene_from_path(asked["scene"])
	var script: GDScript = load("res://addons/probe/%s.gd" % asked["probe"])
	var probe: Probe = script.new()
	add_child(probe)
	await probe.play()
	probe.free()
	hide_bottom_panel()
	for _frame in 10:
		await get_tree().process_frame
	_restore_environment()
	for setting in settings:
		ProjectSettings.set_setting(setting, settings[setting])


# The addon's settings, which probes change.
func _settings() -> Dictionary[String, Variant]:
	var found: Dictionary[String, Variant] = {}
	for property in ProjectSettings.get_property_list():
		var setting: String = property["name"]
		if setting.begins_with(SETTINGS):
			found[setting] = ProjectSettings.get_setting(setting)
	return found


func _set_environment(variables: Dictionary) -> void:
	for variable: String in variables:
		if OS.has_environment(variable):
			_was[variable] = OS.get_environment(variable)
		if variables[variable] == null:
			OS.unset_environment(variable)
		else:
			OS.set_environment(variable, variables[variable])


func _restore_environment() -> void:
	for variable in _was:
		OS.set_environment(variable, _was[variable])
	_was.clear()


func _give_up() -> void:
	printerr("ERROR: the probe took longer than %.0f s" % TIME_LIMIT_S)
	get_tree().quit(3)
