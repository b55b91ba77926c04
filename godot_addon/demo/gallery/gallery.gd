extends Control
## Every parameter and every expression of a character, on backgrounds that show its edges. Drop a character's file onto
## the window to look at another one.

const DemoOptions := preload("res://demo/shared/demo_options.gd")
const ParameterSliders := preload("res://demo/gallery/parameter_sliders.gd")

## What the character can stand in front of.
const BACKGROUNDS: Dictionary[String, Color] = {
	"Night": Color("3b3557"),
	"White": Color.WHITE,
	"Black": Color.BLACK,
	"Green": Color("3fa34d"),
	"Red": Color("c8323c"),
	"Sky": Color("9fd0f5"),
}

const _NO_CHARACTER := "No character is chosen: drop a .tha4 file onto this window."
# A few parameters at a time: all 45 at once are far from anything that a face does.
const _RANDOM_CHOICES := 8
# Mouths and lids add up: of each of these categories a random pose takes one group.
const _ONE_OF: PackedStringArray = ["mouth", "eye", "eyebrow"]
const _SWATCH := Vector2(34, 28)
# What part of its picture a standing character takes: the uppermost part and the sides are empty.
const _FILLED := 0.86
const _FILLED_ACROSS := 0.6

var _random := RandomNumberGenerator.new()
var _problem := ""
var _pages: Array[ParameterSliders] = []
var _moods: Dictionary[String, Button] = {}

@onready var _character: AnimatedAnimeCharacter = %Character
@onready var _stage: Control = %Stage
@onready var _status: Label = %Status


func _ready() -> void:
	_random.randomize()
	_problem = DemoOptions.apply_to([_character])
	_character.failed.connect(func(message: String) -> void: _problem = message)
	_character.connected.connect(func() -> void: _problem = "")
	for page: ParameterSliders in [%Brows, %Eyes, %Mouth, %Body]:
		page.changed.connect(_character.set_parameter)
		_pages.append(page)
	_add_moods()
	_add_swatches()
	%FullBody.pressed.connect(show_view.bind(AnimatedAnimeCharacter.View.FULL_BODY))
	%HeadOnly.pressed.connect(show_view.bind(AnimatedAnimeCharacter.View.HEAD))
	%Random.pressed.connect(show_random_pose)
	%Reset.pressed.connect(reset)
	%Alive.toggled.connect(_on_alive_toggled)
	%Paired.toggled.connect(_on_paired_toggled)
	get_window().files_dropped.connect(_on_files_dropped)
	_stage.resized.connect(_place_character)
	_place_character()


func _process(_delta: float) -> void:
	_status.text = _describe()


## Shows the whole character or its head, as large as there is room for.
func show_view(view: AnimatedAnimeCharacter.View) -> void:
	_character.view = view
	%FullBody.set_pressed_no_signal(view == AnimatedAnimeCharacter.View.FULL_BODY)
	%HeadOnly.set_pressed_no_signal(view == AnimatedAnimeCharacter.View.HEAD)
	_place_character()


## Moves some sliders, chosen by chance, and leaves the others at rest.
func show_random_pose() -> void:
	reset()
	var used: Array[String] = []
	for _choice in _RANDOM_CHOICES:
		var index := _random.randi_range(0, AnimatedAnimeCharacter.PARAMETER_COUNT - 1)
		var category := AnimatedAnimeCharacter.PARAMETER_CATEGORIES[index]
		if category in used:
			continue
		if category in _ONE_OF:
			used.append(category)
		var value := _random.randf_range(
			AnimatedAnimeCharacter.PARAMETER_MINIMUMS[index], AnimatedAnimeCharacter.PARAMETER_MAXIMUMS[index]
		)
		for side in AnimatedAnimeCharacter.indices_of(AnimatedAnimeCharacter.PARAMETER_GROUPS[index]):
			_set_slider(AnimatedAnimeCharacter.PARAMETER_NAMES[side], value)


## No expression, and every slider at rest.
func reset() -> void:
	show_mood("")
	for parameter in AnimatedAnimeCharacter.PARAMETER_NAMES:
		_set_slider(parameter, 0.0)


## Blends to an expression; to none with an empty name.
func show_mood(mood: String) -> void:
	if mood.is_empty():
		_character.clear_expression()
	else:
		_character.express(mood, 0.3)
	for known in _moods:
		_moods[known].set_pressed_no_signal(known == mood)


func _set_slider(parameter: String, value: float) -> void:
	for page in _pages:
		page.set_value(parameter, value)


# The mouths of lip-sync are expressions, too, but no moods.
func _add_moods() -> void:
	for mood in _character.get_expression_names():
		if mood.begins_with("viseme_"):
			continue
		var button := Button.new()
		button.text = mood.replace("_", " ").capitalize()
		button.toggle_mode = true
		button.size_flags_horizontal = SIZE_EXPAND_FILL
		button.toggled.connect(func(on: bool) -> void: show_mood(mood if on else ""))
		%Moods.add_child(button)
		_moods[mood] = button


func _add_swatches() -> void:
	for colour_name in BACKGROUNDS:
		var swatch := Button.new()
		var style := StyleBoxFlat.new()
		style.bg_color = BACKGROUNDS[colour_name]
		style.set_corner_radius_all(6)
		style.set_border_width_all(2)
		style.border_color = Color(1, 1, 1, 0.35)
		for state: StringName in [&"normal", &"hover", &"pressed"]:
			swatch.add_theme_stylebox_override(state, style)
		swatch.custom_minimum_size = _SWATCH
		swatch.tooltip_text = colour_name
		swatch.pressed.connect(show_background.bind(colour_name))
		%Swatches.add_child(swatch)


## Puts the character in front of one of [constant BACKGROUNDS].
func show_background(colour_name: String) -> void:
	%Background.color = BACKGROUNDS[colour_name]


# The character is a 2D node, which containers do not place: as large as fits, standing on the window's lower edge.
func _place_character() -> void:
	var room := _stage.size
	var width := _character.get_rect().size.x
	var height := _character.get_rect().size.y
	var larger := minf(room.x / width, room.y / height)
	if _character.view == AnimatedAnimeCharacter.View.FULL_BODY:
		larger = minf(room.x / (width * _FILLED_ACROSS), room.y / (height * _FILLED))
	_character.scale = Vector2.ONE * larger
	_character.position = Vector2(room.x / 2.0, room.y - height * larger / 2.0)


func _describe() -> String:
	if not _problem.is_empty():
		return _problem
	if _character.character == null:
		return _NO_CHARACTER
	if not _character.is_animated():
		return "In a moment she will move ..."
	return (
		"%d fps     %s engine     %.1f ms to render, %.1f ms until it is here"
		% [
			roundi(Engine.get_frames_per_second()),
			_character.engine_name,
			_character.render_ms,
			_character.latency_ms,
		]
	)


func _on_alive_toggled(on: bool) -> void:
	for life: String in ["Blink", "Breath", "Idle", "LookAt"]:
		_character.get_node(life).set("enabled", on)


func _on_paired_toggled(on: bool) -> void:
	for page in _pages:
		page.paired = on


func _on_files_dropped(files: PackedStringArray) -> void:
	var problems: Array[String] = []
	var dropped := AnimeCharacter.from_file(files[0], problems)
	_problem = "" if dropped else problems[-1]
	if dropped:
		_character.character = dropped
		_place_character()
