extends "scenario.gd"
## Reads each .tha4 file of a folder as an engine inside the game does, off the main thread; for each writes what it
## holds, as sums to compare, or what is wrong with it.

const CharacterFile := preload("res://addons/anime_character/character/character_file.gd")
const CharacterNetworks := preload("res://addons/anime_character/sources/character_networks.gd")

var _answers: Dictionary[String, Dictionary] = {}


func play() -> void:
	var files := DirAccess.get_files_at(option("folder"))
	var task := WorkerThreadPool.add_task(_read_all.bind(files))
	await wait_until(func() -> bool: return WorkerThreadPool.is_task_completed(task), "all files")
	WorkerThreadPool.wait_for_task_completion(task)
	var out := FileAccess.open(output_file("answers.json"), FileAccess.WRITE)
	out.store_string(JSON.stringify(_answers))
	out.close()


func _read_all(files: PackedStringArray) -> void:
	for file in files:
		_answers[file] = _read(FileAccess.get_file_as_bytes(option("folder").path_join(file)))


func _read(bytes: PackedByteArray) -> Dictionary:
	var networks := CharacterNetworks.new()
	networks.read(bytes)
	var resting := CharacterFile.read_picture(bytes)
	return {
		"error": networks.error,
		"resting": _sum(resting.get_data()) if resting else "",
		"face": _sums_of(networks.face),
		"body": _sums_of(networks.body),
		"heads": _sums_of(networks.heads),
		"levels": networks.levels,
		"picture": _sum(networks.picture),
		"tiles": _sum(networks.tiles),
	}


func _sums_of(layers: Array[CharacterNetworks.Layer]) -> Array[Array]:
	var sums: Array[Array] = []
	for layer in layers:
		sums.append([layer.inputs, layer.outputs, _sum(layer.weight.to_byte_array()), _sum(layer.bias.to_byte_array())])
	return sums


func _sum(bytes: PackedByteArray) -> String:
	if bytes.is_empty():
		return ""
	var context := HashingContext.new()
	context.start(HashingContext.HASH_MD5)
	context.update(bytes)
	return context.finish().hex_encode()
