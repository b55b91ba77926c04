"""The addon's msgpack and ZMTP against python-msgpack and libzmq, in both directions."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zmq
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.godot.engine import SCENARIOS, Godot

# GDScript text cannot hold NUL, and its integers end at 2^63 - 1.
_text = st.text(st.characters(min_codepoint=1, exclude_categories=("Cs",)))
_integers = st.integers(-(2**63), 2**63 - 1)
_extensions = st.builds(msgpack.ExtType, st.integers(0, 127), st.binary(max_size=300))
_scalars = st.none() | st.booleans() | _integers | st.floats(allow_nan=False) | _text | st.binary() | _extensions
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner) | st.dictionaries(_text | _integers, inner), max_leaves=40
)


def collect(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """Examples of a strategy, to be handled by one run of the engine together."""
    examples: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(example: Any) -> None:
        examples.append(example)

    keep()
    return examples


def through_godot(godot: Godot, folder: Path, messages: list[bytes]) -> list[bytes | str]:
    """What the addon makes of each message: the same value encoded again, or why it refuses."""
    corpus = folder / "corpus"
    corpus.write_bytes(b"".join(struct.pack("<I", len(message)) + message for message in messages))
    run = godot.run_scenario(SCENARIOS / "msgpack_corpus.gd", {"corpus": str(corpus)}).check()
    raw = (run.folder / "answers").read_bytes()
    answers: list[bytes | str] = []
    position = 0
    while position < len(raw):
        refused, size = struct.unpack_from("<BI", raw, position)
        body = raw[position + 5 : position + 5 + size]
        answers.append(body.decode() if refused else body)
        position += 5 + size
    assert len(answers) == len(messages)
    return answers


def unpack(message: bytes) -> Any:
    return msgpack.unpackb(message, strict_map_key=False)


@pytest.fixture(scope="module")
def values() -> list[Any]:
    """Values of all kinds; making them up takes longer than reading them."""
    return collect(_values, 500)


def test_msgpack_values_survive_the_way_there_and_back(godot: Godot, tmp_path: Path, values: list[Any]) -> None:
    large = [list(range(70000)), {str(index): index for index in range(70000)}, "x" * 70000, b"y" * 70000]
    messages = [msgpack.packb(value) for value in [*values, *large]]
    for message, answer in zip(messages, through_godot(godot, tmp_path, messages), strict=True):
        assert answer == message


def test_msgpack_reads_forms_that_it_does_not_write(godot: Godot, tmp_path: Path) -> None:
    wide = {
        b"\xca" + struct.pack(">f", 0.5): 0.5,
        b"\xcd\x00\x05": 5,
        b"\xce\x00\x00\x00\x05": 5,
        b"\xcf" + bytes(7) + b"\x05": 5,
        b"\xd1\xff\xff": -1,
        b"\xd3" + b"\xff" * 8: -1,
        b"\xda\x00\x01a": "a",
        b"\xdb\x00\x00\x00\x01a": "a",
        b"\xc5\x00\x01a": b"a",
        b"\xc6\x00\x00\x00\x01a": b"a",
        b"\xdc\x00\x01\x07": [7],
        b"\xdd\x00\x00\x00\x01\x07": [7],
        b"\xde\x00\x01\x07\x08": {7: 8},
        b"\xdf\x00\x00\x00\x01\x07\x08": {7: 8},
    }
    answers = through_godot(godot, tmp_path, list(wide))
    assert [unpack(answer) for answer in answers if isinstance(answer, bytes)] == list(wide.values())


def test_truncated_msgpack_is_refused(godot: Godot, tmp_path: Path, values: list[Any]) -> None:
    messages = [msgpack.packb(value) for value in values[-100:]]
    cut = [message[: len(message) * part // 4] for message in messages for part in range(4)]
    assert all(isinstance(answer, str) and answer for answer in through_godot(godot, tmp_path, cut))


def test_random_bytes_are_read_as_python_reads_them_or_refused(godot: Godot, tmp_path: Path, values: list[Any]) -> None:
    packed = st.sampled_from([msgpack.packb(value) for value in values])
    damaged = st.tuples(packed, st.integers(0, 10**6), st.integers(0, 255)).map(
        lambda case: case[0][: case[1] % len(case[0])] + bytes([case[2]]) + case[0][case[1] % len(case[0]) + 1 :]
    )
    messages = collect(st.binary(max_size=40) | damaged, 1500)
    answers = through_godot(godot, tmp_path, messages)
    read = [(m, a) for m, a in zip(messages, answers, strict=True) if isinstance(a, bytes)]
    assert len(read) > 50
    for message, answer in read:
        if b"\xd6\xff" in message or b"\xd7\xff" in message or b"\xff" in message:
            continue  # Python reads timestamps and negative extension types its own way
        try:
            expected = unpack(message)
        except (ValueError, TypeError, msgpack.UnpackException):
            continue
        assert repr(unpack(answer)) == repr(expected)


@pytest.mark.parametrize("heartbeat_ms", [0, 50])
def test_messages_go_through_libzmq_both_ways(godot: Godot, heartbeat_ms: int) -> None:
    sizes = [0, 1, 254, 255, 256, 257, 65535, 65536, 1 << 20]
    messages = [[bytes([index % 251]) * size] for index, size in enumerate(sizes)]
    messages += collect(st.lists(st.binary(max_size=400), min_size=1, max_size=10), 100)
    messages += [[b"a" * (1 << 20), b"", b"b" * (3 << 20)], [b""] * 60]
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.linger = 0
        router.rcvtimeo = 20000
        router.heartbeat_ivl = heartbeat_ms
        router.heartbeat_timeout = 4 * heartbeat_ms
        port = router.bind_to_random_port("tcp://127.0.0.1")
        running = godot.start_scenario(SCENARIOS / "zmtp_echo.gd", {"address": f"tcp://127.0.0.1:{port}"})
        try:
            client, hello = router.recv_multipart()
            assert (client, hello) == (b"echo", b"hello")
            for message in messages:
                if message != [b"end"]:
                    router.send_multipart([client, *message])
                    assert router.recv_multipart() == [client, *message]
            # Long enough for a peer that does not answer PING to be dropped.
            time.sleep(0.6)
            router.send_multipart([client, b"still", b"there"])
            assert router.recv_multipart() == [client, b"still", b"there"]
            for number in range(200):
                router.send_multipart([client, str(number).encode()])
            assert [router.recv_multipart()[1] for _ in range(200)] == [str(number).encode() for number in range(200)]
            router.send_multipart([client, b"end"])
            assert running.wait().check().value("error") == ""
        finally:
            running.stop()


@contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP server on a free port that does something with its first connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    ending = threading.Event()

    def serve() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            behave(connection)
            ending.wait(20)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ending.set()
        listener.close()


GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)


def command(name: bytes, data: bytes) -> bytes:
    body = bytes([len(name)]) + name + data
    return bytes([4, len(body)]) + body


def ready(socket_type: bytes) -> bytes:
    return command(b"READY", b"\x0bSocket-Type" + struct.pack(">I", len(socket_type)) + socket_type)


HANDSHAKE = GREETING + ready(b"ROUTER")
BAD_PEERS = {
    "web_server": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak ZeroMQ"),
    "old_version": (GREETING[:10] + b"\x01" + GREETING[11:], "ZMTP 1"),
    "login": (GREETING[:12] + b"PLAIN".ljust(20, b"\0") + bytes(32), "login"),
    "publisher": (GREETING + ready(b"PUB"), "PUB"),
    "no_type": (GREETING + command(b"READY", b""), "not the ROUTER"),
    "refusal": (GREETING + command(b"ERROR", b"\x04full"), "full"),
    "other_command": (GREETING + command(b"HELLO", b""), "HELLO"),
    "early_message": (GREETING + b"\x00\x01x", "before the handshake"),
    "huge_frame": (HANDSHAKE + b"\x02" + struct.pack(">Q", 1 << 62), "more than 64 MiB"),
    "negative_frame": (HANDSHAKE + b"\x02" + b"\xff" * 8, "more than 64 MiB"),
    "huge_command": (HANDSHAKE + b"\x06" + struct.pack(">Q", 1 << 30), "command of"),
    "many_parts": (HANDSHAKE + b"\x01\x00" * 100, "64 parts"),
    "flags": (HANDSHAKE + b"\xf0\x00", "flags 0xf0"),
    "nameless_command": (HANDSHAKE + b"\x04\x00", "without a name"),
    "silent": (b"", "did not answer within 5 s"),
    "half_greeting": (GREETING[:30], "did not answer within 5 s"),
}


@contextmanager
def bridge_with_keys() -> Iterator[int]:
    """libzmq's ROUTER as a bridge with ``--curve-keys`` has it; its port."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.curve_server = 1
        router.curve_secretkey = zmq.curve_keypair()[1]
        yield router.bind_to_random_port("tcp://127.0.0.1")


def test_peers_that_misbehave_get_one_sentence_each(godot: Godot) -> None:
    with ExitStack() as stack:
        targets = {
            name: stack.enter_context(server(lambda connection, data=data: connection.sendall(data)))  # type: ignore[misc]
            for name, (data, _) in BAD_PEERS.items()
        }

        def half_frame(connection: socket.socket) -> None:
            connection.sendall(HANDSHAKE + b"\x00\x50half")
            connection.shutdown(socket.SHUT_RDWR)

        targets["keys"] = stack.enter_context(bridge_with_keys())
        targets["truncated"] = stack.enter_context(server(half_frame))
        with socket.create_server(("127.0.0.1", 0)) as free:
            targets["nobody"] = free.getsockname()[1]
        addresses = {name: f"tcp://127.0.0.1:{port}" for name, port in targets.items()}
        addresses |= {"no_port": "tcp://127.0.0.1", "no_host": "tcp://no.such.host.invalid:5"}
        pairs = ",".join(f"{name}={address}" for name, address in addresses.items())
        run = godot.run_scenario(SCENARIOS / "zmtp_open.gd", {"targets": pairs}).check()
    for name, (_, expected) in BAD_PEERS.items():
        assert expected in run.value(name), name
    assert "lets in only clients with CURVE keys" in run.value("keys")
    assert "ssh -L" in run.value("keys")
    assert "closed the connection" in run.value("truncated")
    assert "nothing answers" in run.value("nobody")
    assert "tcp://host:port" in run.value("no_port")
    assert "not known" in run.value("no_host")
    assert all(run.value(name).endswith(".") or name == "refusal" for name in addresses)


def test_a_real_publisher_is_not_taken_for_a_bridge(godot: Godot) -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        publisher.linger = 0
        port = publisher.bind_to_random_port("tcp://127.0.0.1")
        run = godot.run_scenario(SCENARIOS / "zmtp_open.gd", {"targets": f"pub=tcp://127.0.0.1:{port}"}).check()
    assert run.value("pub")
