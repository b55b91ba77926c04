extends "scenario.gd"
## Some characters to which things happen in any order, as a seed has it, faster than anything can be drawn; then each
## has to show what it is asked for.

const PictureSource := preload("res://addons/anime_character/sources/picture_source.gd")

const _MOST := 3
const _SCALES: Array[float] = [0.0, 0.3, 1.0, 2.0, 4.0]

var _random := RandomNumberGenerator.new()
var _nodes: Array[AnimatedAnimeCharacter] = []
var _files := PackedStringArray()
var _engines := PackedStringArray()
var _made := 0


func play() -> void:
	_random.seed = int(option("seed"))
	_files = option("characters").split("|")
	_engines = option("engines").split("|")
	var happenings: Array[Callable] = [
		_move, _move, _scale_pictures, _choose_view, _choose_engine, _swap, _hide_or_show, _draw_in_other_size
	]
	happenings.append_array([_leave_or_enter, _end, _begin_anew, _go_away, _resize_window])
	for _step in int(option("steps")):
		if _nodes.is_empty() or _nodes.size() < _MOST and _random.randf() < 0.1:
			_add()
		else:
			var happening := happenings[_random.randi_range(0, happenings.size() - 1)]
			happening.call(_nodes[_random.randi_range(0, _nodes.size() - 1)])
		for _frame in _random.randi_range(0, 3):
			await process_frame
	for node in _nodes:
		await _show(node)
	for node in _nodes:
		node.free()
	for _frame in 3:
		await process_frame
	tell("made", _made)


# The character's last wish, and whether its picture is that.
func _show(node: AnimatedAnimeCharacter) -> void:
	if not node.is_inside_tree():
		root.add_child(node)
	if node.character == null:
		node.character = AnimeCharacter.from_file(_files[0])
	node.show()
	node.position = Vector2.ZERO
	node.resolution_scale = _SCALES[_random.randi_range(1, 3)]
	_move(node)
	await wait_until(node.is_up_to_date, "a picture of %s by %s" % [node.name, node.engine_name], 200.0)
	var size := PictureSource.scaled_size(node.get_region(), node.picture_scale)
	tell("right", node.get_image().get_size() == size)


func _add() -> void:
	var node := add_character(_any(_files), option("address"))
	_made += 1
	node.name = "Character%d" % _made
	_choose_engine(node)
	_nodes.append(node)


func _move(node: AnimatedAnimeCharacter) -> void:
	node.mouth_aaa = _random.randf()
	node.head_x = _random.randf_range(-1.0, 1.0)


func _scale_pictures(node: AnimatedAnimeCharacter) -> void:
	node.resolution_scale = _SCALES[_random.randi_range(0, _SCALES.size() - 1)]


func _choose_view(node: AnimatedAnimeCharacter) -> void:
	node.view = AnimatedAnimeCharacter.View.HEAD if _random.randf() < 0.5 else AnimatedAnimeCharacter.View.FULL_BODY


func _choose_engine(node: AnimatedAnimeCharacter) -> void:
	node.engine = AnimatedAnimeCharacter.EngineChoice[_any(_engines)]


func _swap(node: AnimatedAnimeCharacter) -> void:
	node.character = null if _random.randf() < 0.3 else AnimeCharacter.from_file(_any(_files))


func _hide_or_show(node: AnimatedAnimeCharacter) -> void:
	node.visible = not node.visible


func _draw_in_other_size(node: AnimatedAnimeCharacter) -> void:
	node.scale = Vector2.ONE * _random.randf_range(0.1, 4.0)


func _leave_or_enter(node: AnimatedAnimeCharacter) -> void:
	if node.is_inside_tree():
		root.remove_child(node)
	else:
		root.add_child(node)


func _end(node: AnimatedAnimeCharacter) -> void:
	if _random.randf() < 0.3:
		_nodes.erase(node)
		node.free()


func _begin_anew(node: AnimatedAnimeCharacter) -> void:
	node.reload()


func _go_away(node: AnimatedAnimeCharacter) -> void:
	node.position = Vector2(_random.randf_range(-2000.0, 2000.0), 300.0)


func _resize_window(_node: AnimatedAnimeCharacter) -> void:
	root.size = Vector2i(_random.randi_range(200, 1200), _random.randi_range(200, 700))


func _any(of: PackedStringArray) -> String:
	return of[_random.randi_range(0, of.size() - 1)]
