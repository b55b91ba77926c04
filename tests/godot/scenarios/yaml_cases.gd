extends "scenario.gd"
## Reads each text of a file as a character's YAML; for each writes the files that it names, or what is wrong with it.

const ModelYaml := preload("res://addons/anime_character/character/model_yaml.gd")


func play() -> void:
	var out := FileAccess.open(output_file("answers"), FileAccess.WRITE)
	var texts: Array = JSON.parse_string(FileAccess.get_file_as_string(option("cases")))
	for encoded: String in texts:
		var model := ModelYaml.new(Marshalls.base64_to_raw(encoded))
		var files := PackedStringArray()
		for key in ModelYaml.KEYS:
			files.append(model.file_of(key) if model.error.is_empty() else "")
		out.store_line(JSON.stringify({"error": model.error, "files": files}))
	out.close()
