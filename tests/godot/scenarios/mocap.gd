extends "scenario.gd"
## Receives faces over UDP, one for each case of a file, and tells the pose that each leads to.
##
## A case: brow_down, wink, frowns, head_offset (degrees). The test sends when a case is told, and again until it has
## its pose.


func play() -> void:
	var character := add_character("", "tcp://127.0.0.1:1")
	var mocap := AnimeMocap.new()
	mocap.protocol = AnimeMocap.Protocol.VMC if option("protocol") == "vmc" else AnimeMocap.Protocol.IFACIALMOCAP
	mocap.port = int(option("port"))
	mocap.bind_address = "127.0.0.1"
	mocap.smoothing = 0.0
	mocap.fade = 0.0
	mocap.mapping = AnimeFaceMapping.new()
	character.add_child(mocap)
	mocap.set_process(false)
	var cases: Array = JSON.parse_string(FileAccess.get_file_as_string(option("cases")))
	for number in cases.size():
		var given: Dictionary = cases[number]
		mocap.mapping.brow_down = AnimeFaceMapping.BrowDown[given["brow_down"]]
		mocap.mapping.wink = AnimeFaceMapping.Wink[given["wink"]]
		mocap.mapping.frowns = given["frowns"]
		var offset: Array = given["head_offset"]
		mocap.calibrate_head(Vector3(offset[0], offset[1], offset[2]))
		var before := mocap.received
		tell("case", number)
		var take := func() -> bool:
			mocap.advance(0.001)
			return mocap.received > before
		await wait_until(take, "case %d" % number)
		var numbers := PackedStringArray()
		for value in character.get_shown_pose():
			numbers.append("%.9f" % value)
		tell("pose", " ".join(numbers))
	tell("ignored", mocap.ignored)
