@tool
extends RefCounted
## What a mouth does while it says a text: kana and Latin letters, read as they are written.
##
## A kana is one beat (a mora). Latin vowels have their Italian or Japanese values, and letters before a vowel shape its
## beginning: closed for b, m and p. A character of another script is a beat of a half-open mouth.

## The beat of a mora or a Latin vowel, in seconds.
const BEAT := 0.14
## A mouth that is closed, beside the five vowels.
const CLOSED := "closed"

const _CONSONANT := 0.05
const _PAUSE := 0.3
# Hiragana by the vowel that they end with.
const _KANA: Dictionary[String, String] = {
	"aaa": "あかさたなはまやらわがざだばぱ",
	"iii": "いきしちにひみりゐぎじぢびぴ",
	"uuu": "うくすつぬふむゆるゔぐずづぶぷ",
	"eee": "えけせてねへめれゑげぜでべぺ",
	"ooo": "おこそとのほもよろをごぞどぼぽ",
}
# They change the vowel of the kana before them.
const _SMALL_KANA: Dictionary[String, String] = {
	"ぁ": "aaa", "ぃ": "iii", "ぅ": "uuu", "ぇ": "eee", "ぉ": "ooo", "ゃ": "aaa", "ゅ": "uuu", "ょ": "ooo", "ゎ": "aaa"
}
const _LATIN: Dictionary[String, String] = {
	"aaa": "aàáâãäåāæ", "iii": "iìíîïīyý", "uuu": "uùúûüūw", "eee": "eèéêëē", "ooo": "oòóôõöōøœ"
}
const _LIPS_MEET_KANA := "まみむめもばびぶべぼぱぴぷぺぽ"
const _LIPS_MEET_LATIN := "bmp"
const _LONG := "ー～〜"
const _SILENT_KANA := "んっ"
const _PUNCTUATION := ".,!?;:…。、！？；：—"
const _WEIGHTS: Dictionary[String, float] = {"aaa": 1.0, "iii": 0.8, "uuu": 0.8, "eee": 0.8, "ooo": 0.9}
# From the first katakana to the hiragana of the same sound.
const _KATAKANA_FIRST := 0x30A1
const _KATAKANA_LAST := 0x30F6
const _KATAKANA_TO_HIRAGANA := 0x60


## The visemes of a text, each [code][time, viseme, weight][/code]: seconds from the beginning, one of aaa, iii, uuu,
## eee, ooo and closed, and how much of it. The last one is closed. With [param seconds] above 0 it takes just so long.
static func of(text: String, seconds: float = 0.0) -> Array:
	var keys: Array = []
	var time := 0.0
	for letter in text.to_lower():
		time += _say(_as_hiragana(letter), keys, time)
	keys.append([time, CLOSED, 0.0])
	if seconds > 0.0 and time > 0.0:
		for key: Array in keys:
			key[0] *= seconds / time
	return keys


# Appends what a letter does to the mouth; gives how long it takes.
static func _say(letter: String, keys: Array, time: float) -> float:
	if letter in _LONG:
		return BEAT if not keys.is_empty() else 0.0
	if letter in _SMALL_KANA:
		if keys.is_empty():
			keys.append([time, CLOSED, 0.0])
		keys[-1] = [keys[-1][0], _SMALL_KANA[letter], _WEIGHTS[_SMALL_KANA[letter]]]
		return 0.0 if time > 0.0 else BEAT
	if letter in _SILENT_KANA:
		keys.append([time, CLOSED, 0.0])
		return BEAT
	if letter in _PUNCTUATION or letter == "\n":
		keys.append([time, CLOSED, 0.0])
		return _PAUSE
	for vowel in _KANA:
		if letter in _KANA[vowel]:
			return _open(vowel, letter in _LIPS_MEET_KANA, keys, time)
		if letter in _LATIN[vowel]:
			return _open(vowel, false, keys, time)
	if letter in _LIPS_MEET_LATIN:
		keys.append([time, CLOSED, 0.0])
		return _CONSONANT
	if letter.to_upper() == letter and letter.unicode_at(0) < 0x250:
		# A space, a digit or another sign.
		return _CONSONANT
	if letter.unicode_at(0) < 0x250:
		keys.append([time, "iii", 0.25])
		return _CONSONANT
	keys.append([time, "aaa", 0.5])
	return BEAT


static func _open(vowel: String, lips_meet: bool, keys: Array, time: float) -> float:
	var start := time
	if lips_meet:
		keys.append([time, CLOSED, 0.0])
		start += _CONSONANT
	keys.append([start, vowel, _WEIGHTS[vowel]])
	return BEAT


static func _as_hiragana(letter: String) -> String:
	var code := letter.unicode_at(0)
	if code < _KATAKANA_FIRST or code > _KATAKANA_LAST:
		return letter
	return String.chr(code - _KATAKANA_TO_HIRAGANA)
