extends "scenario.gd"
## Connects to each of several addresses (name=address, with commas between them), and tells how each ended.

const ZmtpDealer := preload("res://addons/anime_character/wire/zmtp_dealer.gd")


func play() -> void:
	var dealers: Dictionary[String, ZmtpDealer] = {}
	for pair in option("targets").split(","):
		var dealer := ZmtpDealer.new()
		dealer.open(pair.get_slice("=", 1))
		dealers[pair.get_slice("=", 0)] = dealer
	var deadline := Time.get_ticks_msec() + 8000
	while Time.get_ticks_msec() < deadline:
		var open := 0
		for dealer: ZmtpDealer in dealers.values():
			dealer.poll()
			open += int(dealer.state != ZmtpDealer.State.FAILED)
		if open == 0:
			break
		await process_frame
	for name in dealers:
		tell(name, dealers[name].error)
		dealers[name].close()
