extends TestCase

const Zmtp := preload("res://addons/anime_character/wire/zmtp.gd")
const ZmtpDealer := preload("res://addons/anime_character/wire/zmtp_dealer.gd")


func _message(parts: Array[PackedByteArray]) -> PackedByteArray:
	var bytes := PackedByteArray()
	for index in parts.size():
		bytes.append_array(Zmtp.part_header(parts[index].size(), index + 1 < parts.size()))
		bytes.append_array(parts[index])
	return bytes


func _bytes(size: int, value: int = 7) -> PackedByteArray:
	var bytes := PackedByteArray()
	bytes.resize(size)
	bytes.fill(value)
	return bytes


func _feed(decoder: Zmtp.Decoder, bytes: PackedByteArray, step: int) -> void:
	var position := 0
	while position < bytes.size() and decoder.wanted() > 0:
		var size := mini(mini(step, decoder.wanted()), bytes.size() - position)
		decoder.accept(bytes.slice(position, position + size))
		position += size


func test_messages_are_read_however_they_are_cut() -> void:
	var first: Array[PackedByteArray] = [_bytes(3), PackedByteArray(), _bytes(255), _bytes(256), _bytes(70000)]
	var second: Array[PackedByteArray] = [PackedByteArray()]
	var stream := Zmtp.greeting() + Zmtp.ready("ROUTER") + _message(first) + Zmtp.command("PING", _bytes(6))
	stream += _message(second)
	for step: int in [1, 7, 1000, 1 << 20]:
		var decoder := Zmtp.Decoder.new()
		_feed(decoder, stream, step)
		check_equal(decoder.error, "")
		check_equal(decoder.messages.size(), 2)
		check_equal(decoder.messages[0], first)
		check_equal(decoder.messages[1], second)
		check_equal(decoder.commands.size(), 2)


func test_commands_are_read() -> void:
	var ready := Zmtp.parse_command(Zmtp.ready("DEALER", _bytes(5)).slice(2))
	check_equal(ready.name, "READY")
	var properties := Zmtp.parse_properties(ready.data)
	check_equal(properties["socket-type"].get_string_from_ascii(), "DEALER")
	check_equal(properties["identity"], _bytes(5))
	check_equal(Zmtp.pong_data(PackedByteArray([0, 9, 1, 2, 3])), PackedByteArray([1, 2, 3]))
	check_equal(Zmtp.parse_error(PackedByteArray([2, 0x6e, 0x6f])), "no")
	check(not Zmtp.parse_command(PackedByteArray()).error.is_empty(), "an empty command")
	check(not Zmtp.parse_command(PackedByteArray([9, 65])).error.is_empty(), "a name longer than the command")
	check_equal(Zmtp.parse_properties(PackedByteArray([3, 65])).size(), 0)
	check_equal(Zmtp.parse_properties(PackedByteArray([1, 65, 255, 255, 255, 255, 1])).size(), 0)


func test_bad_streams_give_a_sentence() -> void:
	var hello := Zmtp.greeting()
	var curve := Zmtp.greeting()
	var plain := Zmtp.greeting()
	for index in 5:
		curve[12 + index] = "CURVE".to_ascii_buffer()[index]
		plain[12 + index] = "PLAIN".to_ascii_buffer()[index]
	var old := Zmtp.greeting()
	old[10] = 1
	var many := PackedByteArray()
	for _part in Zmtp.MAX_PARTS + 1:
		many.append_array([1, 0])
	var cases: Array = [
		["HTTP/1.1 400 Bad Request\r\n".to_ascii_buffer(), "does not speak ZeroMQ"],
		[old, "ZMTP 1"],
		[curve, "CURVE keys"],
		[plain, "asks for a login"],
		[hello + PackedByteArray([8, 0]), "flags 0x08"],
		[hello + PackedByteArray([5, 0]), "flags 0x05"],
		[hello + PackedByteArray([2, 255, 255, 255, 255, 255, 255, 255, 255]), "more than 64 MiB"],
		[hello + PackedByteArray([2, 127, 255, 255, 255, 255, 255, 255, 255]), "more than 64 MiB"],
		[hello + PackedByteArray([2, 0, 0, 0, 0, 4, 0, 0, 1]), "more than 64 MiB"],
		[hello + PackedByteArray([6, 0, 0, 0, 0, 1, 0, 0, 0]), "a command of"],
		[hello + many, "more than 64 parts"],
	]
	for case: Array in cases:
		var decoder := Zmtp.Decoder.new()
		_feed(decoder, case[0], 1 << 20)
		check(case[1] in decoder.error, "%s: %s" % [case[1], decoder.error])
		check_equal(decoder.wanted(), 0)


func test_addresses() -> void:
	check_equal(ZmtpDealer.parse_address("tcp://127.0.0.1:5747"), ["127.0.0.1", 5747])
	check_equal(ZmtpDealer.parse_address("tcp://[::1]:80"), ["::1", 80])
	check_equal(ZmtpDealer.parse_address("tcp://some.host:80"), ["some.host", 80])
	for address: String in [
		"", "127.0.0.1:1", "ipc://x", "tcp://a", "tcp://a:0", "tcp://a:99999", "tcp://:5", "tcp://a:x"
	]:
		check_equal(ZmtpDealer.parse_address(address), [], address)
