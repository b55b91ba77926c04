extends TestCase

const Msgpack := preload("res://addons/anime_character/wire/msgpack.gd")


func test_values_come_back_as_they_were() -> void:
	var values: Array = [null, true, false, 0, 127, 128, -1, -32, -33, 255, 256, 65535, 65536, 1 << 40, -(1 << 40)]
	values.append_array([9223372036854775807, -9223372036854775807 - 1, 0.0, -1.5, INF, "", "abc", "頭😀", [], {}])
	values.append_array([[1, [2, ["three"]]], {"a": 1, 2: "b", "c": {"d": null}}, "x".repeat(70000)])
	values.append_array([PackedByteArray(), PackedByteArray([1, 2, 3])])
	for value: Variant in values:
		var encoded := Msgpack.encode(value)
		check_equal(encoded.error, "")
		var decoded := Msgpack.decode(encoded.bytes)
		check_equal(decoded.error, "")
		check_equal(decoded.value, value)


func test_packed_arrays_and_string_names_become_plain() -> void:
	check_equal(Msgpack.decode(Msgpack.encode(PackedFloat32Array([0.5, 1.0])).bytes).value, [0.5, 1.0])
	check_equal(Msgpack.decode(Msgpack.encode(PackedStringArray(["a"])).bytes).value, ["a"])
	check_equal(Msgpack.decode(Msgpack.encode(&"name").bytes).value, "name")


func test_extension_types_keep_number_and_bytes() -> void:
	for size: int in [0, 1, 3, 16, 17, 300, 70000]:
		var data := PackedByteArray()
		data.resize(size)
		var back: Msgpack.Ext = Msgpack.decode(Msgpack.encode(Msgpack.Ext.new(-5, data)).bytes).value
		check_equal(back.type, -5)
		check_equal(back.data, data)


func test_what_has_no_form_is_refused() -> void:
	check("Vector2" in Msgpack.encode([Vector2.ONE]).error, "names the type")
	check("object" in Msgpack.encode({"a": self}).error, "names the object")
	check("-128 to 127" in Msgpack.encode(Msgpack.Ext.new(128)).error, "extension number")
	var loop: Array = []
	loop.append(loop)
	check("inside one another" in Msgpack.encode(loop).error, "an array in itself")
	loop.clear()


func test_hostile_bytes_give_a_sentence() -> void:
	var cases: Dictionary[String, String] = {
		"": "ends too early",
		"c1": "0xc1",
		"c0c0": "after its end",
		"ddffffffff": "ends too early",
		"dfffffffff": "ends too early",
		"dbffffffff": "ends too early",
		"c6ffffffff": "ends too early",
		"c9ffffffff05": "ends too early",
		"cfffffffffffffffff": "2^63",
		"a161ff": "after its end",
		"a100": "NUL",
		"a1ff": "not UTF-8",
		"a2c080": "not UTF-8",
		"a3eda080": "not UTF-8",
		"a4f4908080": "not UTF-8",
		"a2e282": "not UTF-8",
		"91".repeat(5000): "inside one another",
		"81a161".repeat(5000): "inside one another",
	}
	for hex in cases:
		var decoded := Msgpack.decode(hex.hex_decode())
		check(cases[hex] in decoded.error, "%s: %s" % [hex.left(20), decoded.error])
		check(decoded.value == null, "no value beside an error")
