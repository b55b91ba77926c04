@tool
@icon("../icon.svg")
class_name AnimeLipSync
extends "pose_source.gd"
## Lets its parent character's mouth move with a voice: one that is heard, or one whose visemes or text are known.
##
## What is heard is analysed on its audio bus; this node puts the spectrum analyser there. While there is speech it
## shapes the mouth, and between it leaves the mouth to what lies below. Visemes and texts come before what is heard.

## What [method speak_visemes] or [method speak_text] began is over.
signal spoken

const TextVisemes := preload("text_visemes.gd")
const VowelSpectrum := preload("vowel_spectrum.gd")

## How long the mouth takes from one viseme to the next.
const TRANSITION := 0.08

const _LEVEL_FROM_HZ := 100.0
const _LEVEL_TO_HZ := 4000.0
const _SHAPES: PackedStringArray = ["mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo"]
const _OTHER_SHAPES: PackedStringArray = ["mouth_delta", "mouth_smirk"]

## The [AudioStreamPlayer] (2D, 3D) that speaks. Give it an audio bus of its own, or the mouth moves with everything
## that plays on that bus.
@export var audio_player: Node
## The bus that is listened to when there is no [member audio_player]: for a microphone, say.
@export var bus: StringName = &""
## How far the mouth opens: 1 is as far as the voice has it.
@export_range(0.0, 1.5, 0.01) var strength: float = 1.0
## What is less loud is silence.
@export_range(-90.0, 0.0, 0.5, "suffix:dB") var gate_db: float = -50.0
## What is as loud as this opens the mouth fully.
@export_range(-60.0, 0.0, 0.5, "suffix:dB") var full_db: float = -22.0
## How high the voice's formants lie: 1 for an adult male voice, 1.17 for a female one, 1.3 and more for a child's.
@export_range(0.7, 1.8, 0.01) var formant_scale: float = 1.15
## How long the mouth takes to open.
@export_range(0.0, 0.5, 0.005, "suffix:s") var attack: float = 0.03
## How long it takes to close.
@export_range(0.0, 0.5, 0.005, "suffix:s") var release: float = 0.09

var _vowels := VowelSpectrum.new()
var _shapes := _indices(_SHAPES)
var _other_shapes := _indices(_OTHER_SHAPES)
var _mouth := PackedFloat32Array([0.0, 0.0, 0.0, 0.0, 0.0])
# How much of the mouth is this node's: 0 in silence, 1 in speech.
var _presence := 0.0
var _keys: Array = []
# The first of them that is still to come.
var _next_key := 0
var _time := 0.0
# The analyser that this node has put on a bus, so that it can take it away.
var _analyser: AudioEffectSpectrumAnalyzer
var _analyser_bus := &""


func _exit_tree() -> void:
	_remove_analyser()
	super()


## Goes on by [param delta] seconds.
func advance(delta: float) -> void:
	if _keys.is_empty():
		_move(_hear(), delta)
	else:
		_time += delta
		_mouth = _mouth_at(_time)
		_presence = _approach(_presence, 1.0, delta)
		if _time >= _keys[-1][0]:
			_keys = []
			spoken.emit()
	_show()


## Moves the mouth as told: an array of [code][time, viseme, weight][/code], where the time is in seconds from now, the
## viseme one of aaa, iii, uuu, eee, ooo and closed, and the weight from 0 to 1. What is not like that is left out with
## a warning. [signal spoken] tells the end.
func speak_visemes(visemes: Array) -> void:
	var keys: Array = []
	for viseme: Variant in visemes:
		if _is_viseme(viseme):
			keys.append([float(viseme[0]), String(viseme[1]), clampf(viseme[2], 0.0, 1.0)])
		else:
			push_warning('%s: %s is no viseme; give [time, viseme, weight], as [0.2, "aaa", 1.0].' % [name, viseme])
	keys.sort_custom(func(one: Array, other: Array) -> bool: return one[0] < other[0])
	if not keys.is_empty() and keys[-1][1] != TextVisemes.CLOSED:
		keys.append([keys[-1][0] + TRANSITION, TextVisemes.CLOSED, 0.0])
	_keys = keys
	_next_key = 0
	_time = 0.0


## Moves the mouth as if it said a text in kana or Latin letters; gives how long that takes in seconds. With
## [param seconds] above 0 it takes just so long.
func speak_text(text: String, seconds: float = 0.0) -> float:
	speak_visemes(TextVisemes.of(text, seconds))
	return _keys[-1][0]


## Stops what [method speak_visemes] or [method speak_text] began.
func stop_speaking() -> void:
	_keys = []


## Whether visemes or a text are being spoken.
func is_speaking() -> bool:
	return not _keys.is_empty()


## How much of each vowel (aaa, iii, uuu, eee, ooo) the mouth shows.
func get_mouth() -> PackedFloat32Array:
	return _mouth.duplicate()


func _slot() -> PoseLayers.Slot:
	return PoseLayers.Slot.LIP_SYNC


func _show() -> void:
	if _layer == null:
		return
	for number in _shapes.size():
		_layer.put(_shapes[number], clampf(strength * _mouth[number], 0.0, 1.0), _presence)
	for index in _other_shapes:
		_layer.put(index, 0.0, _presence)


func _move(heard: PackedFloat32Array, delta: float) -> void:
	var loudest := 0.0
	for number in _mouth.size():
		_mouth[number] = _approach(_mouth[number], heard[number], delta)
		loudest = maxf(loudest, heard[number])
	_presence = _approach(_presence, 1.0 if loudest > 0.0 else 0.0, delta)


# How far each vowel is open in what is heard now.
func _hear() -> PackedFloat32Array:
	var silence := PackedFloat32Array([0.0, 0.0, 0.0, 0.0, 0.0])
	var is_player := is_instance_valid(audio_player) and "playing" in audio_player and "bus" in audio_player
	if is_instance_valid(audio_player) and not is_player:
		_say_once(
			"player",
			(
				"audio_player is %s, a %s, which plays no sound; choose an AudioStreamPlayer (2D, 3D)."
				% [audio_player.name, audio_player.get_class()]
			)
		)
	var playing := is_player and bool(audio_player.get("playing"))
	var listened := StringName(audio_player.get("bus")) if playing else bus
	if listened.is_empty() or is_instance_valid(audio_player) and not playing:
		return silence
	var spectrum := _spectrum_of(listened)
	if spectrum == null:
		return silence
	var level := linear_to_db(_magnitude(spectrum, Vector2(_LEVEL_FROM_HZ, _LEVEL_TO_HZ)))
	var open := clampf(inverse_lerp(gate_db, maxf(full_db, gate_db + 1.0), level), 0.0, 1.0)
	if open <= 0.0:
		return silence
	var magnitudes := PackedFloat32Array()
	for band in VowelSpectrum.BANDS:
		magnitudes.append(_magnitude(spectrum, band))
	var shares := _vowels.find_shares(magnitudes, formant_scale)
	for number in shares.size():
		shares[number] *= open
	return shares


func _magnitude(spectrum: AudioEffectSpectrumAnalyzerInstance, band: Vector2) -> float:
	var both := spectrum.get_magnitude_for_frequency_range(
		band.x, band.y, AudioEffectSpectrumAnalyzerInstance.MAGNITUDE_MAX
	)
	return maxf(maxf(both.x, both.y), 1e-9)


# What analyses a bus; put there when there is none. Null when there is no such bus.
func _spectrum_of(listened: StringName) -> AudioEffectSpectrumAnalyzerInstance:
	var index := AudioServer.get_bus_index(listened)
	if index < 0:
		_say_once(
			"bus %s" % listened, 'there is no audio bus "%s" to listen to; the panel Audio lists them.' % listened
		)
		return null
	for effect in AudioServer.get_bus_effect_count(index):
		if AudioServer.get_bus_effect(index, effect) is AudioEffectSpectrumAnalyzer:
			return AudioServer.get_bus_effect_instance(index, effect)
	_remove_analyser()
	_analyser = AudioEffectSpectrumAnalyzer.new()
	_analyser.buffer_length = 0.1
	_analyser.fft_size = AudioEffectSpectrumAnalyzer.FFT_SIZE_2048
	_analyser_bus = listened
	AudioServer.add_bus_effect(index, _analyser)
	return AudioServer.get_bus_effect_instance(index, AudioServer.get_bus_effect_count(index) - 1)


func _remove_analyser() -> void:
	var index := AudioServer.get_bus_index(_analyser_bus) if _analyser else -1
	if index >= 0:
		for effect in range(AudioServer.get_bus_effect_count(index) - 1, -1, -1):
			if AudioServer.get_bus_effect(index, effect) == _analyser:
				AudioServer.remove_bus_effect(index, effect)
	_analyser = null


func _mouth_at(time: float) -> PackedFloat32Array:
	while _next_key < _keys.size() and _keys[_next_key][0] <= time:
		_next_key += 1
	var now: Array = _keys[_next_key - 1] if _next_key > 0 else [0.0, TextVisemes.CLOSED, 0.0]
	var next: Array = _keys[mini(_next_key, _keys.size() - 1)]
	var share := 0.0
	if next[0] > time:
		share = smoothstep(maxf(next[0] - TRANSITION, now[0]), next[0], time)
	var mouth := PackedFloat32Array([0.0, 0.0, 0.0, 0.0, 0.0])
	_add_viseme(mouth, now, 1.0 - share)
	_add_viseme(mouth, next, share)
	return mouth


func _approach(value: float, goal: float, delta: float) -> float:
	var time := attack if goal > value else release
	return goal if time <= 0.0 else goal + (value - goal) * exp(-delta / time)


static func _add_viseme(mouth: PackedFloat32Array, key: Array, share: float) -> void:
	var vowel := VowelSpectrum.VOWELS.find(key[1])
	if vowel >= 0:
		mouth[vowel] += key[2] * share


static func _is_viseme(viseme: Variant) -> bool:
	if not viseme is Array or (viseme as Array).size() != 3:
		return false
	for number: Variant in [viseme[0], viseme[2]]:
		if not (number is float or number is int) or not is_finite(number):
			return false
	if not (viseme[1] is String or viseme[1] is StringName):
		return false
	return viseme[1] == TextVisemes.CLOSED or String(viseme[1]) in VowelSpectrum.VOWELS
