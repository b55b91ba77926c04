@tool
extends MarginContainer
## The bottom panel: what plays each character of the open scene, and the bridge where one is used or asked for.

## The setup page is asked for.
signal setup_wanted

const BridgePanel := preload("bridge_panel.gd")
const EditorBridge := preload("editor_bridge.gd")
const OpenCharacters := preload("open_characters.gd")
const Settings := preload("../settings.gd")

const _TICK_SECONDS := 0.25
const _NOBODY := "No character in the open scene: add an AnimatedAnimeCharacter, and drag a .tha4 file onto it."

var _bridge: EditorBridge
var _list := Label.new()
var _bridge_switch := CheckButton.new()
var _bridge_panel: BridgePanel
var _timer := Timer.new()


func _init(bridge: EditorBridge = null) -> void:
	_bridge = bridge
	name = "AnimeCharacter"
	custom_minimum_size.y = 120 * EditorInterface.get_editor_scale()
	var column := VBoxContainer.new()
	var first := HBoxContainer.new()
	_list.size_flags_horizontal = SIZE_EXPAND_FILL
	_list.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_bridge_switch.text = "Bridge"
	_bridge_switch.tooltip_text = (
		"A bridge is a process beside the game that plays characters, here or on another machine. It is worth it for"
		+ " NVIDIA cards (CUDA), several programs at once, and other machines; nothing else needs one."
	)
	_bridge_switch.size_flags_vertical = SIZE_SHRINK_BEGIN
	_bridge_switch.toggled.connect(func(_on: bool) -> void: _refresh())
	first.add_child(_list)
	first.add_child(_bridge_switch)
	column.add_child(first)
	_bridge_panel = BridgePanel.new(bridge)
	_bridge_panel.size_flags_vertical = SIZE_EXPAND_FILL
	_bridge_panel.setup_wanted.connect(setup_wanted.emit)
	_bridge_panel.hide()
	column.add_child(_bridge_panel)
	add_child(column)
	_timer.wait_time = _TICK_SECONDS
	_timer.timeout.connect(_refresh)
	add_child(_timer)


func _ready() -> void:
	for side: String in ["left", "top", "right", "bottom"]:
		add_theme_constant_override("margin_%s" % side, roundi(8 * EditorInterface.get_editor_scale()))
	visibility_changed.connect(_on_visibility_changed)
	_on_visibility_changed()


func _refresh() -> void:
	var nodes := OpenCharacters.nodes()
	var lines := PackedStringArray()
	for node in nodes:
		lines.append(describe(node))
	# A label that is given the same text would have the editor drawn again.
	var text := "\n".join(lines) if lines else _NOBODY
	if _list.text != text:
		_list.text = text
	var is_used := _bridge.has_process() or Settings.wants_bridge() or nodes.any(_uses_bridge)
	_bridge_switch.visible = not is_used
	_bridge_panel.visible = is_used or _bridge_switch.button_pressed


## What plays a character, as a sentence.
static func describe(node: AnimatedAnimeCharacter) -> String:
	if node.character == null or node.character.is_empty():
		return "%s has no character." % node.name
	var warnings := node._get_configuration_warnings()
	if not node.is_animated():
		return "%s waits%s" % [node.name, ": " + warnings[0] if warnings else " ..."]
	var sentence := "%s is played by %s." % [node.name, _by_whom(node)]
	return sentence if warnings.is_empty() else "%s (%s)" % [sentence, warnings[0]]


static func _by_whom(node: AnimatedAnimeCharacter) -> String:
	match node.get_playing_engine():
		AnimatedAnimeCharacter.EngineChoice.GPU:
			return "the graphics card, in Godot"
		AnimatedAnimeCharacter.EngineChoice.CPU:
			return "the processor, in Godot"
	return "a bridge (%s)" % node.engine_name


static func _uses_bridge(node: AnimatedAnimeCharacter) -> bool:
	return node.get_playing_engine() == AnimatedAnimeCharacter.EngineChoice.BRIDGE


func _on_visibility_changed() -> void:
	if is_visible_in_tree():
		_refresh()
		_timer.start()
	else:
		_timer.stop()
