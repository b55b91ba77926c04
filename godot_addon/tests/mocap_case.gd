class_name MocapCase
extends LifeCase
## What the tests of mocap extend: a node that listens, and a sender to it.

## Sends to the node that was made last.
var sender := PacketPeerUDP.new()


## A node that listens on a free port, and a sender to it.
func make_mocap(protocol: AnimeMocap.Protocol = AnimeMocap.Protocol.IFACIALMOCAP) -> AnimeMocap:
	var probe := PacketPeerUDP.new()
	probe.bind(0, "127.0.0.1")
	var mocap := AnimeMocap.new()
	mocap.protocol = protocol
	mocap.bind_address = "127.0.0.1"
	mocap.port = probe.get_local_port()
	probe.close()
	mocap.smoothing = 0.0
	mocap.fade = 0.0
	sender.set_dest_address("127.0.0.1", mocap.port)
	return mocap


## Sends a text to a node and has it read.
func send(mocap: AnimeMocap, text: String) -> void:
	var before := mocap.received + mocap.ignored
	sender.put_packet(text.to_utf8_buffer())
	await wait_until(
		func() -> bool:
			mocap.advance(0.0)
			return mocap.received + mocap.ignored > before,
		"the datagram %s" % text.left(40)
	)
