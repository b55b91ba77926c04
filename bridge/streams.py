"""What a client asks for without waiting, and what it is answered."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

import zmq

from bridge.protocol import Header
from tha4_core.errors import UserError

#: Answers that are kept; beyond, the oldest is lost.
_MAX_KEPT: Final = 64


class BridgeError(UserError):
    """What the bridge refused. code: one of PROTOCOL.md's; str(error): its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, eq=False)
class Message:
    """header: an answer's. parts: what follows it."""

    header: Header
    parts: list[zmq.Frame]

    @property
    def error(self) -> BridgeError | None:
        """What was refused, if this says so."""
        if self.header.get("type") != "error":
            return None
        return BridgeError(str(self.header.get("code")), str(self.header.get("message")))


@dataclass(eq=False)
class Asked:
    """A frame that was asked for. number: what its owner knows it by. fields: as its owner gave them.

    told: how often this bridge had been told everything when it was sent. repeated: it was refused once already.
    """

    number: int
    stream: int
    fields: dict[str, Any]
    told: int = 0
    repeated: bool = False


@dataclass(frozen=True, eq=False)
class Answer:
    """superseded: how many older requests of the stream gave way since its last frame. error: what was refused."""

    asked: Asked
    message: Message
    superseded: int = 0
    error: BridgeError | None = None


@dataclass(eq=False)
class Streams:
    """The frames that an owner has asked for, and their answers.

    sent: by the number on the wire. unsent: by stream, while no bridge is there. superseded: by stream.
    """

    sent: dict[int, Asked] = field(default_factory=dict)
    unsent: dict[int, Asked] = field(default_factory=dict)
    superseded: dict[int, int] = field(default_factory=dict)
    answers: deque[Answer] = field(default_factory=lambda: deque(maxlen=_MAX_KEPT))

    def gave_way(self, stream: int) -> None:
        self.superseded[stream] = self.superseded.get(stream, 0) + 1

    def keep_unsent(self, asked: Asked) -> None:
        """Keep the newest of its stream."""
        other = self.unsent.get(asked.stream)
        if other is not None:
            self.gave_way(asked.stream)
        if other is None or other.number < asked.number:
            self.unsent[asked.stream] = asked

    def take_back(self) -> None:
        """What was sent will not be answered."""
        for asked in self.sent.values():
            self.keep_unsent(asked)
        self.sent.clear()
