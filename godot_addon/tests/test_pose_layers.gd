extends TestCase

const PoseLayer := preload("res://addons/anime_character/pose/pose_layer.gd")
const PoseLayers := preload("res://addons/anime_character/pose/pose_layers.gd")

const MOUTH := 26
const HEAD := 39


func _base(mouth: float) -> PackedFloat32Array:
	var base := PackedFloat32Array()
	base.resize(45)
	base[MOUTH] = mouth
	return base


func test_layers_lie_on_each_other_in_the_order_of_their_slots() -> void:
	var layers := PoseLayers.new()
	# Opened the other way round, on purpose.
	for slot: PoseLayers.Slot in [
		PoseLayers.Slot.CODE, PoseLayers.Slot.BLINK, PoseLayers.Slot.LIP_SYNC, PoseLayers.Slot.EXPRESSION
	]:
		layers.open(slot).put(MOUTH, slot / 16.0)
		check_equal(layers.compose(_base(0.0))[MOUTH], PoseLayers.Slot.CODE / 16.0)
	check_equal(layers.compose(_base(0.0), PoseLayers.Slot.CODE)[MOUTH], PoseLayers.Slot.BLINK / 16.0)
	check_equal(layers.compose(_base(0.0), PoseLayers.Slot.BLINK)[MOUTH], PoseLayers.Slot.LIP_SYNC / 16.0)
	check_equal(layers.compose(_base(0.0), PoseLayers.Slot.LIP_SYNC)[MOUTH], PoseLayers.Slot.EXPRESSION / 16.0)
	check_equal(layers.compose(_base(0.5), PoseLayers.Slot.EXPRESSION)[MOUTH], 0.5)


func test_a_weight_tells_how_much_is_replaced() -> void:
	var layers := PoseLayers.new()
	var layer := layers.open(PoseLayers.Slot.EXPRESSION)
	layer.put(MOUTH, 1.0, 0.25)
	check_equal(layers.compose(_base(0.0))[MOUTH], 0.25)
	check_equal(layers.compose(_base(1.0))[MOUTH], 1.0)
	layers.open(PoseLayers.Slot.LIP_SYNC).put(MOUTH, 0.0, 0.5)
	check_equal(layers.compose(_base(0.0))[MOUTH], 0.125)


func test_what_is_added_counts_from_what_lies_below_and_is_clamped_at_the_end() -> void:
	var layers := PoseLayers.new()
	layers.open(PoseLayers.Slot.MOTION).add(MOUTH, 0.5)
	check_equal(layers.compose(_base(0.25))[MOUTH], 0.75)
	check_equal(layers.compose(_base(1.0))[MOUTH], 1.0)
	layers.open(PoseLayers.Slot.MOTION).add(MOUTH, -0.75)
	check_equal(layers.compose(_base(1.0))[MOUTH], 0.75, "only the sum is clamped")


func test_in_one_slot_the_layer_that_was_opened_last_is_on_top() -> void:
	var layers := PoseLayers.new()
	var first := layers.open(PoseLayers.Slot.LOOK)
	var second := layers.open(PoseLayers.Slot.LOOK)
	second.put(HEAD, 0.5)
	first.put(HEAD, -0.5)
	check_equal(layers.compose(_base(0.0))[HEAD], 0.5)
	layers.close(second)
	check_equal(layers.compose(_base(0.0))[HEAD], -0.5)
	layers.close(first)
	check_equal([layers.compose(_base(0.0))[HEAD], layers.count()], [0.0, 0])


func test_changes_are_told_and_nothing_else_is() -> void:
	var layers := PoseLayers.new()
	var layer := layers.open(PoseLayers.Slot.CODE)
	var told: Array[int] = []
	layers.changed.connect(func() -> void: told.append(1))
	layer.put(MOUTH, 0.3)
	check_equal(told.size(), 1)
	layer.put(MOUTH, 0.4)
	check_equal(told.size(), 1, "once, until somebody has looked")
	layers.compose(_base(0.0), PoseLayers.Slot.CODE)
	layer.put(MOUTH, 0.5)
	check_equal(told.size(), 1, "at the whole pose")
	layers.compose(_base(0.0))
	layer.put(MOUTH, 0.5)
	check_equal(told.size(), 1, "the same again")
	layer.clear()
	check_equal(told.size(), 2)
	layers.compose(_base(0.0))
	layer.clear()
	check_equal(told.size(), 2, "nothing to clear")
	layers.close(layer)
	check_equal(told.size(), 3)
	layers.compose(_base(0.0))
	layer.put(MOUTH, 1.0)
	check_equal(told.size(), 3, "a closed layer is nobody's")


func test_numbers_that_are_none_are_not_taken() -> void:
	var layers := PoseLayers.new()
	var layer := layers.open(PoseLayers.Slot.CODE)
	layer.put(MOUTH, NAN)
	layer.put(MOUTH, 1.0, INF)
	layer.add(MOUTH, -INF)
	check_equal(layers.compose(_base(0.5))[MOUTH], 0.5)


func test_the_middle_of_two_layers_shows_the_middle_of_what_they_show() -> void:
	var random := RandomNumberGenerator.new()
	random.seed = 5
	for _case in 50:
		var base := _base(random.randf())
		var one := _composed(base, random.randf(), random.randf())
		var weight_two := random.randf()
		var value_two := random.randf()
		var two := _composed(base, value_two, weight_two)
		var layers := PoseLayers.new()
		var layer := layers.open(PoseLayers.Slot.EXPRESSION)
		var amounts := (one.layer.amounts as PackedFloat32Array).duplicate()
		var weights := (one.layer.weights as PackedFloat32Array).duplicate()
		amounts[MOUTH] = (amounts[MOUTH] + two.layer.amounts[MOUTH]) / 2.0
		weights[MOUTH] = (weights[MOUTH] + two.layer.weights[MOUTH]) / 2.0
		layer.assign(amounts, weights)
		var middle := (one.shown + two.shown) / 2.0 as float
		check(absf(layers.compose(base)[MOUTH] - middle) < 1e-6, "the middle of %s and %s" % [one.shown, two.shown])


func _composed(base: PackedFloat32Array, value: float, weight: float) -> Dictionary:
	var layers := PoseLayers.new()
	var layer := layers.open(PoseLayers.Slot.EXPRESSION)
	layer.put(MOUTH, value, weight)
	return {"layer": layer, "shown": layers.compose(base)[MOUTH]}
