"""Clients that send too much, read nothing or come in crowds: a good client beside them hardly notices.

Each attack is bounded by itself: it ends when it is refused, or has been tried for long enough.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgpack
import psutil
import pytest

from bridge import front
from bridge.protocol import MAX_PART_BYTES
from bridge.zmtp import MAX_MESSAGE_BYTES
from tests.bridge.conftest import (
    GREETING,
    PATIENCE,
    Host,
    RawClient,
    beside_a_good_client,
    pose_of,
    ready,
    running,
    tcp,
    wait_until,
)

MIB = 1 << 20
#: Of a message that never ends; nobody takes nearly so much.
OFFERED = 2 << 30


def introduce(connection: socket.socket) -> None:
    connection.sendall(GREETING + ready())


def offer(host: Host, piece: bytes, most: int = OFFERED) -> int:
    """Send a piece again and again over one connection until it is refused. How many bytes the system took."""
    sent = 0
    with tcp(host) as connection:
        introduce(connection)
        with contextlib.suppress(ConnectionError):
            while sent < most:
                connection.sendall(piece)
                sent += len(piece)
    return sent


ENDLESS_PARTS = {
    "1 MiB": b"\x03" + MIB.to_bytes(8, "big") + bytes(MIB),
    "small": (b"\x01\x40" + bytes(64)) * 1000,
    "empty": b"\x01\x00" * 32000,
}


@pytest.mark.parametrize("kind", ENDLESS_PARTS)
def test_a_message_that_never_ends_is_refused_while_it_is_small(host: Host, kind: str) -> None:
    with beside_a_good_client(host):
        # What the system keeps on its way comes on top.
        assert offer(host, ENDLESS_PARTS[kind]) < MAX_MESSAGE_BYTES + 24 * MIB


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory otherwise")
def test_many_endless_messages_take_no_memory(host: Host) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    highest = before

    def look() -> None:
        nonlocal highest
        while any(attacker.is_alive() for attacker in attackers):
            highest = max(highest, process.memory_info().rss)
            time.sleep(0.01)

    pieces = list(ENDLESS_PARTS.values())
    attackers = [threading.Thread(target=offer, args=(host, pieces[number % 3])) for number in range(24)]
    with beside_a_good_client(host):
        for attacker in attackers:
            attacker.start()
        look()
    assert highest - before < (front.LARGE_AT_ONCE + 1) * 2 * MAX_PART_BYTES


def test_a_legal_message_of_a_million_empty_parts_costs_nothing(host: Host) -> None:
    with beside_a_good_client(host):
        offer(host, b"\x01\x00" * 1_000_000 + b"\x00\x00", 2 * MIB)


def stalled_upload(host: Host) -> socket.socket:
    """A connection that has begun to send a file of 16 MiB, and stops."""
    header = msgpack.packb({"v": 1, "type": "load", "id": 1, "sha256": "0" * 64})
    name, port = host.address.removeprefix("tcp://").rsplit(":", 1)
    connection = socket.create_connection((name, int(port)), timeout=PATIENCE)
    introduce(connection)
    connection.sendall(bytes([1, len(header)]) + header + b"\x02" + MAX_PART_BYTES.to_bytes(8, "big") + bytes(MIB))
    return connection


def test_uploads_that_stall_make_room_for_one_that_does_not(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "_LARGE_PATIENCE_S", 0.2)
    monkeypatch.setattr(host.bridge, "_longest_sleep", 0.1)
    file = b"hero" + bytes(3 * MIB)
    with beside_a_good_client(host), ExitStack() as stack:
        for _ in range(2 * front.LARGE_AT_ONCE):
            stack.enter_context(contextlib.closing(stalled_upload(host)))
        client = RawClient(host.address)
        loaded = client.ask("load", file, sha256=hashlib.sha256(file).hexdigest())
        assert loaded["type"] == "loaded"
        client.socket.close()


class Slow:
    """An engine's render that takes some time."""

    def __init__(self, render: Callable[..., object], seconds: float) -> None:
        self._render = render
        self._seconds = seconds

    def __call__(self, *args: object, **options: object) -> object:
        time.sleep(self._seconds)
        return self._render(*args, **options)


@pytest.fixture
def crowd(host: Host) -> Iterator[Sequence[socket.socket]]:
    """Connections that have introduced themselves and read nothing."""
    with ExitStack() as stack:
        crowd = [stack.enter_context(tcp(host)) for _ in range(60)]
        for connection in crowd:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            introduce(connection)
        yield crowd


def test_who_asks_and_never_reads_is_drawn_for_a_few_times(host: Host, crowd: Sequence[socket.socket]) -> None:
    client = RawClient(host.address)
    handle = client.load(host.make_character("hero"))
    engine = host.engines["hero"]
    engine.render = Slow(engine.render, 0.01)  # type: ignore[method-assign]
    with beside_a_good_client(host) as good:
        # 16 full pictures each: 960 frames, near 10 s of the engine's time.
        for stream in range(16):
            fields = {"character": handle, "pose": pose_of(50), "stream": stream}
            for connection in crowd:
                message = msgpack.packb({"v": 1, "type": "render", "id": stream, **fields})
                connection.sendall(b"\x02" + len(message).to_bytes(8, "big") + message)
        wait_until(lambda: client.ask("stats")["streams"] > 200)
        before = good.frames
        wait_until(lambda: good.frames > before + 100)
        waiting = -1
        while waiting != (waiting := client.ask("stats")["streams"]):
            time.sleep(0.2)
    # The others' frames lie in the system's buffers and in ours.
    assert len(engine.rendered) < 60 * 10
    client.socket.close()


def test_who_reads_nothing_for_too_long_is_closed(tmp_path: Path) -> None:
    with running(tmp_path, client_timeout=0.4) as host:
        client = RawClient(host.address)
        handle = client.load(host.make_character("hero"))
        with tcp(host) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            introduce(connection)
            for stream in range(16):
                message = msgpack.packb(
                    {"v": 1, "type": "render", "id": 1, "character": handle, "pose": pose_of(1), "stream": stream}
                )
                connection.sendall(b"\x02" + len(message).to_bytes(8, "big") + message)
            wait_until(lambda: client.ask("stats")["clients"] == 1 and host.bridge._clients._seen >= 2)
        client.socket.close()


def test_clients_that_leave_without_a_word_are_forgotten_at_once(host: Host) -> None:
    with beside_a_good_client(host):
        host.make_character("hero")
        for number in range(280):  # more than a bridge has room for
            with tcp(host) as connection:
                introduce(connection)
                message = msgpack.packb({"v": 1, "type": "load", "id": 1, "path": "hero.tha4"})
                connection.sendall(bytes([0, len(message)]) + message)
                if number % 20 == 0:
                    connection.recv(64 + 43 + 1, socket.MSG_WAITALL)
        client = RawClient(host.address)
        wait_until(lambda: client.ask("stats")["clients"] == 2)
        assert client.ask("stats")["characters"] == 1, "only the good client's"
        client.socket.close()


def test_a_crowd_that_stays_and_says_nothing_keeps_nobody_out(host: Host) -> None:
    with beside_a_good_client(host), ExitStack() as stack:
        for _ in range(340):  # more connections than a bridge accepts
            introduce(stack.enter_context(tcp(host)))
        for _ in range(5):
            client = RawClient(host.address)
            assert client.ask("ping")["type"] == "pong"
            client.socket.close()


def test_a_crowd_that_speaks_and_holds_nothing_keeps_nobody_out(host: Host) -> None:
    ping = msgpack.packb({"v": 1, "type": "ping", "id": 1})
    with beside_a_good_client(host), ExitStack() as stack:
        for _ in range(270):
            connection = stack.enter_context(tcp(host))
            introduce(connection)
            connection.sendall(bytes([0, len(ping)]) + ping)
        client = RawClient(host.address)
        assert client.load(host.make_character("hero"))
        client.socket.close()
