extends MocapCase

const DeviceAddress := preload("res://addons/anime_character/mocap/device_address.gd")
const IFacialMocap := preload("res://addons/anime_character/mocap/ifacialmocap.gd")

# /VMC/Ext/Blend/Val myShape 0.5
const VMC_OF_MY_SHAPE := "2f564d432f4578742f426c656e642f56616c00002c7366006d795368617065003f000000"


func test_datagrams_that_are_no_face_are_counted_and_warned_of_once() -> void:
	var mocap := make_mocap()
	var character := character_with([mocap])
	take_warnings()
	for text: String in ["garbage", "jawOpen&x", "\u0001\u0002"]:
		await send(mocap, text)
	check_equal([mocap.ignored, mocap.received, take_warnings().size()], [3, 0, 1])
	await send(mocap, "eyeBlink_R&80")
	check_near(shown(character, "eye_wink_right"), 1.0, 1e-5, "a good one counts all the same")


func test_names_that_are_not_known_are_said_once_all_together() -> void:
	var mocap := make_mocap()
	character_with([mocap])
	take_warnings()
	for text: String in ["eyeBlink_L&80|foo&3|bar&4", "eyeBlink_L&80|foo&3|jawOpen&x", "eyeBlink_L&80|baz&1|jawOpen&y"]:
		await send(mocap, text)
	mocap.advance(1.1)
	await send(mocap, "eyeBlink_L&80|more&3")
	mocap.advance(1.1)
	var warnings := take_warnings()
	check_equal(warnings.size(), 2, "one of a part, one of names: %s" % warnings)
	check("jawOpen&x is no number." in warnings[0], warnings[0])
	check("foo, bar, baz;" in warnings[-1], warnings[-1])


func test_a_datagram_of_names_that_are_not_known_is_no_face() -> void:
	for protocol: AnimeMocap.Protocol in [AnimeMocap.Protocol.IFACIALMOCAP, AnimeMocap.Protocol.VMC]:
		var mocap := make_mocap(protocol)
		var character := character_with([mocap])
		character.mouth_smirk = 0.5
		take_warnings()
		sender.put_packet(
			VMC_OF_MY_SHAPE.hex_decode() if protocol == AnimeMocap.Protocol.VMC else "myShape&50".to_ascii_buffer()
		)
		await wait_until(
			func() -> bool:
				mocap.advance(0.0)
				return mocap.ignored > 0,
			"the datagram"
		)
		mocap.advance(1.1)
		check_equal([mocap.received, mocap.is_tracking()], [0, false])
		check_equal(shown(character, "mouth_smirk"), 0.5, "the base pose stays")
		var warnings := take_warnings()
		check_equal(warnings.size(), 1)
		check("myShape" in warnings[0], warnings[0])
		mocap.free()


func test_the_newest_face_counts_and_bad_ones_do_not_hide_it() -> void:
	var mocap := make_mocap()
	var character := character_with([mocap])
	for text: String in ["eyeBlink_L&0", "eyeBlink_L&80", "garbage"]:
		sender.put_packet(text.to_utf8_buffer())
	await wait_until(
		func() -> bool:
			mocap.advance(0.0)
			return mocap.received > 0 and mocap.ignored > 0,
		"the datagrams"
	)
	check_near(shown(character, "eye_wink_left"), 1.0, 1e-5, "the newest good one")


func test_what_others_send_is_passed_over_when_a_device_is_named() -> void:
	var mocap := make_mocap()
	character_with([mocap])
	mocap.device_address = "127.0.0.9"
	for _time in 20:
		sender.put_packet("eyeBlink_L&80".to_utf8_buffer())
		await get_tree().process_frame
		mocap.advance(0.01)
	check_equal([mocap.received, mocap.ignored], [0, 0])


func test_a_device_is_asked_to_send() -> void:
	# An address of this machine that nothing else listens on at the app's port.
	var address := "127.%d.%d.%d" % [randi_range(1, 250), randi_range(1, 250), randi_range(1, 250)]
	await _ask_device(" %s " % address, address, IFacialMocap.PORT)


func test_a_device_is_asked_by_its_name_and_at_its_port() -> void:
	var port := make_mocap().port
	await _ask_device("localhost:%d" % port, "127.0.0.1", port)
	await _ask_device("[::1]:%d" % port, "::1", port)


# A device that listens at an address is asked when it is named so, and its face is accepted.
func _ask_device(named: String, address: String, port: int) -> void:
	var device := PacketPeerUDP.new()
	check_equal(device.bind(port, address), OK, "the device's port")
	var mocap := make_mocap()
	mocap.bind_address = "*"
	mocap.device_address = named
	character_with([mocap])
	await wait_until(
		func() -> bool:
			mocap.advance(0.1)
			return device.get_available_packet_count() > 0,
		"the question"
	)
	check_equal(device.get_packet().get_string_from_ascii(), IFacialMocap.START)
	device.set_dest_address(address, mocap.port)
	device.put_packet("eyeBlink_L&80".to_ascii_buffer())
	await wait_until(
		func() -> bool:
			mocap.advance(0.1)
			return mocap.is_tracking(),
		"the face"
	)
	check_equal(take_warnings().size(), 0, "warnings")
	mocap.free()


func test_a_device_may_be_written_in_many_ways() -> void:
	for written: String in ["192.168.0.5", " 192.168.0.5\n", "192.168.0.5:50000", "192.168.0.5 : 50000"]:
		var device := DeviceAddress.new(written)
		check_equal([device.problem, device.addresses], ["", PackedStringArray(["192.168.0.5"])], written)
		check_equal(device.port, 50000 if "50000" in written else 0, written)
	for written: String in ["::1", "[::1]", "[::1]:50000"]:
		check_equal(DeviceAddress.new(written).addresses, PackedStringArray(["0:0:0:0:0:0:0:1"]), written)
	for written: String in ["localhost", "my-phone.local:49983", "Hanakos_iPhone"]:
		check_equal(DeviceAddress.new(written).problem, "", written)
	check(DeviceAddress.new("  ").is_empty(), "nobody is named")


func test_a_device_that_cannot_be_is_one_sentence() -> void:
	for written: String in [
		"192.168.1.999",
		"192.168.1",
		"127.1",
		"49983",
		"192.168.0.5:",
		"192.168.0.5:70000",
		"[::1]50000",
		"fe80::1%eth0",
		"http://192.168.0.5",
		"my phone",
		"*",
		"0.0.0.0",
		"スマホ",
	]:
		var device := DeviceAddress.new(written)
		check(written in device.problem and device.problem.ends_with("."), "%s: %s" % [written, device.problem])
		check(device.addresses.is_empty(), written)
	var mocap := make_mocap()
	take_warnings()
	mocap.device_address = "192.168.1.999"
	character_with([mocap])
	for _time in 3:
		mocap.advance(1.0)
	var warnings := take_warnings()
	check_equal(warnings.size(), 1)
	check("192.168.1.999" in warnings[0], warnings[0])
	check("192.168.1.999" in mocap._get_configuration_warnings()[0], "beside the node, too")


func test_a_name_that_nobody_knows_is_said_once_and_does_not_hold_up_the_game() -> void:
	var mocap := make_mocap()
	take_warnings()
	mocap.device_address = "no.such.host.invalid"
	character_with([mocap])
	var warnings := PackedStringArray()
	await wait_until(
		func() -> bool:
			mocap.advance(0.05)
			warnings.append_array(take_warnings())
			return not warnings.is_empty(),
		"the sentence",
		15.0
	)
	for _time in 20:
		mocap.advance(1.0)
		await get_tree().process_frame
	warnings.append_array(take_warnings())
	check_equal(warnings.size(), 1)
	check("no.such.host.invalid" in warnings[0], warnings[0])


func test_an_own_address_that_cannot_be_is_one_sentence() -> void:
	for written: String in ["nonsense", "192.0.2.77", "127.0.0.999"]:
		var mocap := make_mocap()
		take_warnings()
		mocap.bind_address = written
		character_with([mocap])
		for _time in 3:
			mocap.advance(5.0)
		var warnings := take_warnings()
		check_equal(warnings.size(), 1, written)
		check(written in warnings[0] and "bind_address" in warnings[0], warnings[0])
		mocap.free()
	for written: String in [" 127.0.0.1 ", "localhost", "", "[::1]"]:
		var mocap := make_mocap()
		mocap.bind_address = written
		character_with([mocap])
		check(mocap.get_listening_port() > 0, written)
		mocap.free()


func test_a_port_that_is_taken_is_told_once_and_tried_again() -> void:
	var first := make_mocap()
	character_with([first])
	take_warnings()
	var second := AnimeMocap.new()
	second.bind_address = "127.0.0.1"
	second.port = first.port
	character_with([second])
	for _time in 20:
		second.advance(1.0)
	var warnings := take_warnings()
	check_equal(warnings.size(), 1)
	check(str(first.port) in warnings[0], warnings[0])
	check_equal(second.get_listening_port(), 0)
	first.free()
	second.advance(5.0)
	check_equal(second.get_listening_port(), second.port)
	await send(second, "eyeBlink_L&80")
	check_equal([second.received, take_warnings().size()], [1, 0])
