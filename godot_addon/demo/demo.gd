extends Control
## The addon's demo: a slider for every parameter, the whole character, and its head beside it.
##
## [codeblock]
## godot --path godot_addon -- --character=PATH [--address=tcp://127.0.0.1:5747] [--start-bridge] [--screenshot=PNG]
## [/codeblock]

const _HELP := """No character is chosen.

Start the demo with one:
godot --path godot_addon -- --character=PATH

PATH is a .tha4 file or a character's directory.
Or drop one onto this window."""
const _DANCE_SPEED := 1.6

var _random := RandomNumberGenerator.new()
var _frames_shown := 0
var _frames_per_second := 0.0
var _counted_ms := 0
var _dance_time := 0.0
var _problem := ""

@onready var _body: AnimatedAnimeCharacter = %Body
@onready var _head: AnimatedAnimeCharacter = %Head
@onready var _sliders: DemoSliders = %Sliders
@onready var _status: Label = %Status
@onready var _help: Label = %Help
@onready var _dance: CheckButton = %Dance


func _ready() -> void:
	var options := _read_options()
	for node: AnimatedAnimeCharacter in [_body, _head]:
		node.bridge_address = options.get("address", "")
		node.start_bridge = options.has("start-bridge")
	_sliders.changed.connect(_on_slider_changed)
	_body.frame_shown.connect(func() -> void: _frames_shown += 1)
	_body.failed.connect(func(message: String) -> void: _problem = message)
	_body.connected.connect(func() -> void: _problem = "")
	%Reset.pressed.connect(_on_reset_pressed)
	%Random.pressed.connect(_on_random_pressed)
	get_window().files_dropped.connect(_on_files_dropped)
	resized.connect(_lay_out)
	_lay_out()
	_help.text = _HELP
	if not options.get("character", "").is_empty():
		_show_character(options["character"])
	if options.has("screenshot"):
		_take_screenshot(options["screenshot"])


func _process(delta: float) -> void:
	if _dance.button_pressed:
		_dance_time += delta * _DANCE_SPEED
		_move(_dance_time)
	_count_frames()
	_help.visible = _body.character == null
	_status.text = _describe()


static func _read_options() -> Dictionary[String, String]:
	var options: Dictionary[String, String] = {}
	for argument in OS.get_cmdline_user_args():
		var parts := argument.trim_prefix("--").split("=", true, 1)
		options[parts[0]] = parts[1] if parts.size() > 1 else ""
	return options


func _describe() -> String:
	if _body.character == null:
		return _problem if _problem else "no character"
	if not _body.is_bridge_connected():
		return _problem if _problem else "waiting for the bridge"
	return (
		"%s engine    %.1f ms a frame (%.1f ms with the way there and back)    %.0f pictures/s    %d fps"
		% [
			_body.engine_name,
			_body.render_ms,
			_body.latency_ms,
			_frames_per_second,
			Engine.get_frames_per_second(),
		]
	)


func _count_frames() -> void:
	var elapsed := Time.get_ticks_msec() - _counted_ms
	if elapsed >= 1000:
		_frames_per_second = _frames_shown * 1000.0 / elapsed
		_frames_shown = 0
		_counted_ms += elapsed


# A gentle motion of head, body and face that never repeats exactly.
func _move(time: float) -> void:
	var wave := func(speed: float, phase: float) -> float: return sin(time * speed + phase)
	var blink := clampf(absf(fposmod(time, 5.0) - 0.25) * -8.0 + 1.0, 0.0, 1.0)
	var pose: Dictionary[String, float] = {
		"head_x": 0.5 * wave.call(0.9, 0.0),
		"head_y": 0.8 * wave.call(0.7, 1.0),
		"neck_z": 0.7 * wave.call(0.5, 2.0),
		"body_y": 0.6 * wave.call(0.6, 1.5),
		"body_z": 0.6 * wave.call(0.4, 0.5),
		"breathing": 0.5 + 0.5 * wave.call(1.3, 0.0),
		"mouth_aaa": maxf(0.0, 0.8 * wave.call(2.7, 0.0)),
		"iris_rotation_y": 0.5 * wave.call(0.8, 1.0),
		"eye_wink_left": blink,
		"eye_wink_right": blink,
	}
	for parameter in pose:
		_sliders.set_value(parameter, pose[parameter])


func _lay_out() -> void:
	# The characters are 2D nodes, which containers do not place.
	var area: Rect2 = %Stage.get_global_rect()
	var floor_y: float = %StatusBar.get_global_rect().position.y
	# The uppermost part of a character's picture is empty.
	var height := (floor_y - area.position.y) * 1.1
	_body.scale = Vector2.ONE * height / 512.0
	_body.position = Vector2(area.position.x + area.size.x * 0.42, floor_y - height / 2.0)
	var frame: Control = %HeadFrame
	_head.scale = Vector2.ONE * (frame.size.x - 8.0) / 192.0
	_head.position = frame.get_global_rect().get_center()


func _take_screenshot(path: String) -> void:
	var deadline := Time.get_ticks_msec() + 20000
	if _body.character:
		_dance_time = 1.2
		_move(_dance_time)
		while not (_body.is_up_to_date() and _head.is_up_to_date()) and Time.get_ticks_msec() < deadline:
			await get_tree().process_frame
	for _frame in 5:
		await get_tree().process_frame
	await RenderingServer.frame_post_draw
	var saved := get_viewport().get_texture().get_image().save_png(path)
	get_tree().quit(0 if saved == OK else 1)


func _on_slider_changed(parameter: String, value: float) -> void:
	_body.set_parameter(parameter, value)
	_head.set_parameter(parameter, value)


func _on_reset_pressed() -> void:
	_dance.button_pressed = false
	for parameter in AnimatedAnimeCharacter.PARAMETER_NAMES:
		_sliders.set_value(parameter, 0.0)


func _on_random_pressed() -> void:
	_on_reset_pressed()
	# A few parameters at a time: all 45 at once are far from anything the networks have learnt.
	for _choice in 10:
		var index := _random.randi_range(0, AnimatedAnimeCharacter.PARAMETER_COUNT - 1)
		var low := AnimatedAnimeCharacter.PARAMETER_MINIMUMS[index]
		var high := AnimatedAnimeCharacter.PARAMETER_MAXIMUMS[index]
		_sliders.set_value(AnimatedAnimeCharacter.PARAMETER_NAMES[index], _random.randf_range(low, high))


# Both nodes show the same character, so that the bridge gets it once.
func _show_character(path: String) -> void:
	var problems: Array[String] = []
	var character := AnimeCharacter.from_file(path, problems)
	_problem = "" if character else problems[-1]
	for node: AnimatedAnimeCharacter in [_body, _head]:
		node.character = character


func _on_files_dropped(files: PackedStringArray) -> void:
	_show_character(files[0])
