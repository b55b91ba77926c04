@tool
extends RefCounted
## Writes what a character's sliders show as an expression: an [AnimePose] in a .tres file.

const Parameters := preload("../anime_character_parameters.gd")


## Whether any parameter is away from rest, so that there is something to save.
static func is_possible(character: AnimatedAnimeCharacter) -> bool:
	return character.get_pose().count(0.0) < Parameters.PARAMETER_COUNT


## Writes the parameters of [param character] that are not at rest to [param path], a .tres file, whose name without
## its ending is the expression's. Gives the pose as it is loaded from there, or null and pushes an error.
static func save(character: AnimatedAnimeCharacter, path: String) -> AnimePose:
	var pose := AnimePose.from_pose(character.get_pose())
	pose.resource_name = name_of(path)
	var error := ResourceSaver.save(pose, path)
	if error != OK:
		push_error("the expression could not be written to %s: %s." % [path, error_string(error)])
		return null
	# Whoever has loaded the file before gets its new content.
	pose.take_over_path(path)
	return pose


## What [code]express()[/code] knows the expression of a file by.
static func name_of(path: String) -> StringName:
	return StringName(path.get_file().get_basename())
