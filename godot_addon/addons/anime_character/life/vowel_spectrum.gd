@tool
extends RefCounted
## Which vowel a sound is most like, from how loud it is in a few bands of frequency.
##
## Each vowel has a spectrum that follows from its formants: resonances of the vocal tract on a source that falls by
## 6 dB an octave (Fant's source-filter model). A sound is compared with those spectra in decibels, so that loudness
## does not matter.

## The vowels, as the parameters of the mouth are named: aaa, iii, uuu, eee, ooo.
const VOWELS: PackedStringArray = ["aaa", "iii", "uuu", "eee", "ooo"]
## From and to, in Hz. Each is wide enough to hold a harmonic of a high voice, so they overlap.
const BANDS: Array[Vector2] = [
	Vector2(150, 450),
	Vector2(300, 600),
	Vector2(450, 750),
	Vector2(600, 1000),
	Vector2(800, 1300),
	Vector2(1100, 1700),
	Vector2(1500, 2300),
	Vector2(2000, 3000),
	Vector2(2700, 4000),
]

# Of an adult male voice, in Hz, vowel by vowel.
const _FORMANTS: Array[Vector3] = [
	Vector3(780, 1200, 2600),
	Vector3(300, 2250, 3000),
	Vector3(340, 1250, 2300),
	Vector3(480, 1900, 2550),
	Vector3(480, 850, 2550),
]
const _BANDWIDTHS := Vector3(90, 110, 150)
# What is further below the loudest band is noise.
const _RANGE_DB := 42.0
# How much a spectrum may differ, in decibels (root mean square), before it is hardly that vowel any more.
const _TOLERANCE_DB := 3.0
const _STEP_HZ := 25.0

# The spectra of the vowels in decibels, for the last scale that was asked for.
var _templates: Array[PackedFloat32Array] = []
var _scale := 0.0


## How much of each of [constant VOWELS] there is in a sound, together 1. [param magnitudes]: the largest magnitude in
## each of [constant BANDS]. [param formant_scale]: 1 for an adult male voice, about 1.17 for a female one, 1.3 and
## more for a child's.
func find_shares(magnitudes: PackedFloat32Array, formant_scale: float) -> PackedFloat32Array:
	if _scale != formant_scale:
		_scale = formant_scale
		_templates.clear()
		for formants in _FORMANTS:
			_templates.append(_levels(_spectrum_of(formants * formant_scale)))
	var levels := _levels(magnitudes)
	var distances := PackedFloat32Array()
	for template in _templates:
		var squares := 0.0
		for band in levels.size():
			squares += (levels[band] - template[band]) * (levels[band] - template[band])
		distances.append(squares / levels.size())
	# The nearest is taken as the measure, so that a sound that is like none still has shares.
	var nearest := distances[0]
	for distance in distances:
		nearest = minf(nearest, distance)
	var shares := PackedFloat32Array()
	var total := 0.0
	for distance in distances:
		shares.append(exp((nearest - distance) / (2.0 * _TOLERANCE_DB * _TOLERANCE_DB)))
		total += shares[-1]
	for vowel in shares.size():
		shares[vowel] /= total
	return shares


## The magnitude that a vowel with these formants (Hz) has at a frequency.
static func envelope(formants: Vector3, frequency: float) -> float:
	var magnitude := 1.0 / frequency
	for number in 3:
		var half := _BANDWIDTHS[number] / 2.0
		var resonance := formants[number]
		var near := (frequency - resonance) * (frequency - resonance) + half * half
		var far := (frequency + resonance) * (frequency + resonance) + half * half
		magnitude *= (resonance * resonance + half * half) / sqrt(near * far)
	return magnitude


## The formants of one of [constant VOWELS] in Hz, for an adult male voice.
static func formants_of(vowel: String) -> Vector3:
	return _FORMANTS[VOWELS.find(vowel)]


static func _spectrum_of(formants: Vector3) -> PackedFloat32Array:
	var magnitudes := PackedFloat32Array()
	for band in BANDS:
		var largest := 0.0
		var frequency := band.x
		while frequency <= band.y:
			largest = maxf(largest, envelope(formants, frequency))
			frequency += _STEP_HZ
		magnitudes.append(largest)
	return magnitudes


# Decibels around their mean.
static func _levels(magnitudes: PackedFloat32Array) -> PackedFloat32Array:
	var levels := PackedFloat32Array()
	var loudest := -INF
	for magnitude in magnitudes:
		levels.append(linear_to_db(maxf(magnitude, 1e-9)))
		loudest = maxf(loudest, levels[-1])
	var mean := 0.0
	for band in levels.size():
		levels[band] = maxf(levels[band], loudest - _RANGE_DB)
		mean += levels[band] / levels.size()
	for band in levels.size():
		levels[band] -= mean
	return levels
