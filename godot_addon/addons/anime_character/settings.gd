@tool
extends RefCounted
## The addon's project settings: their names, defaults and present values.

const ENGINE := "anime_character/engine/choice"
const CPU_THREADS := "anime_character/cpu/threads"
const GPU_BUDGET_MS := "anime_character/gpu/budget_ms"
const GPU_PRECISION := "anime_character/gpu/precision"
const ADDRESS := "anime_character/bridge/address"
const START_AUTOMATICALLY := "anime_character/bridge/start_automatically"
const COMMAND := "anime_character/bridge/command"
const ROOTS := "anime_character/bridge/roots"

## What [constant ENGINE] can be; [code]auto[/code] takes the best that there is.
const ENGINES: PackedStringArray = ["auto", "gpu", "cpu", "bridge", "web"]
## What [constant GPU_PRECISION] can be: how the activations are kept on the graphics card. [code]auto[/code]: with all
## their bits where its shared memory has room for them.
const PRECISIONS: PackedStringArray = ["auto", "float32", "snorm16"]

## An environment variable that stands above every node's engine and the setting [constant ENGINE].
const ENGINE_VARIABLE := "ANIME_CHARACTER_ENGINE"
## An environment variable that stands above the setting [constant ADDRESS].
const ADDRESS_VARIABLE := "ANIME_CHARACTER_ADDRESS"

const _NOTHING: PackedStringArray = []

## Default of every setting.
const DEFAULTS: Dictionary[String, Variant] = {
	ENGINE: "auto",
	CPU_THREADS: 0,
	GPU_BUDGET_MS: 4.0,
	GPU_PRECISION: "auto",
	ADDRESS: "tcp://127.0.0.1:5747",
	START_AUTOMATICALLY: false,
	COMMAND: _NOTHING,
	ROOTS: _NOTHING,
}

# What has been warned of.
static var _warned: Dictionary[String, bool] = {}
# How the project settings show those that are not just any value of their type.
static var _hints: Dictionary[String, Array] = {
	ENGINE: [PROPERTY_HINT_ENUM, ",".join(ENGINES)],
	CPU_THREADS: [PROPERTY_HINT_RANGE, "0,64,1,or_greater"],
	GPU_BUDGET_MS: [PROPERTY_HINT_RANGE, "0,100,0.1,or_greater,suffix:ms"],
	GPU_PRECISION: [PROPERTY_HINT_ENUM, ",".join(PRECISIONS)],
}


## What runs the networks, one of [constant ENGINES], when the node says [param of_node]: the environment variable
## [constant ENGINE_VARIABLE] if it is set, else what the node says unless that is [code]auto[/code], else the setting.
static func engine(of_node: String) -> String:
	var override := OS.get_environment(ENGINE_VARIABLE).strip_edges().to_lower()
	if not override.is_empty():
		return _one_of(override, ENGINES, "the environment variable %s" % ENGINE_VARIABLE)
	return of_node if of_node != "auto" else _one_of(str(_value(ENGINE)).to_lower(), ENGINES, "the setting %s" % ENGINE)


## How many threads the engine on the CPU has; 0: as many as leave the game its cores.
static func cpu_threads() -> int:
	return maxi(int(_value(CPU_THREADS)), 0)


## The milliseconds of each of the game's frames that the graphics card may spend on pictures of characters, so that a
## slow one spreads a picture over several frames; 0: no limit.
static func gpu_budget_ms() -> float:
	return maxf(float(_value(GPU_BUDGET_MS)), 0.0)


## How the graphics card keeps activations: one of [constant PRECISIONS].
static func gpu_precision() -> String:
	return _one_of(str(_value(GPU_PRECISION)).to_lower(), PRECISIONS, "the setting %s" % GPU_PRECISION)


## Where the bridge is, unless a node says otherwise.
static func address() -> String:
	var override := OS.get_environment(ADDRESS_VARIABLE).strip_edges()
	return override if not override.is_empty() else str(_value(ADDRESS)).strip_edges()


## Whether somebody has said where the bridge is or that it is to be started, other than at a node.
static func wants_bridge() -> bool:
	return (
		start_automatically()
		or not OS.get_environment(ADDRESS_VARIABLE).strip_edges().is_empty()
		or str(_value(ADDRESS)).strip_edges() != DEFAULTS[ADDRESS]
	)


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
		if _hints.has(setting):
			var hint := _hints[setting]
			ProjectSettings.add_property_info(
				{"name": setting, "type": typeof(DEFAULTS[setting]), "hint": hint[0], "hint_string": hint[1]}
			)


## Takes back what [method register] added; values that differ from the default stay.
static func unregister() -> void:
	for setting in DEFAULTS:
		if ProjectSettings.get_setting(setting) == DEFAULTS[setting]:
			ProjectSettings.set_setting(setting, null)


# A word that must be one of some; the first of them, and a warning once, when it is another.
static func _one_of(word: String, words: PackedStringArray, what: String) -> String:
	if word in words:
		return word
	if not _warned.has(what + word):
		_warned[what + word] = true
		push_warning("%s is one of %s, not %s; %s is taken." % [what, ", ".join(words), word, words[0]])
	return words[0]


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
