extends LifeCase

const TextVisemes := preload("res://addons/anime_character/life/text_visemes.gd")
const VowelSpectrum := preload("res://addons/anime_character/life/vowel_spectrum.gd")

const VOWELS: PackedStringArray = ["aaa", "iii", "uuu", "eee", "ooo"]


# The largest harmonic of a sung vowel in each band.
func _magnitudes(vowel: String, pitch: float, scale: float, loudness: float) -> PackedFloat32Array:
	var magnitudes := PackedFloat32Array()
	for band in VowelSpectrum.BANDS:
		var magnitude := 1e-6
		var frequency := pitch
		while frequency < band.y:
			if frequency >= band.x:
				var formants := VowelSpectrum.formants_of(vowel) * scale
				magnitude = maxf(magnitude, loudness * VowelSpectrum.envelope(formants, frequency))
			frequency += pitch
		magnitudes.append(magnitude)
	return magnitudes


func _place_of_largest(numbers: PackedFloat32Array) -> int:
	var best := 0
	for number in numbers.size():
		if numbers[number] > numbers[best]:
			best = number
	return best


func test_sung_vowels_are_recognised_at_any_pitch_and_loudness() -> void:
	var spectrum := VowelSpectrum.new()
	var right := 0
	var all := 0
	for vowel in VOWELS:
		for scale: float in [1.0, 1.17]:
			for pitch: float in [100.0, 130.0, 160.0, 190.0, 220.0, 250.0]:
				for loudness: float in [0.01, 10.0]:
					var shares := spectrum.find_shares(_magnitudes(vowel, pitch, scale, loudness), scale)
					var sum := 0.0
					for share in shares:
						sum += share
					check_near(sum, 1.0, 1e-5, "the shares together")
					all += 1
					right += int(_place_of_largest(shares) == VOWELS.find(vowel))
	check(right >= all * 0.95, "%d of %d are right" % [right, all])


func test_visemes_are_shown_at_their_times() -> void:
	var lips := AnimeLipSync.new()
	lips.attack = 0.0
	lips.release = 0.0
	var character := character_with([lips])
	lips.speak_visemes([[0.2, "aaa", 1.0], [0.6, "ooo", 0.5], [1.0, "closed", 0.0]])
	lips.advance(0.05)
	check_equal(shown(character, "mouth_aaa"), 0.0, "before")
	lips.advance(0.25)
	check_equal([shown(character, "mouth_aaa"), shown(character, "mouth_ooo")], [1.0, 0.0])
	lips.advance(0.26)
	var between := shown(character, "mouth_aaa")
	check(between > 0.1 and between < 0.9, "on the way from one to the next")
	lips.advance(0.1)
	check_equal([shown(character, "mouth_aaa"), shown(character, "mouth_ooo")], [0.0, 0.5])
	check(lips.is_speaking(), "not over yet")
	lips.advance(0.5)
	lips.advance(0.01)
	check_equal([shown(character, "mouth_ooo"), lips.is_speaking()], [0.0, false])


func test_the_end_of_speech_is_told() -> void:
	var lips := AnimeLipSync.new()
	character_with([lips])
	var told: Array[int] = []
	lips.spoken.connect(func() -> void: told.append(1))
	var seconds := lips.speak_text("こんにちは")
	lips.advance(seconds - 0.01)
	check_equal(told.size(), 0)
	lips.advance(0.02)
	lips.advance(1.0)
	check_equal(told.size(), 1)


func test_a_mouth_without_an_end_is_closed() -> void:
	var lips := AnimeLipSync.new()
	var character := character_with([lips])
	lips.speak_visemes([[0.0, "aaa", 1.0]])
	trace(character, lips, "mouth_aaa", 3.0, 60.0)
	check_near(shown(character, "mouth_aaa"), 0.0, 1e-4, "closed")


func test_speech_stands_above_the_expressions_mouth_and_gives_it_back() -> void:
	var lips := AnimeLipSync.new()
	var character := character_with([lips])
	character.express_pose(AnimePose.from_values({"mouth_delta": 1.0, "mouth_raised_corner": 1.0}), 0.0)
	lips.speak_visemes([[0.0, "iii", 1.0], [1.0, "closed", 0.0]])
	trace(character, lips, "mouth_iii", 0.5, 60.0)
	check_near(shown(character, "mouth_iii"), 1.0, 1e-3, "the viseme")
	check_near(shown(character, "mouth_delta"), 0.0, 1e-3, "instead of the expression's mouth")
	check_equal(shown(character, "mouth_raised_corner_left"), 1.0, "while it goes on smiling")
	trace(character, lips, "mouth_iii", 2.0, 60.0)
	check_near(shown(character, "mouth_delta"), 1.0, 1e-3, "afterwards the expression is back")


func test_what_is_no_viseme_is_left_out_with_a_warning() -> void:
	var lips := AnimeLipSync.new()
	character_with([lips])
	take_warnings()
	for wrong: Variant in [7, [], [0.0, "aaa"], ["0", "aaa", 1.0], [0.0, "xyz", 1.0], [NAN, "aaa", 1.0], [0.0, 5, 1.0]]:
		lips.speak_visemes([wrong])
		check(not lips.is_speaking(), "%s" % [wrong])
	check_equal(take_warnings().size(), 7)


func test_kana_are_read_as_moras() -> void:
	var cases: Dictionary[String, Array] = {
		"あいうえお": ["aaa", "iii", "uuu", "eee", "ooo", "closed"],
		"アイウエオ": ["aaa", "iii", "uuu", "eee", "ooo", "closed"],
		"きゃ": ["aaa", "closed"],
		"まみ": ["closed", "aaa", "closed", "iii", "closed"],
		"ラーメン": ["aaa", "closed", "eee", "closed", "closed"],
		"がっこう": ["aaa", "closed", "ooo", "uuu", "closed"],
		"ヴォ": ["ooo", "closed"],
	}
	for text in cases:
		check_equal(_names(TextVisemes.of(text)), cases[text], text)


func test_latin_letters_are_read_as_written() -> void:
	check_equal(_names(TextVisemes.of("Mama")), ["closed", "aaa", "closed", "aaa", "closed"])
	check_equal(_names(TextVisemes.of("é, ö")), ["eee", "closed", "ooo", "closed"])


func test_a_long_vowel_takes_twice_as_long_and_a_time_can_be_given() -> void:
	check_near(TextVisemes.of("らー")[-1][0], 2.0 * TextVisemes.BEAT, 1e-6, "two beats")
	check_near(TextVisemes.of("ai ueo", 3.0)[-1][0], 3.0, 1e-6, "as long as told")


func test_any_text_gives_visemes_in_order() -> void:
	var random := RandomNumberGenerator.new()
	random.seed = 1
	for _case in 200:
		var text := ""
		for _letter in random.randi_range(0, 12):
			text += String.chr(
				[random.randi_range(32, 126), random.randi_range(0x3041, 0x30FF), 0x6F22, 0x1F600].pick_random()
			)
		var last := 0.0
		var keys := TextVisemes.of(text)
		for key: Array in keys:
			check(key[0] >= last and (key[1] in VOWELS or key[1] == TextVisemes.CLOSED), "%s: %s" % [text, key])
			last = key[0]
		check_equal(keys[-1][1], TextVisemes.CLOSED, text)


func test_the_analyser_goes_with_the_node() -> void:
	AudioServer.add_bus()
	var bus := AudioServer.bus_count - 1
	AudioServer.set_bus_name(bus, "Voice")
	var lips := AnimeLipSync.new()
	lips.bus = &"Voice"
	var character := character_with([lips])
	for _frame in 3:
		lips.advance(0.01)
	check_equal(AudioServer.get_bus_effect_count(bus), 1, "put there once")
	character.remove_child(lips)
	check_equal(AudioServer.get_bus_effect_count(bus), 0)
	lips.free()
	AudioServer.remove_bus(bus)


func test_a_bus_that_is_not_there_is_silence() -> void:
	var lips := AnimeLipSync.new()
	lips.bus = &"Nowhere"
	var character := character_with([lips])
	lips.advance(0.1)
	check_equal(shown(character, "mouth_aaa"), 0.0)


func _names(keys: Array) -> Array:
	return keys.map(func(key: Array) -> String: return key[1])
