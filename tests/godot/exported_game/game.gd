extends Node2D
## A game of one scene: poses its character, saves what the window shows, and ends.

@onready var _hero: AnimatedAnimeCharacter = $Hero


func _ready() -> void:
	get_tree().create_timer(300.0).timeout.connect(_give_up)
	RenderingServer.set_default_clear_color(Color8(40, 90, 60))
	_hero.failed.connect(func(message: String) -> void: print("failed=%s" % message))
	print("raw_file=%s" % FileAccess.file_exists("res://hero.tha4"))
	print("editor=%s" % OS.has_feature("editor"))
	_hero.mouth_aaa = 0.6
	_hero.head_y = -0.5
	while not _hero.is_up_to_date():
		await get_tree().process_frame
	print("name=%s" % _hero.character.name)
	print("same=%s" % [AnimeCharacter.from_file("res://hero.tha4") == _hero.character])
	print("expressions=%d" % _hero.get_expression_names().size())
	await get_tree().process_frame
	await RenderingServer.frame_post_draw
	get_viewport().get_texture().get_image().save_png(OS.get_environment("GAME_PICTURE"))
	get_tree().quit(0)


func _give_up() -> void:
	printerr("ERROR: the character did not show its pose in time")
	get_tree().quit(3)
