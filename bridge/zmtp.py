"""ZMTP 3.1 with the NULL mechanism (RFC 37), the server's side: bytes to messages and back, bounded.

libzmq bounds a part of a message and nothing else: the parts of a message that never ends stay in its memory until the
last has come. Here a message has the bounds of PROTOCOL.md, which are looked at before anything of it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from bridge.protocol import MAX_HEADER_BYTES, MAX_PART_BYTES

MAX_PARTS: Final = 16
#: All parts of a message: a file and its header, with room for what nobody knows.
MAX_MESSAGE_BYTES: Final = MAX_PART_BYTES + 2 * MAX_HEADER_BYTES

_MORE: Final = 1
_LONG: Final = 2
_COMMAND: Final = 4
#: ZMTP's own commands are far shorter.
_MAX_COMMAND_BYTES: Final = 4096
_MAX_PING_CONTEXT: Final = 16
_GREETING_BYTES: Final = 64
_MECHANISM: Final = b"NULL".ljust(20, b"\0")

#: What a server says first, and next.
GREETING: Final = b"\xff" + bytes(8) + b"\x7f\x03\x01" + _MECHANISM + bytes(32)
READY: Final = b"\x04\x29\x05READY\x0bSocket-Type\x00\x00\x00\x06ROUTER\x08Identity\x00\x00\x00\x00"
PING: Final = b"\x04\x07\x04PING\x00\x00"
#: Sockets that may talk to a ROUTER.
_SOCKETS: Final = (b"DEALER", b"ROUTER", b"REQ")

Part = bytes | memoryview
Message = list[bytes]


class StreamError(Exception):
    """A client sent what is no ZMTP 3, or a message that is larger than allowed; str(error) says which, for the log."""


class Decoder:
    """Takes the bytes of one connection apart, from its first on.

    answer: called with what ZMTP itself has to say to the client. ready: the client has introduced itself.
    expected: bytes of the message that is coming, so far as its frames have said how long they are.
    """

    def __init__(self, answer: Callable[[bytes], None]) -> None:
        self._answer = answer
        self._greeted = False
        self.ready = False
        self._head = bytearray()
        self._flags = 0
        self._body = bytearray()
        self._body_left = -1  # no frame has begun
        self._parts: Message = []
        self.expected = 0

    def feed(self, data: memoryview) -> list[Message]:
        """Look at what came next. The messages that it completes. Raises StreamError."""
        messages: list[Message] = []
        position = 0
        while position < len(data):
            if self._body_left > 0:
                piece = data[position : position + self._body_left]
                position += len(piece)
                self._body += piece
                self._body_left -= len(piece)
            else:
                wanted = self._head_bytes() - len(self._head)
                self._head += data[position : position + wanted]
                position += wanted
                if not self._greeted:
                    self._look_at_greeting()
                elif len(self._head) == self._head_bytes():
                    self._begin_frame()
            if self._body_left == 0:
                self._end_frame(messages)
        return messages

    def forget(self) -> None:
        """Let go of the message that was coming."""
        self._body, self._parts, self.expected = bytearray(), [], 0

    def _head_bytes(self) -> int:
        """How long a frame's header, or the greeting, is, as far as one knows yet."""
        if not self._greeted:
            return _GREETING_BYTES
        return 9 if self._head and self._head[0] & _LONG else 2

    def _look_at_greeting(self) -> None:
        head = self._head
        if head[0] != 0xFF or (len(head) > 9 and head[9] != 0x7F) or (len(head) > 10 and head[10] < 3):
            raise StreamError("it does not speak ZMTP 3")
        if len(head) == _GREETING_BYTES:
            if head[12:32] != _MECHANISM:
                raise StreamError("it asks for another mechanism than NULL; a bridge speaks CURVE with --curve-keys")
            self._greeted = True
            head.clear()
            self._answer(READY)

    def _begin_frame(self) -> None:
        self._flags, size = self._head[0], int.from_bytes(self._head[1:], "big")
        self._head.clear()
        self._body_left = size
        if self._flags & ~(_MORE | _LONG | _COMMAND):
            raise StreamError("it sent a frame of no known kind")
        if self._flags & _COMMAND:
            if size > _MAX_COMMAND_BYTES:
                raise StreamError(f"it sent a command of {size} bytes")
            return
        self.expected += size
        if not self.ready:
            raise StreamError("it sent a message before it was ready")
        if size > MAX_PART_BYTES:
            raise StreamError(f"a part of its message has {size} bytes; at most {MAX_PART_BYTES} are read")
        if len(self._parts) == MAX_PARTS:
            raise StreamError(f"its message has more than {MAX_PARTS} parts")
        if self.expected > MAX_MESSAGE_BYTES:
            raise StreamError(f"its message has more than {MAX_MESSAGE_BYTES} bytes")

    def _end_frame(self, messages: list[Message]) -> None:
        body, self._body, self._body_left = bytes(self._body), bytearray(), -1
        if self._flags & _COMMAND:
            self._obey(body)
            return
        self._parts.append(body)
        if not self._flags & _MORE:
            messages.append(self._parts)
            self._parts = []
            self.expected = 0

    def _obey(self, command: bytes) -> None:
        name, rest = command[1 : 1 + command[0]] if command else b"", command[1 + command[0] :] if command else b""
        if not name or len(name) < command[0]:
            raise StreamError("it sent a command without a name")
        if not self.ready:
            if name != b"READY" or _metadata(rest).get(b"socket-type") not in _SOCKETS:
                raise StreamError("it does not say that it is a DEALER")
            self.ready = True
        elif name == b"PING":
            context = rest[2:]
            if len(rest) < 2 or len(context) > _MAX_PING_CONTEXT:
                raise StreamError("it sent a malformed PING")
            self._answer(bytes([_COMMAND, 5 + len(context)]) + b"\x04PONG" + context)


def encode(parts: Sequence[Part]) -> list[Part]:
    """A message as it goes over the wire: small parts copied together, large ones as they are."""
    pieces: list[Part] = []
    for number, part in enumerate(parts):
        flags = _MORE if number + 1 < len(parts) else 0
        size = part.nbytes if isinstance(part, memoryview) else len(part)
        if size < 256:
            pieces.append(bytes([flags, size]))
        else:
            pieces.append(bytes([flags | _LONG]) + size.to_bytes(8, "big"))
        pieces.append(part)
    joined = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    if not any(isinstance(piece, memoryview) for piece in pieces):
        return [joined]
    # Pixels are the last part: all before them goes ahead in one piece.
    return [joined, pieces[-1]]


def _metadata(data: bytes) -> dict[bytes, bytes]:
    """Properties by their names in lower case. Raises StreamError."""
    found: dict[bytes, bytes] = {}
    while data:
        length, name, data = data[0], data[1 : 1 + data[0]], data[1 + data[0] :]
        size, data = int.from_bytes(data[:4], "big"), data[4:]
        if not name or len(name) < length or size > len(data):
            raise StreamError("its READY is malformed")
        found[name.lower()], data = data[:size], data[size:]
    return found
