extends "scenario.gd"
## A node that goes from the graphics card to the processor and back, and away from a card that fails; tells what it
## shows meanwhile.

## In the face, where hardly anything is transparent.
const REGION := Rect2i(232, 112, 32, 32)
const ENGINES := AnimatedAnimeCharacter.EngineChoice

var _texture: Texture2D
var _shader: ShaderInclude = preload("res://addons/anime_character/sources/gpu/shaders/tile.gdshaderinc")


func play() -> void:
	ProjectSettings.set_setting("anime_character/gpu/budget_ms", 0.0)
	RenderingServer.set_default_clear_color(Color.BLACK)
	var node := _add(ENGINES.GPU, Vector2.ZERO)
	_texture = node.texture
	await _tell(node, "gpu")
	await _change(node, ENGINES.CPU, "cpu")
	await _change(node, ENGINES.GPU, "gpu_again")
	# Back and forth before anything is drawn.
	node.engine = ENGINES.CPU
	await _change(node, ENGINES.GPU, "hurry")
	await _fail(node)
	node.free()
	var by_itself := _add(ENGINES.AUTO, Vector2.ZERO)
	await wait_for_picture(by_itself, 200.0)
	tell("auto", by_itself.engine_name)
	tell("auto_warnings", by_itself._get_configuration_warnings())
	by_itself.free()


# A card whose driver takes no shader, with one node that plays on it already and others that come later.
func _fail(node: AnimatedAnimeCharacter) -> void:
	var sound := _shader.code
	_shader.code = "no shader"
	node.mouth_aaa = 0.2
	node.reload()
	node.set_process(false)
	await _tell_kept(node, "failing")
	node.set_process(true)
	await _tell(node, "failed_over")
	var others: Array[AnimatedAnimeCharacter] = []
	for index in 2:
		others.append(_add(ENGINES.GPU, Vector2(64 * (index + 1), 0)))
	for other in others:
		await wait_for_picture(other, 200.0)
		tell("other", other.engine_name)
		# Nothing more is said as it goes on.
		other.head_x = 0.3
		await wait_for_picture(other, 200.0)
		other.free()
	_shader.code = sound


func _add(engine: ENGINES, place: Vector2) -> AnimatedAnimeCharacter:
	return add_character(
		option("character"),
		"",
		func(node: AnimatedAnimeCharacter) -> void:
			node.engine = engine
			node.view = AnimatedAnimeCharacter.View.CUSTOM
			node.custom_region = REGION
			node.mouth_aaa = 0.7
			node.head_y = -0.4
			node.centered = false
			node.position = place
	)


func _change(node: AnimatedAnimeCharacter, engine: ENGINES, moment: String) -> void:
	var before := node.get_image().get_data()
	node.engine = engine
	# No picture of the new engine yet.
	node.set_process(false)
	tell("%s_kept" % moment, node.get_image().get_data() == before)
	await _tell_kept(node, moment)
	node.set_process(true)
	await _tell(node, moment)


# Whether the window shows what the node says that it shows.
func _tell_kept(node: AnimatedAnimeCharacter, moment: String) -> void:
	tell("%s_shown_meanwhile" % moment, await _is_in_window(node))


func _tell(node: AnimatedAnimeCharacter, moment: String) -> void:
	await wait_for_picture(node, 200.0)
	tell("%s_engine" % moment, node.engine_name)
	tell("%s_shown" % moment, await _is_in_window(node))
	tell("%s_texture" % moment, node.texture == _texture)
	node.get_image().save_png(output_file("%s.png" % moment))


func _is_in_window(node: AnimatedAnimeCharacter) -> bool:
	for _frame in 3:
		await RenderingServer.frame_post_draw
	var window := root.get_texture().get_image()
	var seen := window.get_region(Rect2i(Vector2i(node.position), REGION.size))
	var picture := node.get_image()
	var wanted := Image.create_empty(REGION.size.x, REGION.size.y, false, Image.FORMAT_RGBA8)
	wanted.fill(Color.BLACK)
	wanted.blend_rect(picture, Rect2i(Vector2i.ZERO, REGION.size), Vector2i.ZERO)
	seen.convert(Image.FORMAT_RGB8)
	wanted.convert(Image.FORMAT_RGB8)
	return seen.compute_image_metrics(wanted, false)["max"] <= 3.0
