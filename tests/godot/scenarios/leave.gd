extends "scenario.gd"
## Waits until the bridge has heard us, and measures how long leaving takes, whatever it is doing then.


func play() -> void:
	var node := add_character(option("character"), option("address"))
	await wait_seconds(float(option("seconds")))
	var begin := Time.get_ticks_usec()
	node.free()
	tell("left_ms", (Time.get_ticks_usec() - begin) / 1000.0)
