extends "scenario.gd"
## The shares of vowels in given spectra; then a voice that sings the five vowels into an audio bus, and the vowel that
## the mouth makes of each.

const VowelSpectrum := preload("res://addons/anime_character/life/vowel_spectrum.gd")
const RATE := 22050


func play() -> void:
	AudioServer.add_bus()
	AudioServer.set_bus_name(AudioServer.bus_count - 1, "Voice")
	var node := add_character("", "tcp://127.0.0.1:1")
	var player := AudioStreamPlayer.new()
	player.bus = &"Voice"
	root.add_child(player)
	var lips := AnimeLipSync.new()
	lips.audio_player = player
	lips.formant_scale = 1.0
	node.add_child(lips)
	var cases: Array = JSON.parse_string(FileAccess.get_file_as_string(option("cases")))
	for case: Dictionary in cases:
		var magnitudes := PackedFloat32Array(case["magnitudes"] as Array)
		tell("shares", JSON.stringify(VowelSpectrum.new().find_shares(magnitudes, case["scale"] as float)))
	for vowel in VowelSpectrum.VOWELS:
		player.stream = sing(VowelSpectrum.formants_of(vowel), 0.5)
		player.play()
		var heard := func() -> bool:
			var mouth := lips.get_mouth()
			return mouth[VowelSpectrum.VOWELS.find(vowel)] > 0.5 and sum(mouth) < 1.01
		await wait_until(heard, "%s, but the mouth is %s" % [vowel, lips.get_mouth()])
		tell("vowel", vowel)
		player.stop()
		await wait_until(func() -> bool: return sum(lips.get_mouth()) < 0.01, "silence")
	tell("parameter", node.mouth_aaa)
	player.stream = sing(VowelSpectrum.formants_of("aaa"), 0.0005)
	player.play()
	await wait_seconds(0.3)
	tell("whisper", sum(lips.get_mouth()) < 0.01)
	player.stop()
	# What is being mixed holds on to the stream for a moment.
	await wait_seconds(0.2)


func sum(numbers: PackedFloat32Array) -> float:
	var total := 0.0
	for number in numbers:
		total += number
	return total


## A vowel of harmonics of 130 Hz, for ever; [param peak] of full scale.
func sing(formants: Vector3, peak: float) -> AudioStreamWAV:
	var samples := PackedFloat32Array()
	# One second holds whole periods, so it can go on from its beginning.
	samples.resize(RATE)
	var harmonic := 1
	while harmonic * 130 < 5000:
		var amplitude := VowelSpectrum.envelope(formants, harmonic * 130.0)
		# The loudness at some places is enough for one period: the rest repeats.
		for at in RATE / 10:
			samples[at] += amplitude * sin(TAU * harmonic * 130.0 * at / RATE + harmonic * harmonic)
		harmonic += 1
	var largest := 0.0
	for at in RATE / 10:
		largest = maxf(largest, absf(samples[at]))
	var bytes := PackedByteArray()
	bytes.resize(RATE / 10 * 2)
	for at in RATE / 10:
		bytes.encode_s16(at * 2, roundi(samples[at] / largest * peak * 32767.0))
	var stream := AudioStreamWAV.new()
	stream.format = AudioStreamWAV.FORMAT_16_BITS
	stream.mix_rate = RATE
	stream.data = bytes
	stream.loop_mode = AudioStreamWAV.LOOP_FORWARD
	# A tenth of a second holds 13 whole periods.
	stream.loop_end = RATE / 10
	return stream
