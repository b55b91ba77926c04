@tool
extends "probe.gd"
## Watches bridges in the bottom panel: none, one of another program, one of the editor's own, one that fails.

const BridgeConnections := preload("res://addons/anime_character/sources/bridge/bridge_connections.gd")
const Settings := preload("res://addons/anime_character/settings.gd")

var _whole: Control
# The part of it about the bridge.
var _panel: Control


func play() -> void:
	_whole = part("engine_panel.gd")
	_panel = part("bridge_panel.gd")
	await until(func() -> bool: return BridgeConnections.count() == 1, "the character's own connection")
	tell("connections unseen", BridgeConnections.count())
	_use(option("nobody"), option("bridge"))
	make_bottom_panel_item_visible(_whole)
	await _shows("No bridge at %s since" % option("nobody"))
	tell("reason", _shown("Nothing answers"))
	await until(func() -> bool: return "nothing answers" in _sentences(), "what the character waits for")
	tell("character", _sentences())
	await save_window("absent")
	_use(option("other"), option("bridge"))
	await _shows("A bridge answers at %s." % option("other"))
	await _shows(option("character"))
	for what: String in ["Engine", "Device", "Frames/s", "Frame time", "Latency", "Memory", "Since"]:
		tell("other %s" % what, _value(what))
	tell("other can be stopped", not button(_panel, "Start Bridge").disabled)
	_use(option("own"), option("bridge"))
	await _shows("No bridge at %s since" % option("own"))
	button(_panel, "Start Bridge").pressed.emit()
	await _shows("A bridge answers at %s." % option("own"))
	await until(func() -> bool: return "bridge ready" in _log(), "its log")
	await save_window("own")
	tell("own Engine", _value("Engine"))
	tell("log", _log().split("\n")[0])
	hide_bottom_panel()
	await frames(30)
	tell("connections hidden", BridgeConnections.count())
	make_bottom_panel_item_visible(_whole)
	button(_panel, "Stop Bridge").pressed.emit()
	await _shows("No bridge at %s since" % option("own"))
	tell("log after", "bridge ready" in _log())
	_use(option("own"), option("broken"))
	button(_panel, "Start Bridge").pressed.emit()
	await until(func() -> bool: return not _shown("has ended").is_empty(), "the failure")
	tell("failure", _shown("has ended"))
	await save_window("failed")
	_use(option("own"), option("bridge"))
	button(_panel, "Start Bridge").pressed.emit()
	await _shows("A bridge answers at %s." % option("own"))
	tell("mended", _shown("has ended").is_empty())
	button(_panel, "Stop Bridge").pressed.emit()
	await _shows("No bridge at %s since" % option("own"))
	hide_bottom_panel()
	await frames(30)
	tell("connections after", BridgeConnections.count())
	await _without_bridge()


# Nobody asks for a bridge any more.
func _without_bridge() -> void:
	var hero := await character()
	hero.character = null
	_use(Settings.DEFAULTS[Settings.ADDRESS], option("bridge"))
	make_bottom_panel_item_visible(_whole)
	await until(func() -> bool: return not _panel.is_visible_in_tree(), "a panel without a bridge")
	tell("nobody", _sentences())
	tell("connections without", BridgeConnections.count())
	await save_window("without")
	(below(_whole, "CheckButton")[0] as CheckButton).button_pressed = true
	tell("asked for", _panel.is_visible_in_tree())
	(below(_whole, "CheckButton")[0] as CheckButton).button_pressed = false
	hide_bottom_panel()


# What the panel says of the characters.
func _sentences() -> String:
	return (below(_whole, "Label")[0] as Label).text


func _use(address: String, command: String) -> void:
	ProjectSettings.set_setting(Settings.ADDRESS, address)
	ProjectSettings.set_setting(Settings.COMMAND, command.split("|"))


func _shows(text: String) -> void:
	await until(func() -> bool: return not _shown(text).is_empty(), text)


# The text in the panel that holds another.
func _shown(text: String) -> String:
	for label: Label in below(_panel, "Label"):
		if label.is_visible_in_tree() and text in label.text:
			return label.text
	return ""


# The text behind a title.
func _value(title: String) -> String:
	for label: Label in below(_panel, "Label"):
		if label.text == title:
			return (label.get_parent().get_child(label.get_index() + 1) as Label).text
	return ""


func _log() -> String:
	return (below(_panel, "RichTextLabel")[0] as RichTextLabel).text
