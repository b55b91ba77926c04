"""A bridge with a real socket in a thread of the test, and the least of clients: a plain DEALER.

Its engine is a fake that paints a frame with the pose's first number, and that can be made to wait: so tests decide
what is rendered when, and none of them looks at a clock.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest
import zmq

from bridge.client import BridgeClient
from bridge.reading import Reader
from bridge.server import Bridge
from tests.synthetic import synthetic_character
from tha4_core.character import Character, CharacterError
from tha4_core.picture.region import as_region
from tha4_core.pose import as_pose

#: Seconds after which a test gives up; nothing is expected to take nearly so long.
PATIENCE = 20.0


class FakeEngine:
    """Paints all of a frame with round(100 * pose[0]); pose[1] of 1 makes it raise."""

    name = "fake"
    device = "cpu"

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()
        self.rendered: list[int] = []

    def render(
        self,
        pose: Sequence[float],
        region: Sequence[int] | None = None,
        out: np.ndarray | None = None,
        scale: int = 1,
    ) -> np.ndarray:
        vector, rectangle = as_pose(pose), as_region(region)
        assert self.free.wait(PATIENCE)
        if vector[1] == 1.0:
            raise RuntimeError("the fake engine was told to fail")
        value = round(100 * float(vector[0]))
        self.rendered.append(value)
        if out is None:
            out = np.empty((rectangle.height * scale, rectangle.width * scale, 4), dtype=np.uint8)
        assert out.shape == (rectangle.height * scale, rectangle.width * scale, 4)
        out[...] = value
        return out


class Host:
    """A running bridge, and the engines that it made: by the character's name.

    expressions: what the next character's file brings. read: what each file that was read is called, in order.
    """

    def __init__(
        self, directory: Path, preloaded: Sequence[Path] = (), address: str = "tcp://127.0.0.1:*", **options: Any
    ) -> None:
        self.root = directory / "characters"
        self.root.mkdir(exist_ok=True)
        self.engines: dict[str, FakeEngine] = {}
        self.expressions: dict[str, dict[str, float]] = {}
        self.read: list[str] = []
        self.reading_is_free = threading.Event()
        self.reading_is_free.set()
        self._template = synthetic_character()
        reader = Reader([self.root], parse_file=self._parse_file)
        self.bridge = Bridge(address, self._create_engine, reader, **options)
        self.bridge.prepare(preloaded)
        self.thread = threading.Thread(target=self.bridge.run)

    @property
    def address(self) -> str:
        return self.bridge.address

    def make_character(self, name: str) -> str:
        """A file whose content is a character's name. Returns its path for ``load``."""
        (self.root / f"{name}.tha4").write_text(name)
        return f"{name}.tha4"

    def _parse_file(self, data: bytes, source: str) -> Character:
        assert self.reading_is_free.wait(PATIENCE)
        self.read.append(source)
        text = data.decode()
        if text.startswith("bad"):
            raise CharacterError(f"{source} is no character; give another.")
        if text.startswith("crash"):
            raise RuntimeError("the loader was told to fail")
        # The name has to be part of the digest here, so it changes a weight.
        weights = dict(self._template.face_morpher)
        weights["siren.last_linear.bias"] = np.frombuffer(text.encode().ljust(4)[:4], np.uint8).astype(np.float32)
        info = replace(self._template.info, name=text, expressions=self.expressions)
        return replace(self._template, face_morpher=weights, info=info)

    def _create_engine(self, character: Character) -> FakeEngine:
        engine = self.engines[character.info.name] = FakeEngine()
        return engine


class RawClient:
    """A DEALER that sends what it is given."""

    def __init__(self, address: str, **options: int | bytes) -> None:
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        for name, value in options.items():
            self.socket.setsockopt(getattr(zmq, name), value)
        self.socket.connect(address)
        self.number = 0

    def send(self, type_name: str, *parts: bytes, **fields: Any) -> int:
        self.number += 1
        self.send_parts(msgpack.packb({"v": 1, "type": type_name, "id": self.number} | fields), *parts)
        return self.number

    def send_parts(self, *parts: bytes) -> None:
        self.socket.send_multipart(parts)

    def receive(self) -> tuple[dict[str, Any], list[bytes]]:
        assert self.socket.poll(PATIENCE * 1000), "the bridge gave no answer"
        first, *parts = self.socket.recv_multipart()
        return msgpack.unpackb(first), parts

    def ask(self, type_name: str, *parts: bytes, **fields: Any) -> dict[str, Any]:
        self.send(type_name, *parts, **fields)
        return self.receive()[0]

    def load(self, path: str) -> str:
        header = self.ask("load", path=path)
        assert header["type"] == "loaded", header
        return header["character"]


class GoodClient:
    """Asks for one small frame after another, from a thread, and notes the longest that it waited for one (seconds)."""

    def __init__(self, host: Host) -> None:
        self.worst_gap = 0.0
        self.frames = 0
        self._client = RawClient(host.address)
        self._character = self._client.load(host.make_character("good"))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            asked = time.monotonic()
            region = [0, 0, 256, 256]
            answer = self._client.ask(
                "render", character=self._character, pose=pose_of(self.frames % 100), region=region
            )
            self.worst_gap = max(self.worst_gap, time.monotonic() - asked)
            assert answer["type"] == "frame", answer
            self.frames += 1

    def end(self) -> None:
        self._stop.set()
        self._thread.join(2 * PATIENCE)
        assert not self._thread.is_alive()
        self._client.socket.close()


@contextmanager
def beside_a_good_client(host: Host, longest_gap: float = 2.0) -> Iterator[GoodClient]:
    """What happens meanwhile may keep a good client waiting for no longer; generous, for machines that are busy."""
    good = GoodClient(host)
    try:
        wait_until(lambda: good.frames > 0)
        yield good
        seen = good.frames
        wait_until(lambda: good.frames > seen)
    finally:
        good.end()
    assert good.worst_gap < longest_gap


GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03\x00NULL" + b"\0" * 48


@contextmanager
def tcp(host: Host) -> Iterator[socket.socket]:
    """A connection that speaks for itself."""
    name, port = host.address.removeprefix("tcp://").rsplit(":", 1)
    with closing(socket.create_connection((name, int(port)), timeout=PATIENCE)) as connection:
        yield connection


def ready(identity: bytes = b"") -> bytes:
    """A DEALER's READY."""
    body = b"\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
    if identity:
        body += b"\x08Identity" + len(identity).to_bytes(4, "big") + identity
    return b"\x04" + bytes([len(body)]) + body


def pose_of(value: int) -> list[float]:
    """The pose that FakeEngine paints as ``value``, 0 to 100."""
    return [value / 100] + [0.0] * 44


FAILING_POSE = [0.0, 1.0] + [0.0] * 43


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.005)


@contextmanager
def running(directory: Path, **options: Any) -> Iterator[Host]:
    host = Host(directory, **options)
    host.thread.start()
    try:
        yield host
    finally:
        host.reading_is_free.set()
        for engine in host.engines.values():
            engine.free.set()
        host.bridge.stop()
        host.thread.join(PATIENCE)
        assert not host.thread.is_alive()
        assert host.bridge.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with running(tmp_path) as running_host:
        yield running_host


@pytest.fixture
def connect(host: Host) -> Iterator[Callable[..., RawClient]]:
    """Makes raw clients of ``host``."""
    clients: list[RawClient] = []

    def make(**options: int) -> RawClient:
        clients.append(RawClient(host.address, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.socket.close()


@pytest.fixture
def client(host: Host) -> Iterator[BridgeClient]:
    with BridgeClient(host.address, timeout=PATIENCE) as bridge_client:
        yield bridge_client
