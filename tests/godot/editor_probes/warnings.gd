@tool
extends "probe.gd"
## Makes every mistake with a character that the editor warns of, and mends it again.

const Settings := preload("res://addons/anime_character/settings.gd")

var _node: AnimatedAnimeCharacter


func play() -> void:
	_node = await character()
	tell("nothing", _warnings())
	_node.character = AnimeCharacter.new()
	tell("empty", _warnings())
	_node.character = load("res://hero.tha4")
	await _warns("no bridge at")
	tell("absent", _warnings())
	_node.bridge_address = option("bridge")
	await until(func() -> bool: return _node._get_configuration_warnings().is_empty(), "no warning")
	tell("well", _warnings())
	_node.visible = false
	_node.bridge_address = "tcp://127.0.0.1:1"
	await _warns("no bridge at")
	_node.bridge_address = option("bridge")
	await until(func() -> bool: return _node._get_configuration_warnings().is_empty(), "no warning while hidden")
	ProjectSettings.set_setting(Settings.COMMAND, PackedStringArray(["/no/such/program"]))
	_node.start_bridge = true
	_node.bridge_address = "tcp://127.0.0.1:1"
	await _warns("/no/such/program")
	tell("unstartable", _warnings())
	# What the setup page does with a command that works.
	_node.bridge_address = option("own")
	await _warns("/no/such/program")
	var page := part("setup_window.gd")
	page.call("_adopt", PackedStringArray(option("command").split("|")))
	await until(_node.is_bridge_connected, "a bridge of the new command")
	tell("startable", _warnings())
	_node.character = null
	tell("nothing again", _warnings())


func _warns(text: String) -> void:
	await until(func() -> bool: return text in _warnings(), text)


func _warnings() -> String:
	return " | ".join(_node._get_configuration_warnings())
