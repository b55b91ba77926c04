@tool
extends RefCounted
## The addon's project settings: their names, defaults and present values.

const ADDRESS := "anime_character/bridge/address"
const START_AUTOMATICALLY := "anime_character/bridge/start_automatically"
const COMMAND := "anime_character/bridge/command"
const ROOTS := "anime_character/bridge/roots"

## An environment variable that stands above the setting [constant ADDRESS].
const ADDRESS_VARIABLE := "ANIME_CHARACTER_ADDRESS"

const _NOTHING: PackedStringArray = []

## Default of every setting.
const DEFAULTS: Dictionary[String, Variant] = {
	ADDRESS: "tcp://127.0.0.1:5747",
	START_AUTOMATICALLY: false,
	COMMAND: _NOTHING,
	ROOTS: _NOTHING,
}


## Where the bridge is, unless a node says otherwise.
static func address() -> String:
	var override := OS.get_environment(ADDRESS_VARIABLE).strip_edges()
	return override if not override.is_empty() else str(_value(ADDRESS)).strip_edges()


## Whether a bridge is started when none answers, unless a node says so itself.
static func start_automatically() -> bool:
	return bool(_value(START_AUTOMATICALLY))


## Program and arguments that start a bridge; empty: find one. A program in the project, [code]res://[/code] or
## [code]user://[/code], is given as an absolute path.
static func command() -> PackedStringArray:
	var words := _texts(COMMAND)
	if not words.is_empty() and words[0].contains("://"):
		words[0] = ProjectSettings.globalize_path(words[0])
	return words


## Makes a command the one that starts a bridge. A program in the project's folder is kept as [code]res://[/code], so
## that the project can be moved.
static func set_command(words: PackedStringArray) -> void:
	var kept := words.duplicate()
	if not kept.is_empty() and kept[0].is_absolute_path():
		kept[0] = ProjectSettings.localize_path(kept[0])
	ProjectSettings.set_setting(COMMAND, kept)
	ProjectSettings.save()


## Folders that a started bridge may read characters in, beside the project's.
static func roots() -> PackedStringArray:
	return _texts(ROOTS)


## Shows the settings in the editor's Project Settings.
static func register() -> void:
	for setting in DEFAULTS:
		if not ProjectSettings.has_setting(setting):
			ProjectSettings.set_setting(setting, DEFAULTS[setting])
		ProjectSettings.set_initial_value(setting, DEFAULTS[setting])
		ProjectSettings.set_as_basic(setting, true)


## Takes back what [method register] added; values that differ from the default stay.
static func unregister() -> void:
	for setting in DEFAULTS:
		if ProjectSettings.get_setting(setting) == DEFAULTS[setting]:
			ProjectSettings.set_setting(setting, null)


# A list of texts; a script may have set a single one, or an untyped list.
static func _texts(setting: String) -> PackedStringArray:
	var value: Variant = _value(setting)
	if value is PackedStringArray or value is Array:
		return PackedStringArray(value)
	if value is String and not (value as String).is_empty():
		return [value]
	return []


static func _value(setting: String) -> Variant:
	return ProjectSettings.get_setting(setting, DEFAULTS[setting])
