@tool
extends "probe.gd"
## A character that nobody has set up anything for: it moves, and the bottom panel says what plays it.

const BridgeConnections := preload("res://addons/anime_character/sources/bridge/bridge_connections.gd")


func play() -> void:
	var hero := await character()
	await until(hero.is_up_to_date, "a picture")
	hero.mouth_aaa = 1.0
	await until(hero.is_up_to_date, "a picture of the new pose")
	var panel: Control = part("engine_panel.gd")
	make_bottom_panel_item_visible(panel)
	var list: Label = below(panel, "Label")[0]
	await until(func() -> bool: return "is played" in list.text, "a sentence")
	tell("panel", list.text)
	tell("bridge", (part("bridge_panel.gd") as Control).is_visible_in_tree())
	tell("connections", BridgeConnections.count())
	tell("warnings", hero._get_configuration_warnings())
	await save_window("inside")
	hide_bottom_panel()
