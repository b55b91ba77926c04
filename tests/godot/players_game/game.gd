extends Node2D
## A game whose characters an animation moves: when it is over, and all show their last pose, it saves what their
## textures and the window hold into the folder that the environment variable [code]GAME_OUTPUT[/code] names, and ends.
##
## [code]-- --engine=gpu[/code] asks every character for that engine, [code]--scale=2[/code] for pictures of that scale.
## With [code]-- --still[/code] it does not wait for pictures, but until every character has said what is wrong.

var _characters: Array[AnimatedAnimeCharacter] = []
var _complaints: Dictionary[StringName, bool] = {}


func _enter_tree() -> void:
	for child in get_children():
		if child is AnimatedAnimeCharacter:
			_characters.append(child)
	for character in _characters:
		character.failed.connect(_on_failed.bind(character.name))
		for kind in AnimatedAnimeCharacter.EngineChoice:
			if "--engine=%s" % kind.to_lower() in OS.get_cmdline_user_args():
				character.engine = AnimatedAnimeCharacter.EngineChoice[kind]
		if "--scale=2" in OS.get_cmdline_user_args():
			character.resolution_scale = 2.0


func _ready() -> void:
	RenderingServer.set_default_clear_color(Color8(40, 90, 60))
	get_tree().create_timer(300.0).timeout.connect(_give_up)
	await ($Animation as AnimationPlayer).animation_finished
	while not _is_over():
		await get_tree().process_frame
	await get_tree().process_frame
	await RenderingServer.frame_post_draw
	_save(get_viewport().get_texture().get_image(), "window")
	for character in _characters:
		_save(character.texture.get_image(), character.name)
		print("engine=%s" % character.engine_name)
	print("editor=%s" % OS.has_feature("editor"))
	print("renderer=%s" % RenderingServer.get_current_rendering_method())
	get_tree().quit(0)


func _is_over() -> bool:
	if "--still" in OS.get_cmdline_user_args():
		return _complaints.size() == _characters.size()
	return _characters.all(func(character: AnimatedAnimeCharacter) -> bool: return character.is_up_to_date())


func _save(image: Image, file_name: String) -> void:
	image.save_png(OS.get_environment("GAME_OUTPUT").path_join(file_name + ".png"))


func _on_failed(message: String, who: StringName) -> void:
	_complaints[who] = true
	print("failed=%s" % message)


func _give_up() -> void:
	printerr("ERROR: the characters did not show their poses in time")
	get_tree().quit(3)
