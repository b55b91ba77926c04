@tool
extends "picture_source.gd"
## Picture sources in order, as one: the first that can be had makes the pictures, and one that gives up hands over to
## the next, while the last picture stays.
##
## A source that has given up is closed, unless no other can be had: then it stays, as what hindered it may be mended.

const PictureSource := preload("picture_source.gd")

const _INSTEAD: Dictionary[String, String] = {
	"gpu": "The graphics card plays instead.",
	"cpu": "The processor plays instead.",
	"bridge": "A bridge is looked for instead.",
	"web": "The web page plays instead.",
}


## One source that is to be tried.
class Attempt:
	extends RefCounted
	## What it is: [code]gpu[/code], [code]cpu[/code], [code]bridge[/code] or [code]web[/code].
	var kind := ""
	## Gives why it cannot be had, as a sentence, or an empty text.
	var why_not: Callable
	## Makes it. Its parameter is why those before it do not play, as sentences.
	var make: Callable

	func _init(what: String, reason: Callable, maker: Callable) -> void:
		kind = what
		why_not = reason
		make = maker


## The kind of the source that makes the pictures now.
var kind := ""
## What is wrong while another source than the one that was wished for makes the pictures; empty otherwise.
var detour := ""

var _attempts: Array[Attempt]
var _current: PictureSource
# Counts those that have been begun with, so that the last words of one that is done with are known.
var _turn := 0
# Sources that have given up, or belonged to an older relay, and whose picture on the graphics card is shown still.
var _held: Array[PictureSource] = []
var _shows_device_texture := false
var _reasons := PackedStringArray()
var _is_closed := false
# What is to be said as soon as somebody can listen.
var _unsaid := PackedStringArray()


## [param attempts]: at least one, of which the last can always be had. [param insists]: somebody has asked for the
## first of them, so that it is said when it cannot be had.
func _init(attempts: Array[Attempt], insists: bool) -> void:
	_attempts = attempts.duplicate()
	var first := _attempts[0]
	_begin_next()
	if insists and kind != first.kind:
		_say_detour(_reasons[0])
		_unsaid.append(detour)


## Keeps another source alive, which is not used any more, until a picture has taken the place of its last one, which is
## on the graphics card.
func hold(source: PictureSource) -> void:
	_held.append(source)


func poll() -> void:
	while not _unsaid.is_empty():
		var message := _unsaid[0]
		_unsaid.remove_at(0)
		failed.emit(message)
	if not _is_closed:
		_current.poll()


func may_ask(number: int) -> bool:
	return _current.may_ask(number)


func ask(number: int, pose: PackedFloat32Array, region: Rect2i, scale: float) -> void:
	_current.ask(number, pose, region, scale)


func read_back() -> Image:
	return _current.read_back() if _held.is_empty() else _held[-1].read_back()


func close() -> void:
	_is_closed = true
	_unsaid.clear()
	_current.close()
	_let_go()


# Begins with the next source that can be had; whether there is one.
func _begin_next() -> bool:
	while not _attempts.is_empty():
		var attempt: Attempt = _attempts.pop_front()
		var reason: String = attempt.why_not.call()
		if reason.is_empty():
			kind = attempt.kind
			_current = attempt.make.call(_why_it_came_to_this())
			_turn += 1
			_listen(_current)
			return true
		_reasons.append(reason)
	return false


# Why those that were tried before do not play, each a sentence that begins in the middle of one.
func _why_it_came_to_this() -> String:
	var said := ""
	for reason in _reasons:
		said += reason if said.is_empty() else " %s%s" % [reason.left(1).to_upper(), reason.substr(1)]
	return said


func _listen(source: PictureSource) -> void:
	source.connected.connect(_on_connected.bind(_turn))
	source.lost.connect(_on_lost.bind(_turn))
	source.picture_arrived.connect(_on_picture_arrived.bind(_turn))
	source.failed.connect(_on_failed.bind(_turn))
	source.gave_up.connect(_on_gave_up.bind(_turn))


func _let_go() -> void:
	for source in _held:
		source.close()
	_held.clear()


func _say_detour(reason: String) -> void:
	detour = "%s %s" % [reason, _INSTEAD[kind]]


func _on_connected(turn: int) -> void:
	if turn == _turn:
		engine = _current.engine
		connected.emit()


func _on_lost(turn: int) -> void:
	if turn == _turn:
		engine = ""
		lost.emit()


func _on_picture_arrived(picture: Picture, turn: int) -> void:
	if turn != _turn:
		return
	_shows_device_texture = picture.device_texture.is_valid()
	picture_arrived.emit(picture)
	if not _held.is_empty():
		_let_go()


func _on_failed(message: String, turn: int) -> void:
	if turn == _turn:
		failed.emit(message)


func _on_gave_up(message: String, turn: int) -> void:
	if turn != _turn:
		return
	var source := _current
	_reasons.append(message)
	if not _begin_next():
		failed.emit(message)
		return
	if _shows_device_texture:
		_held.append(source)
	else:
		source.close()
	_shows_device_texture = false
	_say_detour(message)
	if not engine.is_empty():
		engine = ""
		lost.emit()
	if not _is_closed:
		failed.emit(detour)
