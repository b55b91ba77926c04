extends TestCase

const PicturePace := preload("res://addons/anime_character/picture_pace.gd")


# How many pictures are asked for in a second by a game of so many frames.
func _count(pace: PicturePace, frames: int) -> int:
	var asked := 0
	for frame in frames:
		var now := 1_000_000 + floori(frame * 1e6 / frames)
		if pace.is_due(now):
			pace.step(now)
			asked += 1
	return asked


func test_the_rate_is_met_on_average_whatever_the_frames() -> void:
	var pace := PicturePace.new()
	for rate: int in [7, 24, 45]:
		pace.most_per_second = rate
		check(absi(_count(pace, 60) - rate) <= 1, "%d a second" % rate)
	pace.most_per_second = -3
	check_equal([pace.most_per_second, _count(pace, 60)], [0, 60], "no limit")


func test_a_pause_is_not_made_up_for() -> void:
	var pace := PicturePace.new()
	pace.most_per_second = 10
	for now: int in [1_000_000, 9_000_000]:
		check(pace.is_due(now), "after the pause")
		pace.step(now)
		check(not pace.is_due(now + 50_000), "and not again at once")
