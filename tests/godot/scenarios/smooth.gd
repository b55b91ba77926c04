extends "scenario.gd"
## Measures the longest time that the node holds up the main thread while its bridge behaves badly.


func play() -> void:
	var node := add_character(option("character"), option("address"))
	var longest := 0
	var begin := Time.get_ticks_msec()
	while Time.get_ticks_msec() - begin < 3000:
		node.mouth_aaa = fposmod(Time.get_ticks_msec() / 777.0, 1.0)
		var before := Time.get_ticks_usec()
		node._process(0.0)
		longest = maxi(longest, Time.get_ticks_usec() - before)
		await process_frame
	tell("longest_ms", longest / 1000.0)
