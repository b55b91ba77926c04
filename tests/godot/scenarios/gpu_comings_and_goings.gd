extends "scenario.gd"
## Characters that leave the graphics card as soon as they are there, while others are being brought to it.

const GpuSource := preload("res://addons/anime_character/sources/gpu/gpu_source.gd")
const AT_ONCE := 4


func play() -> void:
	var character := AnimeCharacter.from_file(option("character"))
	var sources: Array[GpuSource] = []
	var left := int(option("count"))
	while left > 0:
		while sources.size() < AT_ONCE:
			sources.append(GpuSource.new(character))
		for source: GpuSource in sources.duplicate():
			source.poll()
			if source.engine == "gpu":
				source.close()
				sources.erase(source)
				left -= 1
		await process_frame
	for source in sources:
		source.close()
	for _frame in 4:
		await process_frame
	tell("gone", true)
