extends "scenario.gd"
## A DEALER that says hello and then sends every message back, until one that says "end".

const ZmtpDealer := preload("res://addons/anime_character/wire/zmtp_dealer.gd")


func play() -> void:
	var dealer := ZmtpDealer.new()
	dealer.open(option("address"), "echo".to_ascii_buffer())
	var greeted := false
	while dealer.state != ZmtpDealer.State.FAILED:
		dealer.poll()
		if dealer.state == ZmtpDealer.State.READY and not greeted:
			greeted = dealer.send(["hello".to_ascii_buffer()])
		var parts: Array[PackedByteArray] = []
		parts.assign(dealer.receive())
		if parts.size() == 1 and parts[0] == "end".to_ascii_buffer():
			break
		if not parts.is_empty():
			dealer.send(parts)
		OS.delay_usec(100)
	tell("error", dealer.error)
	dealer.close()
