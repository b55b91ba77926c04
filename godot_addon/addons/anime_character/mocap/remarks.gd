@tool
extends RefCounted
## What is said of datagrams that were passed over, in whole or in part: each kind once, not for every datagram.

const Reading := preload("reading.gd")

# Unknown names are gathered for so long, so that one sentence has them all.
const _GATHER_S := 1.0
const _MAX_NAMES := 256
const _SHOWN_NAMES := 8

var _said: Dictionary[String, bool] = {}
var _waiting := PackedStringArray()
var _unknown: Dictionary[String, bool] = {}
var _gathered_s := 0.0


## Takes what a reader made of a datagram.
func take(reading: Reading) -> void:
	for name in reading.unknown:
		if _unknown.size() < _MAX_NAMES and not _said.has("unknown"):
			_unknown[name] = true
	if not reading.problem.is_empty() and reading.unknown.is_empty():
		say(
			"datagram",
			(
				"a datagram that is no face was ignored: %s Is the right protocol chosen? More are only counted."
				% reading.problem
			)
		)
	elif reading.problem.is_empty() and not reading.flaws.is_empty():
		say("part", "a part of a datagram was passed over: %s More are not told of." % reading.flaws[0])


## Takes a sentence that is said once until [method forget]; [param kind] tells what it is about.
func say(kind: String, sentence: String) -> void:
	if not _said.has(kind):
		_said[kind] = true
		_waiting.append(sentence)


## Lets a kind be said again.
func forget(kind: String) -> void:
	_said.erase(kind)


## Whether a kind has been said.
func has_said(kind: String) -> bool:
	return _said.has(kind)


## What is to be said now, after [param delta] more seconds.
func due(delta: float) -> PackedStringArray:
	if not _unknown.is_empty() and not _said.has("unknown"):
		_gathered_s += delta
		if _gathered_s >= _GATHER_S:
			say("unknown", _sentence_of_unknown())
			_unknown.clear()
	var sentences := _waiting
	_waiting = PackedStringArray()
	return sentences


func _sentence_of_unknown() -> String:
	var names := PackedStringArray(_unknown.keys())
	var shown := ", ".join(names.slice(0, _SHOWN_NAMES))
	if names.size() > _SHOWN_NAMES:
		shown += " and %d more" % (names.size() - _SHOWN_NAMES)
	return (
		"these names are neither ARKit's nor VRM's, and are passed over: %s; the sender should use known ones." % shown
	)
