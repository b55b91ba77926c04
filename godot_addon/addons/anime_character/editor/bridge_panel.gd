@tool
extends HSplitContainer
## The bottom panel's part about a bridge: how it does, and one of the editor's own.

## The setup page is asked for.
signal setup_wanted

const EditorBridge := preload("editor_bridge.gd")

const _NOTHING := "-"
const _START := "Start Bridge"
const _STOP := "Stop Bridge"

var _bridge: EditorBridge
var _light := ColorRect.new()
var _headline := Label.new()
var _problem := Label.new()
var _values: Dictionary[String, Label] = {}
var _grid := GridContainer.new()
var _button := Button.new()
var _log := RichTextLabel.new()
var _shown_lines := PackedStringArray()


func _init(bridge: EditorBridge = null) -> void:
	_bridge = bridge
	custom_minimum_size.y = 200 * EditorInterface.get_editor_scale()
	add_child(_make_state())
	add_child(_make_log())
	_bridge.changed.connect(_refresh)
	visibility_changed.connect(_on_visibility_changed)


func _ready() -> void:
	_refresh()


func _make_state() -> Control:
	var column := VBoxContainer.new()
	column.custom_minimum_size.x = 420 * EditorInterface.get_editor_scale()
	var first := HBoxContainer.new()
	_light.custom_minimum_size = Vector2.ONE * 12 * EditorInterface.get_editor_scale()
	_light.size_flags_vertical = SIZE_SHRINK_CENTER
	_headline.size_flags_horizontal = SIZE_EXPAND_FILL
	_headline.clip_text = true
	first.add_child(_light)
	first.add_child(_headline)
	column.add_child(first)
	_problem.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	column.add_child(_problem)
	_grid.columns = 4
	for what: String in ["Engine", "Frames/s", "Device", "Frame time", "Characters", "Latency", "Since", "Memory"]:
		_add_value(what)
	column.add_child(_grid)
	var buttons := HBoxContainer.new()
	_button.pressed.connect(_on_button_pressed)
	var setup := Button.new()
	setup.text = "Setup..."
	setup.tooltip_text = "Finds or creates the Python environment that the bridge runs in."
	setup.pressed.connect(setup_wanted.emit)
	buttons.add_child(_button)
	buttons.add_child(setup)
	column.add_child(buttons)
	return column


func _add_value(what: String) -> void:
	var title := Label.new()
	title.text = what
	title.modulate.a = 0.65
	var value := Label.new()
	value.size_flags_horizontal = SIZE_EXPAND_FILL
	value.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	value.clip_text = true
	value.mouse_filter = MOUSE_FILTER_PASS
	_values[what] = value
	_grid.add_child(title)
	_grid.add_child(value)


func _make_log() -> Control:
	_log.scroll_following = true
	_log.selection_enabled = true
	_log.context_menu_enabled = true
	_log.focus_mode = FOCUS_CLICK
	_log.size_flags_horizontal = SIZE_EXPAND_FILL
	return _log


func _refresh() -> void:
	_light.color = _color()
	_headline.text = _state_sentence()
	var problem := _sentence(_bridge.failure if not _bridge.failure.is_empty() else _bridge.absence)
	_problem.text = problem
	_problem.visible = (not problem.is_empty() and not (_bridge.has_process() and _bridge.failure.is_empty()))
	_problem.add_theme_color_override(
		"font_color", get_theme_color("error_color" if _bridge.failure else "warning_color", "Editor")
	)
	var is_reachable := _bridge.state == EditorBridge.State.REACHABLE
	_grid.visible = is_reachable
	var names := ", ".join(_bridge.characters)
	_set_value("Engine", _bridge.engine)
	_set_value("Device", _bridge.device)
	_set_value("Characters", "%d: %s" % [_bridge.characters.size(), names] if names else "0", names)
	_set_value("Frames/s", "%.1f" % _bridge.frames_per_second)
	_set_value("Frame time", "%.1f ms" % _bridge.frame_ms if _bridge.frame_ms > 0.0 else _NOTHING)
	_set_value("Latency", "%.1f ms" % _bridge.latency_ms if _bridge.latency_ms > 0.0 else _NOTHING)
	_set_value("Since", _clock(_bridge.since))
	_set_value("Memory", String.humanize_size(_bridge.memory) if _bridge.memory else _NOTHING)
	_button.text = _STOP if _bridge.has_process() else _START
	_button.disabled = is_reachable and not _bridge.has_process()
	_button.tooltip_text = (
		"Another program has started the bridge that answers; it is stopped there."
		if _button.disabled
		else "Runs a bridge on this computer for as long as the editor is open, or until it is stopped."
	)
	_show_log()


func _set_value(what: String, text: String, tooltip: String = "") -> void:
	_values[what].text = text
	_values[what].tooltip_text = tooltip


func _show_log() -> void:
	if _bridge.log_lines == _shown_lines and not _log.text.is_empty():
		return
	_shown_lines = _bridge.log_lines
	_log.text = ("\n".join(_shown_lines) if not _shown_lines.is_empty() else "What the bridge writes is shown here.")


func _state_sentence() -> String:
	match _bridge.state:
		EditorBridge.State.REACHABLE:
			return "A bridge answers at %s." % _bridge.address
		EditorBridge.State.ABSENT:
			if _bridge.has_process():
				return "The bridge at %s is starting ..." % _bridge.address
			return "No bridge at %s since %s." % [_bridge.address, _clock(_bridge.since)]
	return "Looking for a bridge at %s ..." % _bridge.address


func _color() -> Color:
	if _bridge.state == EditorBridge.State.REACHABLE:
		return get_theme_color("success_color", "Editor")
	return get_theme_color("error_color" if _bridge.failure else "warning_color", "Editor")


func _on_visibility_changed() -> void:
	_bridge.watched = is_visible_in_tree()


func _on_button_pressed() -> void:
	if _bridge.has_process():
		_bridge.stop()
	else:
		_bridge.start()


static func _sentence(text: String) -> String:
	return text.left(1).to_upper() + text.substr(1)


# A time as the clock on the wall shows it.
static func _clock(unix_time: float) -> String:
	var bias_minutes: int = Time.get_time_zone_from_system()["bias"]
	return Time.get_time_string_from_unix_time(int(unix_time) + bias_minutes * 60)
