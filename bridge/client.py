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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import zmq
from numpy.typing import NDArray

from bridge.address import parse_address
from bridge.connection import BridgeUnavailable
from bridge.curve import read_client_keys
from bridge.protocol import DEFAULT_ADDRESS, Header
from bridge.session import Session
from bridge.streams import Answer, BridgeError
from tha4_core.picture.region import Region, as_region
from tha4_core.pose import Pose, as_pose

__all__ = ["BridgeClient", "BridgeError", "BridgeUnavailable", "Frame", "LoadedCharacter", "Welcome"]

#: ``render`` has a stream of its own, so that it and ``request_frame`` do not supersede each other.
_RENDER_STREAM: Final = -1


@dataclass(frozen=True)
class Welcome:
    """What a bridge says of itself. scales: those above 1 that it draws frames at; none for one of before."""

    server: str
    engine: str
    device: str
    pid: int
    width: int
    height: int
    parameters: tuple[str, ...]
    scales: tuple[int, ...]


@dataclass(frozen=True)
class LoadedCharacter:
    """A character that a bridge hosts. character: its handle there. digest: SHA-256 of its content (hex).

    drawing_size: the edge of its largest drawing, 512, 1024 or 2048 pixels; frames of more are enlarged.
    """

    character: str
    name: str
    author: str
    licence: str
    digest: str
    width: int
    height: int
    head_view: Region
    drawing_size: int


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

    address: the bridge's. timeout: seconds to wait for any answer. curve_keys: the folder of keys that a bridge with
    ``--curve-keys`` asks for (PROTOCOL.md). on_reconnect: see below. Raises AddressError; KeyFileError;
    BridgeUnavailable when no bridge answers, or it does not let this client in.

    A bridge that was started anew, or that this client was silent towards for too long (``--client-timeout``), has
    forgotten it. Then what was loaded is loaded again, from the same path or bytes, and what was not answered is asked
    again: ``render`` takes longer, streams pause, handles stay good. ``reconnections`` counts that, and
    ``on_reconnect`` is called, without arguments, each time, from whatever method noticed it. Without a bridge, methods
    raise BridgeUnavailable after ``timeout``; what comes later finds it when it is there again.
    """

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        timeout: float = 10.0,
        *,
        curve_keys: str | os.PathLike[str] | None = None,
        on_reconnect: Callable[[], object] | None = None,
    ) -> None:
        keys = None if curve_keys is None else read_client_keys(Path(curve_keys))
        self._session = Session(parse_address(address), timeout, keys)
        self._session.on_reconnect = on_reconnect
        try:
            self._session.wait()
        except BaseException:
            self._session.close()
            raise

    @property
    def address(self) -> str:
        """The bridge's."""
        return str(self._session.address)

    @property
    def timeout(self) -> float:
        """Seconds to wait for any answer."""
        return self._session.timeout

    @property
    def reconnections(self) -> int:
        """How often everything was loaded again at a bridge that had forgotten this client."""
        return self._session.reconnections

    @property
    def welcome(self) -> Welcome:
        """What the bridge says of itself; after a reconnection, the bridge that is there now."""
        header = self._session.welcome
        return Welcome(
            server=header["server"],
            engine=header["engine"],
            device=header["device"],
            pid=header["pid"],
            width=header["width"],
            height=header["height"],
            parameters=tuple(header["parameters"]),
            scales=tuple(header.get("scales", ())),
        )

    def __enter__(self) -> BridgeClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the bridge, which lets go of what this client holds. Closing twice is fine."""
        self._session.close()

    def characters(self) -> list[LoadedCharacter]:
        """What the bridge hosts now."""
        header = self._session.ask("list").header
        return [_described(description) for description in header["characters"]]

    def load(self, path: str | os.PathLike[str]) -> LoadedCharacter:
        """Have the bridge load a character and hold it for this client.

        path: a ``.tha4`` file, a directory, or the ``.yaml`` in one, on the bridge's machine: absolute, or relative to
        one of the bridge's roots (not to this program's directory). Raises BridgeError.
        """
        source = os.fspath(path)
        return self._hold(self._session.ask("load", path=source).header, source)

    def load_bytes(self, file: bytes) -> LoadedCharacter:
        """Have the bridge load a ``.tha4`` file that lies here, and hold it for this client.

        file: its bytes, kept for a bridge that has forgotten them. They are sent only when the bridge does not host
        them already. Raises BridgeError.
        """
        sha256 = hashlib.sha256(file).hexdigest()
        try:
            answer = self._session.ask("load", sha256=sha256)
        except BridgeError as error:
            if error.code != "send_file":
                raise
            answer = self._session.ask("load", file, sha256=sha256)
        return self._hold(answer.header, file)

    def unload(self, character: LoadedCharacter | str) -> None:
        """Let go of a character; one that nobody holds leaves the bridge's memory."""
        self._session.ask("unload", character=self._session.let_go(_handle(character)))

    def render(
        self,
        character: LoadedCharacter | str,
        pose: Pose | Sequence[float],
        region: Sequence[int] | None = None,
        scale: float = 1.0,
    ) -> NDArray[np.uint8]:
        """The picture of a pose: straight-alpha sRGB, uint8 (height, width, 4), not copied from the message.

        pose: 45 numbers. region: ``(x, y, width, height)`` in the full picture, None for all of it.
        scale: output size, above 0 and at most 1, or 2 or 4: then the region's pixels are drawn twice or four times as
        fine. Raises PoseError, RegionError, BridgeError, BridgeUnavailable.
        """
        fields = self._render_fields(character, pose, region, scale)
        answer = self._session.ask("render", **fields, stream=_RENDER_STREAM)
        return _pixels(answer.header, answer.parts)

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
        pose_number: any whole number; the frame repeats it. While the bridge is away, the newest request of each stream
        waits for it. Raises PoseError, RegionError; BridgeUnavailable when it is away for longer than ``timeout``;
        BridgeError for a scale above 1 when the bridge is of before those.
        """
        if stream == _RENDER_STREAM:
            raise ValueError(f"stream {_RENDER_STREAM} belongs to render()")
        fields = self._render_fields(character, pose, region, scale)
        return self._session.request(stream, fields | {"pose_number": pose_number})

    def poll_frame(self, timeout: float = 0.0) -> Frame | None:
        """The next frame that was asked for by ``request_frame``; None when none comes within ``timeout`` seconds.

        Raises BridgeError when a request was refused, BridgeUnavailable when the bridge lets this client in no more.
        """
        answer = self._session.take(time.monotonic() + timeout)
        if answer is not None and answer.error is not None:
            raise answer.error
        return None if answer is None else _frame(answer)

    def ping(self) -> float:
        """Seconds to the bridge and back."""
        started = time.perf_counter()
        self._session.ask("ping")
        return time.perf_counter() - started

    def stats(self) -> dict[str, float]:
        """The bridge's figures, by PROTOCOL.md's names."""
        header = self._session.ask("stats").header
        return {key: value for key, value in header.items() if key not in ("v", "type", "id")}

    def _hold(self, header: Header, source: str | bytes) -> LoadedCharacter:
        character = _described(header)
        self._session.hold(character.character, source, character.digest)
        return character

    def _render_fields(
        self, character: LoadedCharacter | str, pose: Pose | Sequence[float], region: Sequence[int] | None, scale: float
    ) -> dict[str, Any]:
        if scale > 1.0 and not self.welcome.scales:
            raise BridgeError(
                "bad_field",
                f"the bridge at {self.address} is of a version that draws no frames larger than the picture; update it,"
                " or ask for a scale of at most 1.",
            )
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
        drawing_size=int(description.get("drawing_size") or description["width"]),
    )


def _frame(answer: Answer) -> Frame:
    header, asked = answer.message.header, answer.asked
    return Frame(
        pixels=_pixels(header, answer.message.parts),
        request=asked.number,
        character=asked.fields["character"],
        stream=asked.stream,
        pose_number=header["pose_number"],
        region=Region(*header["region"]),
        queued_ms=header["queued_ms"],
        render_ms=header["render_ms"],
        superseded=answer.superseded,
    )


def _pixels(header: Header, parts: list[zmq.Frame]) -> NDArray[np.uint8]:
    width, height = header["width"], header["height"]
    if header["format"] != "rgba8" or len(parts) < 1 or len(parts[0]) != width * height * 4:
        raise BridgeError("bad_message", "the bridge sent a frame that is not what its header says; update both.")
    pixels: NDArray[np.uint8] = np.frombuffer(parts[0].buffer, dtype=np.uint8)
    return pixels.reshape(height, width, 4)
