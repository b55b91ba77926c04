"""Requests for frames: they wait, are superseded, take turns, and are rendered."""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.answers import Answers, internal
from bridge.characters import Characters
from bridge.door import Door, Leaving
from bridge.frames import Buffer, BufferPool, frame_size, shrink
from bridge.protocol import Header, ProtocolError, Render, frame, superseded
from bridge.scheduler import FairQueue, QueueFullError
from bridge.statistics import Statistics
from bridge.worker import Worker
from tha4_core.engines import Engine
from tha4_core.picture.edges import fill_edges
from tha4_core.picture.region import Region

MAX_WAITING_STREAMS: Final = 64
#: A client with more unread, or with anything unread when all clients together have so much, is not drawn for.
UNREAD_BYTES: Final = 1 << 20
UNREAD_BYTES_OF_ALL: Final = 64 << 20
#: A frame of more than UNREAD_BYTES is drawn only while all clients together have no more than this unread with it.
UNREAD_BYTES_WITH_LARGE: Final = 128 << 20
#: Who has taken more than lies in the system's buffers is known to read.
_BYTES_OF_A_READER: Final = 4 << 20
#: Between two frames of one who reads, the engine waits so long for his next request rather than draw for the others.
_READERS_ARE_AWAITED_S: Final = 0.25


@dataclass(frozen=True, eq=False)
class WaitingRender:
    """since: monotonic seconds."""

    client: bytes
    request: Render
    since: float


class Rendering:
    """Used by the talking thread; the engines work in ``worker``. door: knows who reads.

    Nobody is drawn for who does not read: such requests wait. Clients that are known to read, and all others, of which
    many may have come to ask and never read, have the engine for the same time, so that these hold up those for one
    frame at most. holds_back: somebody waits only until those who read have had their share; to be asked again soon.
    """

    def __init__(
        self, worker: Worker, characters: Characters, door: Door, answers: Answers, statistics: Statistics
    ) -> None:
        self._worker = worker
        self._door = door
        self._for_reader = False
        self._lead_of_others = 0.0
        self._reader_served_at = 0.0
        self.holds_back = False
        self._characters = characters
        self._answers = answers
        self._statistics = statistics
        self._waiting: FairQueue[WaitingRender] = FairQueue(MAX_WAITING_STREAMS)
        self._buffers = BufferPool()

    def __len__(self) -> int:
        """How many streams wait."""
        return len(self._waiting)

    def waits(self, client: bytes) -> bool:
        """Whether a client waits for a frame that is not at work yet, and for nothing else but its turn."""
        return self._waiting.count(client) > 0 and self._door.unread(client) <= UNREAD_BYTES

    def take(self, client: bytes, request: Render) -> None:
        """A request has come; an older one of its stream gives way. Raises ProtocolError."""
        if self._characters.find(request.character) is None:
            raise _unknown_character(request)
        try:
            older = self._waiting.put(client, request.stream, WaitingRender(client, request, time.monotonic()))
        except QueueFullError:
            raise ProtocolError(
                "too_many", f"{MAX_WAITING_STREAMS} streams of this client wait already; wait for their frames."
            ) from None
        if older is not None:
            self._statistics.superseded += 1
            self._answers.send(client, superseded(older.request))

    def start_next(self) -> None:
        """Give the worker, which is not busy, the next frame, if one can be drawn now."""
        while (render := self._next()) is not None:
            hosted = self._characters.find(render.request.character)
            if hosted is not None:
                self._start(render, hosted.engine)
                return
            self._refuse(render, _unknown_character(render.request))

    def charge(self, client: bytes, seconds: float) -> None:
        """A frame for a client has taken so long."""
        self._waiting.charge(client, seconds)
        if self._for_reader:
            self._lead_of_others = max(0.0, self._lead_of_others - seconds)
            self._reader_served_at = time.monotonic()
        else:
            self._lead_of_others += seconds

    def _next(self) -> WaitingRender | None:
        door, unread_by_all = self._door, self._door.unread_by_all()
        most = UNREAD_BYTES if unread_by_all <= UNREAD_BYTES_OF_ALL else 0

        def has_room(client: bytes) -> bool:
            size = _frame_bytes(self._waiting.next_of(client).request)
            return size <= UNREAD_BYTES or unread_by_all + size <= UNREAD_BYTES_WITH_LARGE

        def reader(client: bytes) -> bool:
            return door.taken(client) >= _BYTES_OF_A_READER and door.unread(client) <= most and has_room(client)

        def other(client: bytes) -> bool:
            return door.taken(client) < _BYTES_OF_A_READER and door.unread(client) == 0 and has_room(client)

        if self._lead_of_others == 0.0:
            render, self._for_reader = self._waiting.take(other), False
            if render is None:
                render, self._for_reader = self._waiting.take(reader), True
        else:
            render, self._for_reader = self._waiting.take(reader), True
            if render is None and time.monotonic() - self._reader_served_at > _READERS_ARE_AWAITED_S:
                self._lead_of_others = 0.0
                render, self._for_reader = self._waiting.take(other), False
        self.holds_back = render is None and self._lead_of_others > 0.0 and len(self._waiting) > 0
        return render

    def remove_client(self, client: bytes) -> None:
        self._waiting.remove_client(client)

    def refuse_characters(self, handles: Collection[str]) -> None:
        """Refuse the requests that wait for characters which have left memory."""
        for render in self._waiting.remove_if(lambda waiting: waiting.request.character in handles):
            self._refuse(render, _unknown_character(render.request))

    def _start(self, render: WaitingRender, engine: Engine) -> None:
        request = render.request
        width, height = frame_size(request.region, request.scale)
        buffer = self._buffers.take(_frame_bytes(request))
        pixels = buffer.pixels(width, height)
        scratch: Buffer | None = None
        if request.scale < 1.0 and (width, height) != (request.region.width, request.region.height):
            scratch = self._buffers.take(4 * request.region.width * request.region.height)
        started = time.monotonic()

        def done(task: Future[float]) -> None:
            if scratch is not None:
                self._buffers.give_back(scratch)
            tracker: Leaving | None = None
            try:
                render_ms = task.result()
                self._statistics.count_frame(render_ms)
                header = frame(request, width, height, (started - render.since) * 1000.0, render_ms)
                tracker = self._answers.send(render.client, header, pixels)
            except Exception as error:
                self._refuse(render, internal(error, f"rendering {request.character}"))
            finally:
                self._buffers.give_back(buffer, tracker)

        self._worker.start(render.client, lambda: _render(engine, request, pixels, scratch), done)

    def _refuse(self, render: WaitingRender, error: ProtocolError) -> None:
        request = render.request
        header: Header = {"type": "render", "id": request.id}
        header |= {"stream": request.stream, "pose_number": request.pose_number}
        self._answers.refuse(render.client, error, header)


def _render(engine: Engine, request: Render, pixels: NDArray[np.uint8], scratch: Buffer | None) -> float:
    """Render into ``pixels``, by way of ``scratch`` if they are smaller than the region, ready to be drawn.

    Returns milliseconds.
    """
    started = time.perf_counter()
    if scratch is None:
        engine.render(request.pose, request.region, out=pixels, scale=max(1, int(request.scale)))
    else:
        region: Region = request.region
        whole = scratch.pixels(region.width, region.height)
        engine.render(request.pose, region, out=whole)
        shrink(whole, out=pixels)
    fill_edges(pixels)
    return (time.perf_counter() - started) * 1000.0


def _frame_bytes(request: Render) -> int:
    width, height = frame_size(request.region, request.scale)
    return 4 * width * height


def _unknown_character(request: Render) -> ProtocolError:
    return ProtocolError("unknown_character", f"no character {request.character!r:.80} is loaded; load it first.")
