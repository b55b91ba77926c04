extends Control
## The demos' menu. Its character looks at the mouse, and is glad about every button.

const DemoOptions := preload("res://demo/shared/demo_options.gd")
const SceneChange := preload("res://demo/shared/scene_change.gd")

## What a button opens, by its name.
const SCENES: Dictionary[String, String] = {
	"Gallery": "res://demo/gallery/gallery.tscn",
	"VisualNovel": "res://demo/visual_novel/visual_novel.tscn",
	"Puppet": "res://demo/puppet/puppet.tscn",
	"Billboard": "res://demo/billboard/billboard.tscn",
}

## Who plays in the demos.
const CAST: Array[AnimeCharacter] = [
	preload("res://demo/characters/yunagi.tha4"),
	preload("res://demo/characters/kohaku.tha4"),
]

@onready var _character: AnimatedAnimeCharacter = %Character
@onready var _status: Label = %Status
@onready var _credits: Label = %Credits


func _ready() -> void:
	_status.text = DemoOptions.apply_to([_character])
	var cast := CAST.duplicate()
	cast.append(_character.character)
	_credits.text = "\n".join(_credits_of(cast))
	_character.failed.connect(func(message: String) -> void: _status.text = message)
	_character.connected.connect(func() -> void: _status.text = "")
	for button_name in SCENES:
		var button: Button = %Buttons.get_node(button_name)
		button.pressed.connect(open.bind(button_name))
		for glad: Signal in [button.mouse_entered, button.focus_entered]:
			glad.connect(_character.express.bind("joy", 0.3))
		for calm: Signal in [button.mouse_exited, button.focus_exited]:
			calm.connect(_character.clear_expression.bind(0.6))
	resized.connect(_place_character)
	_place_character()


## Opens a demo of [constant SCENES].
func open(demo: String) -> void:
	SceneChange.open(get_tree(), SCENES[demo])


# Each line once, whoever's it is.
func _credits_of(cast: Array[AnimeCharacter]) -> PackedStringArray:
	var lines := PackedStringArray()
	for character in cast:
		for line in character.credits() if character else PackedStringArray():
			if not line in lines:
				lines.append(line)
	return lines


# The uppermost part of a character's picture is empty, so that more than the window's height fits.
func _place_character() -> void:
	_character.scale = Vector2.ONE * size.y * 1.15 / AnimatedAnimeCharacter.PICTURE.size.y
	_character.position = Vector2(size.x * 0.74, size.y * (1.0 - 1.15 / 2.0))
