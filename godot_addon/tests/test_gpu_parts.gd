extends TestCase

const CharacterNetworks := preload("res://addons/anime_character/sources/character_networks.gd")
const GpuJob := preload("res://addons/anime_character/sources/gpu/gpu_job.gd")
const GpuPace := preload("res://addons/anime_character/sources/gpu/gpu_pace.gd")
const GpuPlan := preload("res://addons/anime_character/sources/gpu/gpu_plan.gd")


func _plan(snorm16: bool) -> GpuPlan:
	var networks := CharacterNetworks.new()
	networks.read(AnimeCharacter.from_file("res://demo/characters/kohaku.tha4").file)
	check_equal(networks.error, "")
	return GpuPlan.new(networks, snorm16)


func test_a_frame_gets_what_the_last_ones_took() -> void:
	var pace := GpuPace.new()
	check_equal(pace.allowance(0.0), INF, "no budget")
	pace.learn(1.0e6, 10.0)
	check_equal(pace.allowance(4.0), 4.0e5, "slower than thought is believed at once")
	pace.learn(1.0e6, 1.0)
	var careful := pace.allowance(4.0)
	check(careful > 4.0e5 and careful < 2.0e6, "faster than thought by and by")
	pace.learn(1.0e6, 0.0)
	check_equal(pace.allowance(4.0), careful, "no time says nothing")


func _job() -> GpuJob:
	var job := GpuJob.new()
	for rows: int in [1, 10, 6]:
		var step := GpuJob.Step.new()
		step.push = PackedInt32Array([2, 3, 1, 0]).to_byte_array()
		step.row = 3
		step.groups = Vector2i(4, rows)
		step.is_stage = rows > 1
		step.cost = 5.0
		job.steps.append(step)
	return job


func _rows(steps: Array[GpuJob.Step]) -> int:
	var rows := 0
	for step in steps:
		rows += step.groups.y
	return rows


func _tile(step: GpuJob.Step) -> PackedInt32Array:
	return step.push.to_int32_array().slice(0, 2)


func test_a_job_is_cut_at_rows_and_loses_none() -> void:
	var job := _job()
	check(job.is_fresh(), "nothing was taken")
	check_equal(_rows(job.take(17.0)), 1 + 3, "three rows of five fit into 17")
	check_equal(job.spent, 15.0, "and are paid")
	check_equal(_rows(job.take(1.0)), 1, "one at least")
	var rest := job.take(45.0)
	check_equal(_rows(rest), 6 + 3, "over the end of a stage")
	check_equal(_tile(rest[0]), PackedInt32Array([2, 3 + 4]), "first tile")
	check_equal(_tile(rest[1]), PackedInt32Array([2, 3]), "of the next")
	check_equal(_rows(job.take(INF)), 3, "the rest")
	check(job.is_over(), "nothing is left")


func test_shared_memory_fits_small_cards() -> void:
	for snorm16: bool in [false, true]:
		for stage in _plan(snorm16).stages:
			check(stage.shared_bytes <= (16384 if snorm16 else 32768), "%d bytes" % stage.shared_bytes)


func test_layers_are_laid_out_without_overlap() -> void:
	var plan := _plan(false)
	check_equal(plan.error, "")
	check_equal(plan.stages.size(), 4, "face and three levels")
	check_equal(plan.constants_size, 128 + 360 + 180 + 90, "first layers")
	var end := 0
	for turn in plan.turns:
		var target := turn.push.decode_s32(8)
		check(target >= end and target % 16 == 0, "begins behind the one before, aligned")
		end = target + turn.count
	check(plan.turned_size >= end, "all fits")


func test_networks_that_are_too_wide_are_refused_in_a_sentence() -> void:
	var networks := CharacterNetworks.new()
	networks.levels = [1]
	for pair: Vector2i in [Vector2i(41, 600), Vector2i(600, 4)]:
		networks.face.append(_layer(pair.x, pair.y))
	networks.body = [_layer(47, 8), _layer(8, 7)]
	check("600 channels" in GpuPlan.new(networks, false).error, "what is too wide")


func _layer(inputs: int, outputs: int) -> CharacterNetworks.Layer:
	var layer := CharacterNetworks.Layer.new()
	layer.inputs = inputs
	layer.outputs = outputs
	layer.weight.resize(inputs * outputs)
	layer.bias.resize(outputs)
	return layer
