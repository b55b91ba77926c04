extends "scenario.gd"
## What an imported character file is in the project.


func play() -> void:
	var character: AnimeCharacter = load("res://heroes/hero.tha4")
	tell("name", character.name)
	tell("changing", (load("res://heroes/changing.tha4") as AnimeCharacter).name)
	tell("author", character.author)
	tell("licence", character.licence)
	tell("head_view", character.head_view)
	tell("expressions", JSON.stringify(character.expressions))
	tell("provenance", JSON.stringify(character.provenance))
	tell("quality", JSON.stringify(character.quality))
	tell("sha256", character.sha256)
	tell("source", character.source)
	tell("described", character.describe())
	character.get_image().save_png(output_file("picture.png"))
	var file := FileAccess.open(output_file("file.tha4"), FileAccess.WRITE)
	file.store_buffer(character.file)
	file.close()
	tell("from_file", AnimeCharacter.from_file("res://heroes/hero.tha4").sha256 == character.sha256)
