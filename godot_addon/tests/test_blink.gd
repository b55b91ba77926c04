extends LifeCase


func _blinker(random_seed: int = 1) -> AnimeBlink:
	var blink := AnimeBlink.new()
	blink.random_seed = random_seed
	return blink


# The times between the beginnings of blinks, in seconds.
func _intervals(blink: AnimeBlink, count: int) -> PackedFloat32Array:
	character_with([blink])
	var intervals := PackedFloat32Array()
	var last := [0]
	var frame := [0]
	blink.blinked.connect(
		func() -> void:
			intervals.append((frame[0] - last[0]) / 100.0)
			last[0] = frame[0]
	)
	while intervals.size() < count:
		frame[0] += 1
		blink.advance(0.01)
	return intervals


func test_intervals_are_log_normal_around_their_mean() -> void:
	var blink := _blinker()
	blink.double_blinks = 0.0
	var blink_takes := blink.close_time + blink.closed_time + blink.open_time
	var sum := 0.0
	var log_sum := 0.0
	var log_squares := 0.0
	var count := 600
	for interval in _intervals(blink, count + 1).slice(1):
		var pause := interval - blink_takes
		sum += pause
		log_sum += log(pause)
		log_squares += log(pause) * log(pause)
	check_near(sum / count, blink.mean_interval, 0.35, "the mean")
	check_near(sqrt(log_squares / count - pow(log_sum / count, 2)), blink.spread, 0.06, "the spread of the logarithms")


func test_some_blinks_are_double() -> void:
	var blink := _blinker()
	blink.double_blinks = 0.3
	var quick := 0
	var all := _intervals(blink, 400)
	for interval in all:
		if interval < 0.4:
			quick += 1
	# Of the blinks that are no second ones themselves, 30 % are followed by another.
	check_near(quick / float(all.size() - quick), 0.3, 0.07, "double blinks")


func test_the_same_seed_gives_the_same_blinks() -> void:
	check_equal(_intervals(_blinker(7), 20), _intervals(_blinker(7), 20))
	check(_intervals(_blinker(7), 20) != _intervals(_blinker(8), 20), "another seed gives others")


func test_lids_close_fast_and_open_slower() -> void:
	var blink := _blinker()
	var character := character_with([blink])
	blink.blink()
	var values := trace(character, blink, "eye_wink_left", 0.4, 1000.0)
	check_near(largest(values), 1.0, 1e-6, "fully closed")
	var closed_at := 0
	while values[closed_at] < 0.99:
		closed_at += 1
	var open_at := values.size() - 1
	while values[open_at] < 0.01:
		open_at -= 1
	var last_closed_at := open_at
	while values[last_closed_at] < 0.99:
		last_closed_at -= 1
	check(
		closed_at < (open_at - last_closed_at) * 0.7, "%d ms shut, %d ms open" % [closed_at, open_at - last_closed_at]
	)
	check_equal(values[-1], 0.0, "open again")
	check_equal(shown(character, "eye_wink_right"), 0.0)


func test_eyes_that_are_closed_already_do_not_blink() -> void:
	for expression: StringName in [&"laughter", &"closed_eyes"]:
		var blink := _blinker()
		var character := character_with([blink])
		character.express(expression, 0.0)
		var before := character.get_shown_pose()
		blink.blink()
		for _frame in 40:
			blink.advance(0.01)
			check_equal(character.get_shown_pose(), before, expression)


func test_a_wink_leaves_the_other_eye_to_blink() -> void:
	var blink := _blinker()
	var character := character_with([blink])
	character.express(&"wink", 0.0)
	blink.blink()
	blink.advance(blink.close_time)
	check_equal([shown(character, "eye_wink_left"), shown(character, "eye_wink_right")], [0.0, 1.0])
	check_equal(shown(character, "eye_happy_wink_left"), 1.0)


func test_wide_eyes_close_fully_and_come_back() -> void:
	var blink := _blinker()
	var character := character_with([blink])
	character.express(&"surprise", 0.0)
	blink.blink()
	blink.advance(blink.close_time)
	check_equal([shown(character, "eye_wink_left"), shown(character, "eye_surprised_left")], [1.0, 0.0])
	blink.advance(1.0)
	check_equal([shown(character, "eye_wink_left"), shown(character, "eye_surprised_left")], [0.0, 1.0])
