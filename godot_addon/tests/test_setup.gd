extends TestCase

const BridgeProcess := preload("res://addons/anime_character/sources/bridge/bridge_process.gd")
const EnvironmentCreation := preload("res://addons/anime_character/editor/environment_creation.gd")
const ProgramRun := preload("res://addons/anime_character/editor/program_run.gd")
const PythonCheck := preload("res://addons/anime_character/editor/python_check.gd")
const Settings := preload("res://addons/anime_character/settings.gd")


func test_a_bridge_is_started_for_every_spelling_of_this_computer() -> void:
	for host: String in ["127.0.0.1", "127.1", "127.0.0.2", "localhost", "LocalHost", "::1"]:
		check(BridgeProcess.is_local(host), host)
	for host: String in ["127", "0.0.0.0", "128.0.0.1", "127.example", "127.0.0.1.example", "", "::2", "127.-1"]:
		check(not BridgeProcess.is_local(host), host)


func test_versions_are_compared_by_number() -> void:
	for version: String in ["3.10.0", "3.11.7", "3.100.1", "4.0.0"]:
		check(PythonCheck.is_version_new_enough(version), version)
	for version: String in ["3.9.18", "2.7.18", "", "3", "words"]:
		check(not PythonCheck.is_version_new_enough(version), version)


func test_what_pip_says_becomes_a_sentence() -> void:
	var cases: Dictionary[String, String] = {
		"...\n[Errno -3] Temporary failure in name resolution')': /simple/\nERROR: No matching distribution":
		EnvironmentCreation.NO_NETWORK,
		"ERROR: no space left on device\n[notice] A new release of pip is there\n": "no space left on device",
		"": "it gave no reason",
	}
	for output in cases:
		check(cases[output] in EnvironmentCreation.explain(output), EnvironmentCreation.explain(output))


func test_an_environment_is_not_begun_without_what_it_takes() -> void:
	var full := OS.get_user_data_dir().path_join("full")
	DirAccess.make_dir_recursive_absolute(full.path_join("of things"))
	var cases: Array[Array] = [
		["", "/new", "package", PythonCheck.NO_PYTHON],
		["/python", "/new", "", "Choose what to install"],
		["/python", "new", "package", "full path"],
		["/python", full, "package", "has other files in it"],
		["/no/such/python", full + "_not", "package", "could not be made"],
	]
	for case in cases:
		var creation := EnvironmentCreation.new(case[0], case[1], case[2])
		creation.start()
		await wait_until(func() -> bool: return not creation.failure.is_empty(), "a failure: %s" % case[3])
		check(case[3] in creation.failure, creation.failure)


func test_a_program_runs_on_the_side() -> void:
	if OS.get_name() == "Windows":
		return
	var run := ProgramRun.new("/bin/sh", ["-c", "echo one; echo two >&2; printf three; exit 3"])
	var ends: Array[bool] = []
	run.ended.connect(func() -> void: ends.append(true))
	run.start()
	await wait_until(func() -> bool: return not ends.is_empty(), "its end")
	check_equal(run.code, 3)
	for word: String in ["one\n", "two\n", "three"]:
		check(word in run.output, run.output)
	check(not run.was_cancelled, "it was left alone")


func test_a_program_that_takes_too_long_is_ended() -> void:
	if OS.get_name() == "Windows":
		return
	var run := ProgramRun.new("/bin/sh", ["-c", "exec sleep 100"], 0.2)
	var ends: Array[bool] = []
	run.ended.connect(func() -> void: ends.append(true))
	run.start()
	await wait_until(func() -> bool: return not ends.is_empty(), "its end")
	check(run.was_cancelled, "it was ended")


func test_a_program_is_ended_with_what_it_has_started() -> void:
	if OS.get_name() != "Linux":
		return
	var python := BridgeProcess.find_program("python3")
	var run := ProgramRun.new("/bin/sh", ["-c", "sleep 100 & echo $!; wait"], 0.0, python)
	var ends: Array[bool] = []
	run.ended.connect(func() -> void: ends.append(true))
	run.start()
	await wait_until(func() -> bool: return not run.output.is_empty(), "the child's number")
	var child := "/proc/%d/cmdline" % int(run.output)
	check("sleep" in _content(child), "the child runs")
	run.cancel()
	await wait_until(func() -> bool: return not ends.is_empty(), "its end")
	check(run.was_cancelled, "it was ended")
	# One that has ended has no command line, even while nobody has asked after it.
	await wait_until(func() -> bool: return not "sleep" in _content(child), "the child's end")


func test_a_program_that_is_not_there_ends_at_once() -> void:
	var run := ProgramRun.new("/no/such/program", [])
	var ends: Array[bool] = []
	run.ended.connect(func() -> void: ends.append(true))
	run.start()
	await wait_until(func() -> bool: return not ends.is_empty(), "its end")
	check(run.code != 0, "it did not end well")


func test_the_command_in_the_settings_moves_with_the_project() -> void:
	var before: Variant = ProjectSettings.get_setting(Settings.COMMAND, PackedStringArray())
	ProjectSettings.set_setting(Settings.COMMAND, PackedStringArray(["res://.venv/bin/python", "-m", "bridge"]))
	check_equal(
		Settings.command(),
		PackedStringArray([ProjectSettings.globalize_path("res://.venv/bin/python"), "-m", "bridge"])
	)
	ProjectSettings.set_setting(Settings.COMMAND, PackedStringArray(["python3", "-m", "bridge"]))
	check_equal(Settings.command()[0], "python3")
	ProjectSettings.set_setting(Settings.COMMAND, before)


static func _content(path: String) -> String:
	var file := FileAccess.open(path, FileAccess.READ)
	return file.get_buffer(100).get_string_from_ascii() if file else ""


func test_settings_that_a_script_has_set_otherwise_are_read() -> void:
	for value: Variant in ["python3", ["python3"], PackedStringArray(["python3"])]:
		ProjectSettings.set_setting(Settings.COMMAND, value)
		check_equal(Settings.command(), PackedStringArray(["python3"]), str(value))
	for value: Variant in ["", [], 5, null]:
		ProjectSettings.set_setting(Settings.COMMAND, value)
		check_equal(Settings.command(), PackedStringArray(), str(value))
	ProjectSettings.set_setting(Settings.ADDRESS, " tcp://127.0.0.1:6000\n")
	check_equal(Settings.address(), "tcp://127.0.0.1:6000")
	for setting: String in [Settings.ADDRESS, Settings.COMMAND]:
		ProjectSettings.set_setting(setting, Settings.DEFAULTS[setting])
