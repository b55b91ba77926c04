extends Node3D
## A character's texture in a lit 3D scene: on a Sprite3D that turns to the camera and that no lamp tints. She looks at
## what floats about her, or into the camera.
##
## The AnimatedAnimeCharacter itself is hidden: it only fills the texture ([member update_when_hidden]).

const DemoOptions := preload("res://demo/shared/demo_options.gd")

@onready var _character: AnimatedAnimeCharacter = %Character
@onready var _look_at: AnimeLookAt = %LookAt
@onready var _problem: Label = %Problem


func _ready() -> void:
	_problem.text = DemoOptions.apply_to([_character])
	_character.failed.connect(func(message: String) -> void: _problem.text = message)
	_character.connected.connect(func() -> void: _problem.text = "")
	%Figure.texture = _character.texture
	%AtTheLight.pressed.connect(look_at_node.bind(%Light))
	%AtYou.pressed.connect(look_at_node.bind(%Camera))
	look_at_node(%Light)


## Lets her look at something in the scene.
func look_at_node(node: Node3D) -> void:
	_look_at.target = node
