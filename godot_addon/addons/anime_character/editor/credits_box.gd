@tool
extends VBoxContainer
## Whom the game owes something for a character, above its properties in the inspector; to be copied in one click.


## The box of a character that has [param lines] of credits.
func _init(lines: PackedStringArray = []) -> void:
	var heading := HBoxContainer.new()
	var title := Label.new()
	title.text = "Credits"
	title.size_flags_horizontal = SIZE_EXPAND_FILL
	title.modulate.a = 0.6
	var copy := Button.new()
	copy.text = "Copy"
	copy.tooltip_text = "Copies these lines, for your game's page of credits. In a script: AnimeCharacter.credits()."
	copy.pressed.connect(func() -> void: DisplayServer.clipboard_set("\n".join(lines)))
	heading.add_child(title)
	heading.add_child(copy)
	add_child(heading)
	for line in lines:
		var label := Label.new()
		label.text = line
		label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
		label.custom_minimum_size.x = 120.0
		add_child(label)
