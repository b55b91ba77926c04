extends Control
## A short dialogue of two characters. A click, Space or Enter goes on.

## A line has begun to be said.
signal line_began(place: int)
## There is something to choose.
signal choice_offered
## The last line has been said.
signal ended

const DemoOptions := preload("res://demo/shared/demo_options.gd")
const Story := preload("res://demo/visual_novel/story.gd")

const _FADE := 0.35
const _LISTENING := Color(0.72, 0.72, 0.8)
# What part of the window's height a character's picture takes, and how far in from its side she stands.
const _HEIGHT := 1.22
const _ASIDE := 0.27

## The dialogue.
@export_file("*.json") var story_path: String = "res://demo/visual_novel/midnight.json"

var _story: Story
var _place := -1
var _typing: Tween

@onready var _actors: Dictionary[String, AnimatedAnimeCharacter] = {"yunagi": %Yunagi, "kohaku": %Kohaku}
@onready var _text: Label = %Text
@onready var _name: Label = %Name
@onready var _more: Label = %More
@onready var _choices: VBoxContainer = %Choices


func _ready() -> void:
	var nodes: Array[AnimatedAnimeCharacter] = []
	nodes.assign(_actors.values())
	var problem := DemoOptions.apply_to(nodes)
	_say_problem(problem)
	for node in nodes:
		node.failed.connect(_say_problem)
		node.connected.connect(_say_problem.bind(""))
	_story = Story.new(story_path)
	resized.connect(_place_actors)
	_place_actors()
	if _story.problem.is_empty():
		_begin()
	else:
		_say_problem(_story.problem)


func _unhandled_input(event: InputEvent) -> void:
	var click := event as InputEventMouseButton
	var clicked := click != null and click.pressed and click.button_index == MOUSE_BUTTON_LEFT
	if clicked or event.is_action_pressed("ui_accept"):
		get_viewport().set_input_as_handled()
		go_on()


## Where in the story it is: the number of the line, from 0.
func get_place() -> int:
	return _place


## Whether a line is being said.
func is_typing() -> bool:
	return _typing != null and _typing.is_running()


## Shows the rest of a line that is being said; otherwise goes on to the next one. Does nothing while there is something
## to choose.
func go_on() -> void:
	if _choices.visible:
		return
	if is_typing():
		_typing.kill()
		for actor: AnimatedAnimeCharacter in _actors.values():
			_lips(actor).stop_speaking()
		_finish_line()
	elif _story.line(_place) != null:
		_go_to(_story.after(_place))


func _begin() -> void:
	for actor: AnimatedAnimeCharacter in _actors.values():
		actor.clear_expression(_FADE)
	_go_to(0)


func _go_to(place: int) -> void:
	_place = place
	_clear_choices()
	var line := _story.line(place)
	if line == null:
		_end()
	elif line.choices.is_empty():
		_say(line)
	else:
		_offer(line.choices)


# The text appears as fast as the mouth says it.
func _say(line: Story.Line) -> void:
	_name.text = _story.cast[line.who]
	_text.text = line.say
	_text.visible_ratio = 0.0
	_more.hide()
	_light(line.who)
	var actor := _actors[line.who]
	if not line.mood.is_empty():
		actor.express(line.mood, _FADE)
	var seconds := _lips(actor).speak_text(line.say)
	_typing = create_tween()
	_typing.tween_property(_text, "visible_ratio", 1.0, seconds)
	_typing.tween_callback(_finish_line)
	line_began.emit(_place)


func _finish_line() -> void:
	_text.visible_ratio = 1.0
	_more.show()


func _offer(choices: Dictionary[String, String]) -> void:
	_more.hide()
	for words in choices:
		_add_choice(words, func() -> void: _go_to(_story.place_of(choices[words])))
	choice_offered.emit()


func _end() -> void:
	_light("")
	_more.hide()
	_add_choice("Once more", _begin)
	_add_choice("Back to the demos", %Back.go_back)
	ended.emit()


func _add_choice(words: String, chosen: Callable) -> void:
	var button := Button.new()
	button.text = words
	button.custom_minimum_size = Vector2(440, 52)
	button.add_theme_font_size_override("font_size", 18)
	button.pressed.connect(chosen)
	_choices.add_child(button)
	_choices.show()


func _clear_choices() -> void:
	_choices.hide()
	for button in _choices.get_children():
		button.queue_free()


# Who speaks stands in the light.
func _light(speaker: String) -> void:
	var tween := create_tween().set_parallel()
	for actor in _actors:
		tween.tween_property(_actors[actor], "modulate", Color.WHITE if actor == speaker else _LISTENING, _FADE)


func _place_actors() -> void:
	var picture := float(AnimatedAnimeCharacter.PICTURE.size.y)
	var places: Dictionary[String, float] = {"yunagi": _ASIDE, "kohaku": 1.0 - _ASIDE}
	for actor in _actors:
		_actors[actor].scale = Vector2.ONE * size.y * _HEIGHT / picture
		_actors[actor].position = Vector2(size.x * places[actor], size.y * _HEIGHT * 0.5 - size.y * 0.1)


func _say_problem(problem: String) -> void:
	%Problem.text = problem


static func _lips(actor: AnimatedAnimeCharacter) -> AnimeLipSync:
	return actor.get_node("LipSync") as AnimeLipSync
