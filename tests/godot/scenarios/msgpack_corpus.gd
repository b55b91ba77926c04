extends "scenario.gd"
## Decodes and encodes again each msgpack message of a file. For each writes a byte (0 good, 1 refused), a length and
## the message or the reason.

const Msgpack := preload("res://addons/anime_character/wire/msgpack.gd")


func play() -> void:
	var corpus := FileAccess.open(option("corpus"), FileAccess.READ)
	var out := FileAccess.open(output_file("answers"), FileAccess.WRITE)
	while corpus.get_position() < corpus.get_length():
		var decoded := Msgpack.decode(corpus.get_buffer(corpus.get_32()))
		var answer := decoded.error.to_utf8_buffer()
		if decoded.error.is_empty():
			answer = Msgpack.encode(decoded.value).bytes
		out.store_8(0 if decoded.error.is_empty() else 1)
		out.store_32(answer.size())
		out.store_buffer(answer)
	out.close()
