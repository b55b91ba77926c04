"""A bridge's client for any Python program.

    with BridgeClient() as bridge:
        hero = bridge.load("hero.tha4")
        pixels = bridge.render(hero, pose_from_names({"mouth_aaa": 0.7}))  # uint8 (512, 512, 4)

or, for a stream in which only the newest pose matters::

    bridge.request_frame(hero, pose)
    frame = bridge.poll_frame(timeout=0.0)
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

import numpy as np
import zmq
from numpy.typing import NDArray

from bridge.address import parse_address
from bridge.protocol import DEFAULT_ADDRESS, VERSION, Header, ProtocolError, decode_header, encode_header
from tha4_core import __version__
from tha4_core.errors import UserError
from tha4_core.picture.region import Region, as_region
from tha4_core.pose import Pose, as_pose

#: ``render`` has a stream of its own, so that it and ``request_frame`` do not supersede each other.
_RENDER_STREAM: Final = -1
#: Frames and refusals kept for ``poll_frame``; beyond, the oldest is lost.
_MAX_KEPT: Final = 64
_MAX_UNREAD: Final = 16
#: A bridge is trusted more than a client: its list of characters may be long.
_MAX_HEADER_BYTES: Final = 16 << 20
_MAX_ENTRIES: Final = 1 << 16
_LINGER_MS: Final = 500


class BridgeError(UserError):
    """What the bridge refused. code: one of PROTOCOL.md's; str(error): its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BridgeUnavailable(UserError):  # noqa: N818 - it names a state, which a program waits out
    """No bridge answers."""


@dataclass(frozen=True)
class Welcome:
    """What a bridge says of itself."""

    server: str
    engine: str
    device: str
    pid: int
    width: int
    height: int
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class LoadedCharacter:
    """A character that a bridge hosts. character: its handle there. digest: SHA-256 of its content (hex)."""

    character: str
    name: str
    author: str
    licence: str
    digest: str
    width: int
    height: int
    head_view: Region


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture of a pose.

    pixels: straight-alpha sRGB, uint8 (height, width, 4), seen in place in the received message. request: the number
    that ``request_frame`` returned. region: what is shown, in pixels of the full picture. queued_ms, render_ms: time
    waiting for the engine, and in it. superseded: how many older requests of the stream gave way since its last frame.
    """

    pixels: NDArray[np.uint8]
    request: int
    character: str
    stream: int
    pose_number: int
    region: Region
    queued_ms: float
    render_ms: float
    superseded: int


class BridgeClient:
    """A connection to a bridge, for one thread.

    address: the bridge's. timeout: seconds to wait for any answer. Raises BridgeUnavailable when no bridge answers.

    A bridge forgets a client, and what it holds, after 30 s of silence (``--client-timeout``) or when it restarts;
    then ``render`` raises BridgeError with code ``unknown_character``: load again. A program that pauses longer
    calls ``ping`` every 10 s or so.
    """

    def __init__(self, address: str = DEFAULT_ADDRESS, timeout: float = 10.0) -> None:
        self.address = str(parse_address(address))
        self.timeout = timeout
        self._number = 0
        self._streamed: dict[int, int] = {}  # request number -> stream, while its answer is to come
        self._superseded: dict[int, int] = {}  # by stream, since the last frame
        self._kept: deque[Frame | BridgeError] = deque(maxlen=_MAX_KEPT)
        self._socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.DEALER)
        self._socket.setsockopt(zmq.LINGER, _LINGER_MS)
        self._socket.setsockopt(zmq.RCVHWM, _MAX_UNREAD)
        self._socket.setsockopt(zmq.IPV6, int(parse_address(address).ipv6))
        try:
            self._socket.connect(self.address)
            header, _ = self._ask("hello", client=f"python-client {__version__}", versions=[VERSION])
            self.welcome = Welcome(
                server=header["server"],
                engine=header["engine"],
                device=header["device"],
                pid=header["pid"],
                width=header["width"],
                height=header["height"],
                parameters=tuple(header["parameters"]),
            )
        except BaseException:
            self._socket.close(linger=0)
            raise

    def __enter__(self) -> BridgeClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the bridge, which lets go of what this client holds. Closing twice is fine."""
        if not self._socket.closed:
            self._send("bye")
            self._socket.close()

    def characters(self) -> list[LoadedCharacter]:
        """What the bridge hosts now."""
        header, _ = self._ask("list")
        return [_described(description) for description in header["characters"]]

    def load(self, path: str | os.PathLike[str]) -> LoadedCharacter:
        """Have the bridge load a character and hold it for this client.

        path: a ``.tha4`` file, a directory, or the ``.yaml`` in one, on the bridge's machine: absolute, or relative to
        one of the bridge's roots (not to this program's directory). Raises BridgeError.
        """
        header, _ = self._ask("load", path=os.fspath(path))
        return _described(header)

    def load_bytes(self, file: bytes) -> LoadedCharacter:
        """Have the bridge load a ``.tha4`` file that lies here, and hold it for this client.

        file: its bytes. They are sent only when the bridge does not host them already. Raises BridgeError.
        """
        sha256 = hashlib.sha256(file).hexdigest()
        try:
            header, _ = self._ask("load", sha256=sha256)
        except BridgeError as error:
            if error.code != "send_file":
                raise
            header, _ = self._ask("load", file, sha256=sha256)
        return _described(header)

    def unload(self, character: LoadedCharacter | str) -> None:
        """Let go of a character; one that nobody holds leaves the bridge's memory."""
        self._ask("unload", character=_handle(character))

    def render(
        self,
        character: LoadedCharacter | str,
        pose: Pose | Sequence[float],
        region: Sequence[int] | None = None,
        scale: float = 1.0,
    ) -> NDArray[np.uint8]:
        """The picture of a pose: straight-alpha sRGB, uint8 (height, width, 4), not copied from the message.

        pose: 45 numbers. region: ``(x, y, width, height)`` in the full picture, None for all of it.
        scale: output size, above 0 and at most 1. Raises PoseError, RegionError, BridgeError, BridgeUnavailable.
        """
        fields = _render_fields(character, pose, region, scale)
        header, parts = self._ask("render", **fields, stream=_RENDER_STREAM)
        return _pixels(header, parts)

    def request_frame(
        self,
        character: LoadedCharacter | str,
        pose: Pose | Sequence[float],
        region: Sequence[int] | None = None,
        scale: float = 1.0,
        stream: int = 0,
        pose_number: int = 0,
    ) -> int:
        """Ask for a frame without waiting; ``poll_frame`` gives it. Returns the request's number.

        stream: requests of one stream supersede each other, the newest wins; -1 is taken by ``render``.
        pose_number: any whole number; the frame repeats it. Raises PoseError, RegionError, BridgeUnavailable.
        """
        if stream == _RENDER_STREAM:
            raise ValueError(f"stream {_RENDER_STREAM} belongs to render()")
        fields = _render_fields(character, pose, region, scale)
        number = self._send("render", **fields, stream=stream, pose_number=pose_number)
        self._streamed[number] = stream
        return number

    def poll_frame(self, timeout: float = 0.0) -> Frame | None:
        """The next frame that was asked for by ``request_frame``; None when none comes within ``timeout`` seconds.

        Raises BridgeError when a request was refused.
        """
        deadline = time.monotonic() + timeout
        while not self._kept:
            message = self._receive(deadline)
            if message is None:
                return None
            self._keep(*message)
        kept = self._kept.popleft()
        if isinstance(kept, BridgeError):
            raise kept
        return kept

    def ping(self) -> float:
        """Seconds to the bridge and back."""
        started = time.perf_counter()
        self._ask("ping")
        return time.perf_counter() - started

    def stats(self) -> dict[str, float]:
        """The bridge's figures, by PROTOCOL.md's names."""
        header, _ = self._ask("stats")
        return {key: value for key, value in header.items() if key not in ("v", "type", "id")}

    def _send(self, type_name: str, *parts: bytes, **fields: object) -> int:
        self._number += 1
        header = {"v": VERSION, "type": type_name, "id": self._number, **fields}
        try:
            self._socket.send_multipart([encode_header(header), *parts], zmq.NOBLOCK)
        except zmq.Again:
            raise self._unavailable("takes no more messages") from None
        return self._number

    def _ask(self, type_name: str, *parts: bytes, **fields: object) -> tuple[Header, list[zmq.Frame]]:
        """Send a request and wait for its answer; what comes for ``poll_frame`` meanwhile is kept."""
        number = self._send(type_name, *parts, **fields)
        deadline = time.monotonic() + self.timeout
        while True:
            message = self._receive(deadline)
            if message is None:
                raise self._unavailable(f"gave no answer within {self.timeout:g} s")
            header, answered = message
            if header.get("id") != number:
                self._keep(header, answered)
            elif header.get("type") == "error":
                raise BridgeError(str(header.get("code")), str(header.get("message")))
            else:
                return header, answered

    def _receive(self, deadline: float) -> tuple[Header, list[zmq.Frame]] | None:
        while True:
            wait_ms = max(0, round((deadline - time.monotonic()) * 1000))
            if not self._socket.poll(wait_ms):
                return None
            first, *parts = self._socket.recv_multipart(copy=False)
            try:
                return decode_header(first.bytes, _MAX_HEADER_BYTES, _MAX_ENTRIES), parts
            except ProtocolError:
                continue  # not a message of ours

    def _keep(self, header: Header, parts: list[zmq.Frame]) -> None:
        """Sort in what no call waits for: answers to ``request_frame``, or to calls that gave up waiting."""
        number = header.get("id", 0)
        stream = self._streamed.pop(number, None)
        if stream is None:
            return
        if header.get("type") == "superseded":
            self._superseded[stream] = self._superseded.get(stream, 0) + 1
        elif header.get("type") == "error":
            self._kept.append(BridgeError(str(header.get("code")), str(header.get("message"))))
        elif header.get("type") == "frame":
            self._kept.append(
                Frame(
                    pixels=_pixels(header, parts),
                    request=number,
                    character=header["character"],
                    stream=stream,
                    pose_number=header["pose_number"],
                    region=Region(*header["region"]),
                    queued_ms=header["queued_ms"],
                    render_ms=header["render_ms"],
                    superseded=self._superseded.pop(stream, 0),
                )
            )

    def _unavailable(self, trouble: str) -> BridgeUnavailable:
        return BridgeUnavailable(
            f"the bridge at {self.address} {trouble}; start one with: python -m bridge --address {self.address}"
        )


def _render_fields(
    character: LoadedCharacter | str, pose: Pose | Sequence[float], region: Sequence[int] | None, scale: float
) -> dict[str, Any]:
    return {
        "character": _handle(character),
        "pose": as_pose(pose).astype("<f4").tobytes(),
        "region": None if region is None else list(as_region(region)),
        "scale": scale,
    }


def _handle(character: LoadedCharacter | str) -> str:
    return character if isinstance(character, str) else character.character


def _described(description: Header) -> LoadedCharacter:
    return LoadedCharacter(
        character=description["character"],
        name=description["name"],
        author=description["author"],
        licence=description["licence"],
        digest=description["digest"],
        width=description["width"],
        height=description["height"],
        head_view=Region(*description["head_view"]),
    )


def _pixels(header: Header, parts: list[zmq.Frame]) -> NDArray[np.uint8]:
    width, height = header["width"], header["height"]
    if header["format"] != "rgba8" or len(parts) < 1 or len(parts[0]) != width * height * 4:
        raise BridgeError("bad_message", "the bridge sent a frame that is not what its header says; update both.")
    pixels: NDArray[np.uint8] = np.frombuffer(parts[0].buffer, dtype=np.uint8)
    return pixels.reshape(height, width, 4)
