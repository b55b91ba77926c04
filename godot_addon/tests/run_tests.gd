extends SceneTree
## Runs every [code]test_*[/code] method of every [code]test_*.gd[/code] beside it, each on a fresh instance.
##
## [codeblock]
## godot --headless --path godot_addon --script res://tests/run_tests.gd [-- --only=NAME]
## [/codeblock]
## A script error or [method push_error] during a test fails it, unless the test has called
## [code]expect_errors()[/code]. Ends with "N passed, N failed" and the exit code 0 or 1.

const FOLDER := "res://tests"
const TIME_LIMIT_S := 20.0


class ErrorCollector:
	extends Logger
	var _lock := Mutex.new()
	var _errors := PackedStringArray()
	var _warnings := PackedStringArray()

	func _log_error(
		_function: String,
		file: String,
		line: int,
		code: String,
		rationale: String,
		_editor_notify: bool,
		error_type: int,
		_script_backtraces: Array[ScriptBacktrace]
	) -> void:
		var text := "%s (%s:%d)" % [rationale if rationale else code, file, line]
		_lock.lock()
		if error_type == ERROR_TYPE_WARNING:
			_warnings.append(text)
		else:
			_errors.append(text)
		_lock.unlock()

	func take_errors() -> PackedStringArray:
		_lock.lock()
		var errors := _errors
		_errors = PackedStringArray()
		_lock.unlock()
		return errors

	func take_warnings() -> PackedStringArray:
		_lock.lock()
		var warnings := _warnings
		_warnings = PackedStringArray()
		_lock.unlock()
		return warnings


var _collector := ErrorCollector.new()
var _passed := 0
var _failed := 0
var _finished := false


func _initialize() -> void:
	OS.add_logger(_collector)
	_run.call_deferred()


func _run() -> void:
	var only := ""
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--only="):
			only = argument.trim_prefix("--only=")
	for file in DirAccess.get_files_at(FOLDER):
		if file.begins_with("test_") and file.ends_with(".gd"):
			await _run_file(FOLDER.path_join(file), only)
	print("%d passed, %d failed" % [_passed, _failed])
	OS.remove_logger(_collector)
	quit(0 if _failed == 0 and _passed > 0 else 1)


func _run_file(path: String, only: String) -> void:
	var script: GDScript = load(path)
	if script == null or not script.can_instantiate():
		_report(path, PackedStringArray(["the file cannot be loaded"]) + _collector.take_errors())
		return
	for method: Dictionary in script.get_script_method_list():
		var name: String = method["name"]
		if name.begins_with("test_") and (only.is_empty() or only in name):
			await _run_test(script, path, name)


func _run_test(script: GDScript, path: String, name: String) -> void:
	_collector.take_errors()
	_collector.take_warnings()
	var test: TestCase = script.new()
	test.collector = _collector
	root.add_child(test)
	_finished = false
	_call_test(test, name)
	var deadline := Time.get_ticks_msec() + TIME_LIMIT_S * 1000.0
	while not _finished and Time.get_ticks_msec() < deadline:
		await process_frame
	var problems := test.problems.duplicate()
	if not _finished:
		problems.append("did not end within %.0f s (or a script error stopped it)" % TIME_LIMIT_S)
	if not test.errors_expected:
		problems.append_array(_collector.take_errors())
	test.queue_free()
	await process_frame
	_report("%s %s" % [path.get_file(), name], problems)


func _call_test(test: TestCase, name: String) -> void:
	await test.call(name)
	_finished = true


func _report(what: String, problems: PackedStringArray) -> void:
	if problems.is_empty():
		_passed += 1
		print("ok    ", what)
		return
	_failed += 1
	print("FAIL  ", what)
	for problem in problems:
		print("      ", problem)
