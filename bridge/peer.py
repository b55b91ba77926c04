"""One client's connection: messages in and out over a socket, neither ever waited for."""

from __future__ import annotations

import socket
import time
from collections import deque
from typing import Final

from bridge import zmtp
from bridge.zmtp import Decoder, Message, Part

#: Read at a time, so that connections take turns.
_READ_BYTES: Final = 64 << 10
#: What the system keeps for a client on its way out. Otherwise it grows to megabytes, and a client seems to read long
#: after it has stopped.
_SEND_BUFFER_BYTES: Final = 512 << 10
#: Messages that have come and nobody has looked at: then the sender waits.
_MAX_WAITING: Final = 16
#: A message that is longer is large: only some clients may send such a one at a time, and all others need so little
#: that each may.
_SMALL_BYTES: Final = 128 << 10

#: Where bytes come in, for all connections of a thread.
Room = memoryview


def reading_room() -> Room:
    return memoryview(bytearray(_READ_BYTES))


class LeftError(Exception):
    """The client has closed the connection."""


class Sent:
    """What was given to a connection. done: nothing of it is needed any more, sent or not."""

    def __init__(self) -> None:
        self.done = False


class Peer:
    """Used by the talking thread. Times are monotonic seconds.

    unread: bytes that are to go out and that the client's side has not taken. taken: those that it has, ever.
    stuck_since: since when it has taken nothing though something is to go out; None when nothing is.
    heard_at: when something came from it. large_since: since when it sends a large message, and may; None when not.
    """

    def __init__(self, identity: bytes, connection: socket.socket, room: Room) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self.identity = identity
        self.socket = connection
        self.messages: deque[Message] = deque()
        self.unread = self.taken = 0
        self.stuck_since: float | None = None
        self.came_at = self.heard_at = time.monotonic()
        self.pinged = False
        self.large_since: float | None = None
        self._room = room
        self._decoder = Decoder(self._say)
        self._outward: deque[tuple[memoryview, Sent | None]] = deque()
        self._say(zmtp.GREETING)

    @property
    def ready(self) -> bool:
        """Whether the client has introduced itself."""
        return self._decoder.ready

    @property
    def sends_large(self) -> bool:
        return self._decoder.expected > _SMALL_BYTES

    @property
    def may_read(self) -> bool:
        """Whether more of what it sends can be taken now."""
        return len(self.messages) < _MAX_WAITING and (not self.sends_large or self.large_since is not None)

    def read(self) -> bool:
        """Read what has come; whether there are messages now. Raises StreamError, LeftError."""
        try:
            count = self.socket.recv_into(self._room)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            count = 0
        if count == 0:
            raise LeftError
        self.heard_at, self.pinged = time.monotonic(), False
        self.messages += self._decoder.feed(self._room[:count])
        return bool(self.messages)

    def send(self, parts: list[Part]) -> Sent:
        """Send a message, now as far as that goes; the rest with ``write``. Raises LeftError."""
        sent = Sent()
        *first, last = zmtp.encode(parts)
        for piece in first:
            self._queue(piece, None)
        self._queue(last, sent)
        self.write()
        return sent

    def ping(self) -> None:
        """Ask the client whether it is still there. Raises LeftError."""
        self.pinged = True
        self._say(zmtp.PING)
        self.write()

    def write(self) -> None:
        """Send what can be sent. Raises LeftError."""
        now = time.monotonic()
        while self._outward:
            data, sent = self._outward[0]
            try:
                count = self.socket.send(data)
            except (BlockingIOError, InterruptedError):
                count = 0
            except OSError:
                raise LeftError from None
            self.unread -= count
            self.taken += count
            if count:
                self.stuck_since = now
            if count < len(data):
                self._outward[0] = (data[count:], sent)
                if self.stuck_since is None:
                    self.stuck_since = now
                return
            self._outward.popleft()
            if sent is not None:
                sent.done = True
        self.stuck_since = None

    def close(self) -> None:
        """End the connection; what has come and nobody has looked at is gone."""
        self.socket.close()
        self.messages.clear()
        self._decoder.forget()
        for _, sent in self._outward:
            if sent is not None:
                sent.done = True

    def _say(self, command: bytes) -> None:
        """What ZMTP has to say goes out with the next ``write``; nothing to who does not listen."""
        if self.unread < _SMALL_BYTES:
            self._queue(command, None)

    def _queue(self, piece: Part, sent: Sent | None) -> None:
        data = memoryview(piece).cast("B")
        self.unread += len(data)
        self._outward.append((data, sent))
