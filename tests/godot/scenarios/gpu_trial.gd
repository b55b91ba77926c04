extends "scenario.gd"
## What a trial says of nothing, of noise, and of a character as it is, as the card would have drawn them.

const GpuTrial := preload("res://addons/anime_character/sources/gpu/gpu_trial.gd")


func play() -> void:
	var character := AnimeCharacter.from_file("res://demo/characters/kohaku.tha4")
	var nothing := PackedByteArray()
	nothing.resize(512 * 512 * 4)
	tell("nothing", await _flaw(character, nothing))
	tell("noise", await _flaw(character, Crypto.new().generate_random_bytes(nothing.size())))
	var right := Image.create_empty(512, 512, false, Image.FORMAT_RGBA8)
	right.blit_rect(await _drawn(character), Rect2i(Vector2i.ZERO, GpuTrial.REGION.size), Vector2i.ZERO)
	tell("right", await _flaw(character, right.get_data()))


func _flaw(character: AnimeCharacter, bytes: PackedByteArray) -> String:
	var networks := GpuTrial.CharacterNetworks.new()
	networks.read(character.file)
	var trial := GpuTrial.new(character, networks)
	trial.take(bytes)
	var is_over := func() -> bool:
		trial.poll()
		return trial.is_over
	await wait_until(is_over, "a verdict")
	trial.close()
	return trial.flaw


# What the processor draws, where it can; else the character's own picture.
func _drawn(character: AnimeCharacter) -> Image:
	if not GpuTrial.CpuSource.why_not().is_empty():
		return character.get_image().get_region(GpuTrial.REGION)
	var source := GpuTrial.CpuSource.new(character)
	var images: Array[Image] = []
	source.picture_arrived.connect(func(picture: GpuTrial.PictureSource.Picture) -> void: images.append(picture.image))
	var has_drawn := func() -> bool:
		source.poll()
		if source.may_ask(1):
			source.ask(1, GpuTrial.pose(), GpuTrial.REGION, 1.0)
		return not images.is_empty()
	await wait_until(has_drawn, "the processor's picture")
	source.close()
	return images[0]
