extends "scenario.gd"
## Reads each datagram of a file as iFacialMocap, OSC and VMC; for each writes what came of it as a line of JSON.

const FaceCoefficients := preload("res://addons/anime_character/mocap/face_coefficients.gd")
const IFacialMocap := preload("res://addons/anime_character/mocap/ifacialmocap.gd")
const Osc := preload("res://addons/anime_character/mocap/osc.gd")
const Reading := preload("res://addons/anime_character/mocap/reading.gd")
const Vmc := preload("res://addons/anime_character/mocap/vmc.gd")


func play() -> void:
	var corpus := FileAccess.open(option("corpus"), FileAccess.READ)
	var out := FileAccess.open(output_file("answers"), FileAccess.WRITE)
	while corpus.get_position() < corpus.get_length():
		var datagram := corpus.get_buffer(corpus.get_32())
		var answer := {}
		var face := FaceCoefficients.new()
		answer["ifacialmocap"] = _as_answer(IFacialMocap.read(datagram, face), face)
		var packet := Osc.read(datagram)
		var messages: Array = []
		for message in packet.messages:
			messages.append([message.address, message.arguments.map(_as_json)])
		answer["osc"] = {"error": packet.error, "flaws": packet.flaws, "messages": messages}
		var vmc := Vmc.new()
		answer["vmc"] = _as_answer(vmc.read(datagram), vmc.face)
		answer["vmc"]["parameters"] = vmc.counting_parameters()
		out.store_line(JSON.stringify(answer, "", true, true))
	out.close()


func _as_answer(reading: Reading, face: FaceCoefficients) -> Dictionary:
	return {
		"error": reading.problem,
		"has_face": reading.has_face,
		"flaws": reading.flaws,
		"unknown": reading.unknown,
		"values": Array(face.values),
		"head": [face.head_degrees.x, face.head_degrees.y, face.head_degrees.z],
	}


func _as_json(argument: Variant) -> Variant:
	if argument is PackedByteArray:
		return {"bytes": (argument as PackedByteArray).hex_encode()}
	if argument is int:
		return {"int": str(argument)}
	if argument is float:
		return {"float": (PackedFloat64Array([argument]).to_byte_array()).hex_encode()}
	return argument
