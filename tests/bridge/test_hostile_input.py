"""Nothing that arrives can end the bridge, or another client's stream."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.protocol import MAX_PART_BYTES
from bridge.zmtp import MAX_PARTS
from tests.bridge.conftest import GREETING, PATIENCE, Host, RawClient, pose_of, ready, tcp, wait_until

Connect = Callable[..., RawClient]


@pytest.fixture
def stream(host: Host, connect: Connect) -> Callable[[], None]:
    """Checks that another client's stream goes on, with the character that it holds."""
    client = connect()
    handle = client.load(host.make_character("hero"))

    def goes_on() -> None:
        answer = client.ask("render", character=handle, pose=pose_of(1), region=[0, 0, 8, 8])
        assert answer["type"] == "frame", answer

    goes_on()
    return goes_on


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_random_messages(connect: Connect, stream: Callable[[], None], parts: list[bytes]) -> None:
    client = connect()
    client.send_parts(*parts)
    answer, _ = client.receive()
    assert (answer["type"], answer["id"]) == ("error", 0)
    client.socket.close()
    stream()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.binary(max_size=60), min_size=1, max_size=4), path=st.booleans())
def test_whatever_comes_after_a_loads_header(
    connect: Connect, stream: Callable[[], None], parts: list[bytes], path: bool
) -> None:
    client = connect()
    named = {"path": "nobody.tha4"} if path else {"sha256": "0" * 64}
    answer = client.ask("load", *parts, **named)
    assert (answer["type"], answer["code"]) == ("error", "path_not_allowed" if path else "bad_field")
    client.socket.close()
    stream()


@pytest.mark.parametrize(
    "parts",
    [
        [b""],
        [b"", b"", b""],
        [b"\x91" * 60000],
        [b"\xdc\xff\xff" * 20000],
        [msgpack.packb([1, 2, 3])],
        [msgpack.packb({"v": 2**64 - 1, "type": "ping", "id": 2**64 - 1})],
        [b"\xff" * (1 << 20)],
        [b"x"] * MAX_PARTS,
    ],
)
def test_what_is_no_message_is_answered_with_an_error(
    connect: Connect, stream: Callable[[], None], parts: list[bytes]
) -> None:
    client = connect(SNDHWM=0)
    client.send_parts(*parts)
    answer, _ = client.receive()
    assert (answer["type"], answer["code"]) == ("error", "bad_message")
    assert client.ask("ping")["type"] == "pong"
    stream()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": "dance"}, "unknown_type"),
        ({"v": 2}, "version"),
        ({"pose": [0.0] * 44}, "bad_pose"),
        ({"pose": [float("nan")] * 45}, "bad_pose"),
        ({"pose": b"\xff" * 180}, "bad_pose"),
        ({"region": [0, 0, 2**63, 1]}, "bad_region"),
        ({"character": "nobody"}, "unknown_character"),
        ({"scale": 0}, "bad_field"),
    ],
)
def test_a_bad_request_is_refused_and_the_next_is_served(
    host: Host, connect: Connect, fields: dict[str, object], code: str
) -> None:
    client = connect()
    good = {"character": client.load(host.make_character("hero")), "pose": pose_of(1)}
    number = client.send("render", **good | fields)
    answer, _ = client.receive()
    assert (answer["type"], answer["code"], answer["id"]) == ("error", code, number)
    assert answer["message"].endswith(".")
    assert client.ask("render", **good)["type"] == "frame"


@pytest.mark.parametrize(
    "parts",
    [[b"\x00" * (MAX_PART_BYTES + 1)], [b""] * (MAX_PARTS + 1), [b"\x00" * (MAX_PART_BYTES // 2)] * 3],
    ids=["a long part", "many parts", "long parts together"],
)
def test_a_message_that_is_too_large_closes_only_its_own_connection(
    connect: Connect, stream: Callable[[], None], parts: list[bytes]
) -> None:
    client = connect()
    client.ask("ping")
    client.send_parts(*parts)
    stream()
    # ZeroMQ connects anew by itself, and the bridge serves it as a new client.
    wait_until(lambda: _pongs(client))
    stream()


def _pongs(client: RawClient) -> bool:
    client.send("ping")
    return bool(client.socket.poll(200)) and client.receive()[0]["type"] == "pong"


def test_nobody_can_unload_or_leave_for_another(connect: Connect, stream: Callable[[], None]) -> None:
    (description,) = connect().ask("list")["characters"]
    hostile = connect()
    hostile.ask("unload", character=description["character"])
    hostile.send("bye")
    hostile.ask("ping")
    stream()


def test_an_identity_that_another_client_has_gives_no_access_to_its_stream(
    host: Host, stream: Callable[[], None]
) -> None:
    victim = _named(host, b"victim")
    handle = victim.load("hero.tha4")
    impostor = _named(host, b"victim")
    impostor.send("bye")
    assert not impostor.socket.poll(200)
    host.engines["hero"].free.clear()
    victim.send("render", character=handle, pose=pose_of(5))
    host.engines["hero"].free.set()
    assert victim.receive()[0]["type"] == "frame"
    stream()
    for client in (victim, impostor):
        client.socket.close()


def _named(host: Host, identity: bytes) -> RawClient:
    return RawClient(host.address, ROUTING_ID=identity)


@pytest.mark.parametrize("seed", range(6))
def test_bytes_that_are_not_zmtp(host: Host, stream: Callable[[], None], seed: int) -> None:
    garbage = random.Random(seed).randbytes(5000)
    for start in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\xff" + b"\0" * 8 + b"\x7f", GREETING, GREETING + ready(b"")):
        with tcp(host) as connection:
            connection.sendall(start + garbage)
        stream()


@pytest.mark.parametrize(
    "frame",
    [
        b"\x02" + b"\xff" * 8,  # a message of 2^64 - 1 bytes
        b"\x06" + b"\x7f" + b"\xff" * 7,  # such a command
        b"\x04\x00",  # an empty command
        b"\x04\x05\x04PIN",  # a PING cut short
        b"\x04\x02\xffX",  # a command whose name is longer than it
        b"\xf8\x01x",  # reserved flags
    ],
)
def test_malformed_zmtp_frames(host: Host, stream: Callable[[], None], frame: bytes) -> None:
    with tcp(host) as connection:
        connection.sendall(GREETING)
        connection.recv(64, socket.MSG_WAITALL)
        connection.sendall(ready(b"") + frame)
        stream()
    stream()


def test_claiming_the_identities_that_libzmq_would_give_out_first(host: Host, connect: Connect) -> None:
    """Two of a kind make libzmq abort; unseeded, it always begins with 0x6b8b4567."""
    connections = []
    for number in range(0x6B8B4567, 0x6B8B4567 + 8):
        connection = socket.create_connection(("127.0.0.1", int(host.address.rsplit(":", 1)[1])), timeout=PATIENCE)
        connection.sendall(GREETING)
        connection.recv(64, socket.MSG_WAITALL)
        connection.sendall(ready(b"\0" + number.to_bytes(4, "big")))
        connections.append(connection)
    for _ in range(8):
        assert connect().ask("ping")["type"] == "pong"
    for connection in connections:
        connection.close()
