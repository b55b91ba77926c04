extends "scenario.gd"
## Shows a character that has a larger drawing small, large and small again, and tells what its pictures and its texture
## are meanwhile.

var _node: AnimatedAnimeCharacter


func play() -> void:
	_node = add_character(option("character"), "")
	var texture := _node.texture
	await wait_for_picture(_node)
	tell("small", _sizes())
	_node.mouth_aaa = 1.0
	_node.head_y = -0.5
	_node.view = AnimatedAnimeCharacter.View.HEAD
	# Of a window as small as this one the project's stretch leaves little.
	var stretch := root.get_final_transform().get_scale().x
	_node.scale = Vector2.ONE * 2.2 / stretch
	await _wait_for_side(384)
	tell("large", _sizes())
	_node.get_image().save_png(output_file("large.png"))
	_node.scale = Vector2.ONE * 0.5 / stretch
	await _wait_for_side(192)
	tell("small_again", _sizes())
	_node.resolution_scale = 4.0
	await wait_for_picture(_node)
	tell("asked", _sizes())
	tell("same", texture == _node.texture)
	tell("warnings", _node._get_configuration_warnings())


func _wait_for_side(side: int) -> void:
	var is_there := func() -> bool: return _node.is_up_to_date() and _node.get_image().get_width() == side
	await wait_until(is_there, "a picture of %d pixels a side" % side)


func _sizes() -> Array:
	return [_node.get_image().get_size(), _node.texture.get_size(), _node.picture_scale]
