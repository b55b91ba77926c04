@tool
extends Label
## What an imported character's larger drawing is for, and what it takes, above its properties in the inspector.

# Megabytes more of memory while pictures of that size are shown, by the size: on the processor and the graphics card.
const _MEGABYTES: Dictionary[int, Vector2i] = {1024: Vector2i(30, 40), 2048: Vector2i(120, 125)}


func _init(character: AnimeCharacter = null) -> void:
	autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	custom_minimum_size.x = 120.0
	text = text_of(character) if character else ""


## What is said of a character; empty when it has no larger drawing.
static func text_of(character: AnimeCharacter) -> String:
	if not _MEGABYTES.has(character.drawing_size):
		return ""
	var side := character.drawing_size
	var memory := _MEGABYTES[side]
	var said := "Has a drawing of %d x %d pixels: it is sharp where it is shown larger than 512 (resolution_scale)."
	said += " Only then it takes about %d MB more, or %d on the graphics card."
	return said % [side, side, memory.x, memory.y]
