"""What a hostile program may do to a bridge, in small: each attack is bounded in time and bytes, and loopback only.

An attack takes the bridge's address and a seeded ``Random``. It may raise nothing but what a closed connection gives.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import struct
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]
import zmq

from tha4_core.built_in import built_in_path
from tha4_core.pose import NAMES
from tools.fuzzing.formats import broken_png, broken_zip
from tools.fuzzing.kinds import broken_header, json_again
from tools.fuzzing.mutation import broken_bytes

Attack = Callable[[str, Random], None]

_GREETING: Final = b"\xff" + b"\0" * 8 + b"\x7f\x03\x00NULL" + b"\0" * 48
_READY: Final = b"\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
_MORE: Final = 1
_LONG: Final = 2
_SECONDS: Final = 1.0
_MAX_OFFERED: Final = 256 << 20


@contextlib.contextmanager
def _dealer(address: str) -> Iterator[zmq.Socket[bytes]]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    client: zmq.Socket[bytes] = context.socket(zmq.DEALER)
    client.setsockopt(zmq.LINGER, 0)
    client.setsockopt(zmq.SNDTIMEO, 2000)
    client.connect(address)
    try:
        yield client
    finally:
        context.destroy(linger=0)


@contextlib.contextmanager
def _connection(address: str) -> Iterator[socket.socket]:
    host, port = address.removeprefix("tcp://").rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=2.0) as connection:
        yield connection


@contextlib.contextmanager
def _spoken_to(address: str) -> Iterator[socket.socket]:
    """A connection whose greeting is over: frames can be sent."""
    with _connection(address) as connection:
        connection.sendall(_GREETING)
        connection.recv(64, socket.MSG_WAITALL)
        connection.sendall(_READY)
        connection.recv(64)
        yield connection


def _request(type_name: str, number: int, **fields: Any) -> bytes:
    data: bytes = msgpack.packb({"v": 1, "type": type_name, "id": number} | fields)
    return data


def _frame(content: bytes, flags: int = 0) -> bytes:
    if len(content) < 256:
        return bytes((flags, len(content))) + content
    return bytes((flags | _LONG,)) + struct.pack(">Q", len(content)) + content


def broken_messages(address: str, random: Random) -> None:
    """Requests with something wrong in them, some with parts behind."""
    with _dealer(address) as client:
        for _ in range(random.randint(1, 200)):
            parts = [broken_header(random)] + [random.randbytes(random.choice((0, 1, 2000)))] * random.choice(
                (0, 0, 1, 5)
            )
            client.send_multipart(parts)


def broken_wire(address: str, random: Random) -> None:
    """Bytes that are nearly ZMTP."""
    whole = _GREETING + _READY + _frame(_request("ping", 1)) * 20
    with _connection(address) as connection:
        connection.sendall(broken_bytes(whole, random))
        if random.random() < 0.5:  # else it ends at once
            connection.settimeout(0.2)
            connection.recv(4096)


def endless_message(address: str, random: Random) -> None:
    """A message whose last part never comes."""
    part = _frame(bytes(random.choice((0, 1, 200, 1 << 16, 8 << 20))), _MORE)
    piece = part * max(1, (1 << 20) // len(part))
    offered, ends = 0, time.monotonic() + _SECONDS
    with _spoken_to(address) as connection:
        while offered < _MAX_OFFERED and time.monotonic() < ends:
            connection.sendall(piece)
            offered += len(piece)


def many_parts(address: str, random: Random) -> None:
    """A whole message of very many empty parts."""
    count = random.choice((1000, 100_000, 1_000_000))
    with _spoken_to(address) as connection:
        connection.sendall(_frame(_request("ping", 1), _MORE) + b"\x01\x00" * count + b"\x00\x00")


def never_reads(address: str, random: Random) -> None:
    """Asks for pictures and reads none."""
    with _dealer(address) as client:
        client.setsockopt(zmq.RCVHWM, 1)
        client.send(_request("list", 1))
        if not client.poll(2000):
            return
        handle = msgpack.unpackb(client.recv())["characters"][0]["character"]
        ends, number = time.monotonic() + _SECONDS, 1
        while time.monotonic() < ends:
            number += 1
            pose = [random.random()] * len(NAMES)
            client.send(_request("render", number, character=handle, pose=pose, stream=number % 8))
            time.sleep(0.002)


def comes_and_goes(address: str, random: Random) -> None:
    """Clients that say something and are gone without a word."""
    for _ in range(random.randint(1, 60)):
        with _spoken_to(address) as connection:
            connection.sendall(_frame(_request(random.choice(("hello", "ping", "list", "stats")), 1)))
            if random.random() < 0.3:  # reset rather than closed
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def broken_characters(address: str, random: Random) -> None:
    """Files that are no characters, or nearly."""
    data = built_in_path("yunagi").read_bytes()
    breakers = {".json": json_again, ".png": broken_png}
    with _dealer(address) as client:
        for number in range(1, random.randint(2, 4)):
            file = broken_zip(data, random, breakers)
            client.send_multipart([_request("load", number, sha256=hashlib.sha256(file).hexdigest()), file])
        client.poll(3000)


def loads_again_and_again(address: str, random: Random) -> None:
    """One path, over and over."""
    with _dealer(address) as client:
        for number in range(1, random.randint(2, 60)):
            client.send(_request("load", number, path=random.choice(("yunagi.tha4", "kohaku.tha4", "nobody.tha4"))))
        client.poll(1000)


ATTACKS: Final[dict[str, Attack]] = {
    attack.__name__: attack
    for attack in (
        broken_messages,
        broken_wire,
        endless_message,
        many_parts,
        never_reads,
        comes_and_goes,
        broken_characters,
        loads_again_and_again,
    )
}
