class_name LifeCase
extends TestCase
## What tests of the nodes that bring a character to life share: a character that only moves when told.


## A character with nothing but [param nodes] below it; neither moves by itself.
func character_with(nodes: Array[Node]) -> AnimatedAnimeCharacter:
	var character := add_character()
	character.set_process(false)
	for node in nodes:
		character.add_child(node)
		node.set_process(false)
	return character


## A parameter as it is shown.
func shown(character: AnimatedAnimeCharacter, parameter: String) -> float:
	return character.get_shown_pose()[AnimatedAnimeCharacter.PARAMETER_NAMES.find(parameter)]


## Goes on by [param seconds] in steps of one frame; gives the parameter after each.
func trace(
	character: AnimatedAnimeCharacter, node: Node, parameter: String, seconds: float, frames_per_second: float
) -> PackedFloat32Array:
	var values := PackedFloat32Array()
	for _frame in roundi(seconds * frames_per_second):
		node.call("advance", 1.0 / frames_per_second)
		values.append(shown(character, parameter))
	return values


## Notes a problem unless two numbers are about the same.
func check_near(actual: float, expected: float, tolerance: float, what: String) -> void:
	if absf(actual - expected) > tolerance or not is_finite(actual):
		problems.append("%s: expected about %s, got %s" % [what, expected, actual])


## The largest of some numbers.
func largest(values: PackedFloat32Array) -> float:
	var found := values[0]
	for value in values:
		found = maxf(found, value)
	return found


## The smallest of some numbers.
func smallest(values: PackedFloat32Array) -> float:
	var found := values[0]
	for value in values:
		found = minf(found, value)
	return found
