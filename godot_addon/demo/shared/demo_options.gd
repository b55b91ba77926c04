extends RefCounted
## What a demo is told on the command line, after [code]--[/code].
##
## [codeblock]
## godot --path godot_addon [SCENE] -- [--character=PATH] [--engine=ENGINE] [--address=tcp://127.0.0.1:5747]
## [/codeblock]


## What an option was given, or an empty text.
static func value_of(option: String) -> String:
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--%s=" % option):
			return argument.substr(option.length() + 3)
	return ""


## Lets nodes show the character, and use the engine and the bridge, that the command line names. What it does not name
## stays as the scene has it. Gives a sentence when there is no such character or engine.
static func apply_to(nodes: Array[AnimatedAnimeCharacter]) -> String:
	var address := value_of("address")
	if not address.is_empty():
		for node in nodes:
			node.bridge_address = address
	var problem := choose_engine(nodes, value_of("engine"))
	if not problem.is_empty():
		return problem
	var path := value_of("character")
	if path.is_empty():
		return ""
	var problems: Array[String] = []
	var character := AnimeCharacter.from_file(path, problems)
	for node in nodes:
		node.character = character
	return "" if character else problems[-1]


## Gives nodes an engine, by its name; an empty one changes nothing. Gives a sentence when there is no such engine.
static func choose_engine(nodes: Array[AnimatedAnimeCharacter], engine: String) -> String:
	var choice := engine.to_upper()
	if choice.is_empty():
		return ""
	if not AnimatedAnimeCharacter.EngineChoice.has(choice):
		return "there is no engine %s; choose auto, gpu, cpu or bridge." % engine
	for node in nodes:
		node.engine = AnimatedAnimeCharacter.EngineChoice[choice]
	return ""
