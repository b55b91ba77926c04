@tool
extends RefCounted
## A bridge that the addon starts beside the game, and stops.
##
## The bridge is told to end by itself some seconds after its last client, so that none is left behind by a crash.

const Settings := preload("../../settings.gd")
const ZmtpDealer := preload("../../wire/zmtp_dealer.gd")

const IDLE_SECONDS := 15
const _POLL_INTERVAL_MS := 100
# How a bridge ends that finds its address taken, most likely by another bridge.
const _TAKEN_CODE := 1
const _TAKEN_WORDS := "bridge: another program"
const _KEPT_LOG := 16384
const _NEWLINE := 10
const _HELP := (
	"choose one in the editor, in Project > Tools > Anime Character Setup, or set the command in Project Settings > %s."
	% Settings.COMMAND
)

## The bridge's process id, or -1.
var pid := -1
## Whether it has answered; its owner says so.
var worked := false
## Whether it has ended since something listens at its address already.
var address_is_taken := false
## When it ended, on the clock of Time.get_ticks_msec.
var ended_ms := 0

var _failure := ""
var _pipes: Array[FileAccess] = []
var _log := PackedByteArray()
var _program := ""
var _polled_ms := 0


## Starts a bridge that listens at [param address] and reads characters in [param roots]. Gives what hindered it.
func start(address: String, roots: PackedStringArray) -> String:
	var target := ZmtpDealer.parse_address(address)
	if target.is_empty() or not is_local(target[0]):
		_failure = "a bridge can be started on this computer only, not at %s; start it there yourself." % address
		return _failure
	var command := _command()
	if command.is_empty():
		_failure = "no bridge program was found (anime-character-bridge or python3 on the PATH); %s" % _HELP
		return _failure
	_program = command[0]
	var arguments := command.slice(1)
	arguments.append_array(["--address", address, "--exit-when-idle", str(IDLE_SECONDS)])
	for root in roots:
		arguments.append_array(["--root", root])
	var started := OS.execute_with_pipe(_program, arguments, false)
	if started.is_empty():
		_failure = "the bridge program %s could not be started; %s" % [_program, _HELP]
		return _failure
	pid = started["pid"]
	_pipes = [started["stdio"], started["stderr"]]
	return ""


## Gives why the bridge has ended, or an empty text while it runs.
func poll() -> String:
	if pid < 0 or Time.get_ticks_msec() - _polled_ms < _POLL_INTERVAL_MS:
		return _failure
	_polled_ms = Time.get_ticks_msec()
	# A pipe that nobody reads would fill up and block the bridge.
	_read_pipes()
	if not OS.is_process_running(pid):
		_read_pipes()
		_log.append(_NEWLINE)
		var reason := _last_line()
		if reason.is_empty():
			reason = "it gave no reason"
		var code := OS.get_process_exit_code(pid)
		address_is_taken = code == _TAKEN_CODE and reason.begins_with(_TAKEN_WORDS)
		ended_ms = Time.get_ticks_msec()
		_failure = (
			"the bridge that was started with %s has ended with code %d: %s."
			% [_program, code, reason.trim_suffix(".")]
		)
		if not address_is_taken:
			_failure += " " + _sentence(_HELP)
		pid = -1
		_close_pipes()
	return _failure


## The last lines that the bridge has written, on either of its outputs; also after its end.
func log_lines() -> PackedStringArray:
	# A line that is not whole yet may end within a character.
	var whole := _log.slice(0, _log.rfind(_NEWLINE) + 1)
	return whole.get_string_from_utf8().strip_edges().split("\n", false)


## Ends the bridge.
func stop() -> void:
	if pid >= 0 and OS.is_process_running(pid):
		OS.kill(pid)
	pid = -1
	_close_pipes()


func _read_pipes() -> void:
	for pipe in _pipes:
		var chunk := pipe.get_buffer(65536)
		if not chunk.is_empty():
			_log.append_array(chunk)
			if _log.size() > _KEPT_LOG:
				_log = _log.slice(_log.find(_NEWLINE, _log.size() - _KEPT_LOG) + 1)


func _close_pipes() -> void:
	for pipe in _pipes:
		pipe.close()
	_pipes.clear()


func _last_line() -> String:
	var lines := log_lines()
	return lines[-1].strip_edges() if not lines.is_empty() else ""


## Whether a host is a spelling of this computer's loopback address.
static func is_local(host: String) -> bool:
	var parts := host.split(".")
	# All of 127.0.0.0/8 is loopback, and its last numbers may be left out: 127.1.
	var numbers := parts.size() >= 2 and parts.size() <= 4 and parts[0] == "127"
	for part in parts:
		numbers = numbers and part.is_valid_int() and not part.begins_with("-") and not part.begins_with("+")
	return numbers or host.to_lower() in ["localhost", "::1"]


static func _sentence(text: String) -> String:
	return text[0].to_upper() + text.substr(1)


static func _command() -> PackedStringArray:
	var command := Settings.command()
	if not command.is_empty():
		return command
	var program := find_program("anime-character-bridge")
	if not program.is_empty():
		return [program]
	for name: String in ["python3", "python"]:
		program = find_program(name)
		if not program.is_empty():
			return [program, "-m", "bridge"]
	return []


## The program of a name on the PATH, or an empty text.
static func find_program(name: String) -> String:
	var windows := OS.get_name() == "Windows"
	for folder in OS.get_environment("PATH").split(";" if windows else ":", false):
		var path := folder.path_join(name + (".exe" if windows else ""))
		if FileAccess.file_exists(path):
			return path
	return ""
