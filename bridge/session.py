"""A client's side of the protocol: requests, answers, and what a bridge that has forgotten this client is told again.

A bridge that was started anew, or that this client was silent towards for too long, knows nothing of it. Then the
session has everything loaded again that its owner holds, repeats what was not answered, and goes on. Handles that a
bridge once gave out stay good: they are translated to those of today.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from bridge.address import Address
from bridge.connection import BridgeUnavailable, Connection
from bridge.curve import ClientKeys
from bridge.protocol import VERSION, Header, ProtocolError, decode_header, encode_header
from bridge.streams import Answer, Asked, BridgeError, Message, Streams
from tha4_core import __version__

#: A bridge is trusted more than a client: its list of characters may be long.
_MAX_HEADER_BYTES: Final = 16 << 20
_MAX_ENTRIES: Final = 1 << 16

log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Held:
    """source: a path for the bridge, or a file's bytes. handle: the bridge's of today; empty when it has none.

    refusal: why it could not be loaded again.
    """

    source: str | bytes
    digest: str
    handle: str
    refusal: BridgeError | None = None


@dataclass(eq=False)
class _Telling:
    """What a bridge is told before all else, one message after another. number: of the one that is not answered yet.

    greeting: it begins with ``hello``. loading: what the last message was about. waiting: what comes after it.
    """

    greeting: bool
    waiting: deque[_Held]
    number: int = 0
    loading: _Held | None = None


class Session:
    """Used by one thread. timeout: seconds to wait for any answer.

    welcome: the bridge's, as of PROTOCOL.md. reconnections: how often a bridge that had forgotten this client was told
    everything again. on_reconnect: called after that, from whatever call noticed it.
    """

    def __init__(self, address: Address, timeout: float, keys: ClientKeys | None) -> None:
        self.address = address
        self.timeout = timeout
        self.welcome: Header = {}
        self.reconnections = 0
        self.on_reconnect: Callable[[], object] | None = None
        self._connection = Connection(address, keys)
        self._opened = 0
        self._number = 0
        self._told = 0
        self._telling: _Telling | None = None
        self._refusal: BridgeError | None = None
        self._away_since = time.monotonic()
        self._held: dict[str, _Held] = {}  # by the handle that the owner knows
        self._streams = Streams()

    @property
    def ready(self) -> bool:
        """Whether a bridge is there and has been told everything."""
        return self._opened > 0 and self._telling is None

    def wait(self) -> None:
        """Wait until it is ready. Raises BridgeUnavailable, BridgeError."""
        self._become_ready(time.monotonic() + self.timeout)

    def ask(self, type_name: str, *parts: bytes, **fields: Any) -> Message:
        """Send a request and wait for its answer; again if the bridge goes away or has forgotten this client.

        Raises BridgeError, BridgeUnavailable.
        """
        deadline = time.monotonic() + self.timeout
        forgiven = False
        while True:
            self._become_ready(deadline)
            held = self._held.get(fields.get("character", ""))
            if held is not None and not held.handle:
                if forgiven:
                    raise held.refusal or self._unavailable("does not load the character again")
                forgiven = True
                self._tell_again([held])
                continue
            told, number = self._told, self._next_number()
            if not self._send_or_fail(number, type_name, *parts, **fields):
                continue
            message = self._await(number, told, deadline)
            error = message.error if message is not None else None
            if message is None or (error is not None and not forgiven and self._is_forgotten(error, fields)):
                # The bridge went away while this was asked, or has forgotten this client.
                if message is not None:
                    forgiven = True
                    self._tell_again(self._held.values(), anew=True)
                continue
            if error is not None:
                raise error
            return message

    def request(self, stream: int, fields: dict[str, Any]) -> int:
        """Ask for a frame without waiting: now, or as soon as a bridge is there. Its number.

        Raises BridgeUnavailable when there has been none for longer than ``timeout``.
        """
        self._advance()
        if not self.ready and time.monotonic() - self._away_since > self.timeout:
            raise self._unavailable(f"has been away for more than {self.timeout:g} s")
        asked = Asked(self._next_number(), stream, fields)
        held = self._held.get(fields["character"])
        if self.ready and held is not None and not held.handle:
            self._tell_again([held])
        if self.ready:
            self._send_asked(asked, asked.number)
        else:
            self._streams.keep_unsent(asked)
        return asked.number

    def take(self, deadline: float) -> Answer | None:
        """The next answer to a ``request``; None when none comes until ``deadline`` (monotonic seconds).

        Raises BridgeUnavailable, BridgeError when the bridge does not let this client in.
        """
        while not self._streams.answers:
            self._advance()
            message = self._receive(deadline)
            if message is not None:
                self._sort(message)
            elif time.monotonic() >= deadline:
                return None
        return self._streams.answers.popleft()

    def hold(self, handle: str, source: str | bytes, digest: str) -> None:
        """From now on, have ``source`` loaded again when a bridge has forgotten it."""
        self._held[handle] = _Held(source, digest, handle)

    def let_go(self, handle: str) -> str:
        """Do not load it again; what the bridge calls it today."""
        held = self._held.get(handle)
        today = held.handle if held is not None and held.handle else handle
        self._held = {name: other for name, other in self._held.items() if other is not held and other.handle != today}
        return today

    def close(self) -> None:
        """Leave. Closing twice is fine."""
        if self._connection.is_open:
            self._connection.send([encode_header({"v": VERSION, "type": "bye", "id": 0})])
        self._connection.close()

    # What the bridge is told before all else

    def _become_ready(self, deadline: float) -> None:
        while True:
            self._advance()
            if self.ready:
                return
            message = self._receive(deadline)
            if message is not None:
                self._sort(message)
            elif time.monotonic() >= deadline:
                raise self._unavailable(f"gave no answer within {self.timeout:g} s")

    def _advance(self) -> None:
        """Take note of connections that have come or gone."""
        if self._refusal is not None:
            refusal, self._refusal = self._refusal, None
            self._start_over()
            raise refusal
        self._connection.look()
        if self._opened and not self._stands():
            self._start_over()
        if not self._opened and self._connection.is_open:
            number, client = self._next_number(), f"python-client {__version__}"
            if self._send(number, "hello", client=client, versions=[VERSION]):
                for held in self._held.values():
                    held.handle, held.refusal = "", None
                self._opened = self._connection.opened
                self._telling = _Telling(greeting=True, waiting=deque(self._held.values()), number=number)

    def _stands(self) -> bool:
        """Whether the connection is still the one that the bridge was greeted over."""
        return self._connection.is_open and self._connection.opened == self._opened

    def _start_over(self) -> None:
        self._opened, self._telling, self._away_since = 0, None, time.monotonic()
        self._streams.take_back()

    def _tell_again(self, held: Iterable[_Held], *, anew: bool = False) -> None:
        """Have characters loaded again, after whatever the bridge is being told. anew: it has forgotten this client."""
        waiting = deque(held)
        for each in waiting:
            each.handle, each.refusal = "", None
        self._telling = _Telling(greeting=anew, waiting=waiting)
        self._tell_next()

    def _tell_next(self) -> None:
        telling = self._telling
        assert telling is not None
        if not telling.waiting:
            self._have_told(telling)
            return
        telling.loading = telling.waiting.popleft()
        self._send_load(telling, telling.loading)

    def _send_load(self, telling: _Telling, held: _Held, *, with_file: bool = False) -> None:
        telling.number = self._next_number()
        if isinstance(held.source, str):
            sent = self._send(telling.number, "load", path=held.source)
        else:
            parts = [held.source] if with_file else []
            sent = self._send(telling.number, "load", *parts, sha256=hashlib.sha256(held.source).hexdigest())
        if not sent:
            self._start_over()

    def _have_answer(self, telling: _Telling, message: Message) -> None:
        error, held = message.error, telling.loading
        if held is None:
            if error is not None:
                self._refusal = error
                return
            self.welcome = message.header
        elif error is not None and error.code == "send_file":
            self._send_load(telling, held, with_file=True)
            return
        elif error is not None:
            held.refusal = error
            log.warning("the bridge at %s could not load a character again: %s", self.address, error)
        else:
            held.handle = str(message.header["character"])
            if message.header.get("digest") != held.digest:
                log.warning("%.200s has changed since it was loaded and is shown as it is now", held.source)
                held.digest = str(message.header.get("digest"))
        self._tell_next()

    def _have_told(self, telling: _Telling) -> None:
        again = telling.greeting and self._told > 0
        self._telling = None
        self._told += 1
        unsent, self._streams.unsent = self._streams.unsent, {}
        for asked in unsent.values():
            self._send_asked(asked, self._next_number())
        if again:
            self.reconnections += 1
            log.info("the bridge at %s had forgotten this client and has been told everything again", self.address)
            if self.on_reconnect is not None:
                self.on_reconnect()

    def _is_forgotten(self, error: BridgeError, fields: dict[str, Any]) -> bool:
        """Whether the bridge does not know a character that this client holds."""
        return error.code == "unknown_character" and fields.get("character", "") in self._held

    # Messages

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _send(self, number: int, type_name: str, *parts: bytes, **fields: Any) -> bool:
        """Send a request, its character by the bridge's handle of today; False when it does not go out."""
        held = self._held.get(fields.get("character", ""))
        if held is not None:
            fields["character"] = held.handle
        header = {"v": VERSION, "type": type_name, "id": number, **fields}
        return self._connection.send([encode_header(header), *parts])

    def _send_or_fail(self, number: int, type_name: str, *parts: bytes, **fields: Any) -> bool:
        """As ``_send``; False only when the bridge has just gone. Raises BridgeUnavailable when it takes no more."""
        if self._send(number, type_name, *parts, **fields):
            return True
        self._connection.look()
        if self._stands():
            raise self._unavailable("takes no more messages")
        return False

    def _send_asked(self, asked: Asked, number: int) -> None:
        held = self._held.get(asked.fields["character"])
        if held is not None and held.refusal is not None:
            self._streams.answers.append(Answer(asked, Message({}, []), error=held.refusal))
            return
        asked.told = self._told
        if self._send_or_fail(number, "render", stream=asked.stream, **asked.fields):
            self._streams.sent[number] = asked
        else:
            self._streams.keep_unsent(asked)

    def _await(self, number: int, told: int, deadline: float) -> Message | None:
        """The answer to a request; None when the bridge has gone, or been told everything again, meanwhile."""
        while self.ready and self._told == told:
            message = self._receive(deadline)
            if message is None:
                if time.monotonic() >= deadline:
                    raise self._unavailable(f"gave no answer within {self.timeout:g} s")
                self._advance()
            elif message.header.get("id") == number:
                return message
            else:
                self._sort(message)
        return None

    def _receive(self, deadline: float) -> Message | None:
        """The next message; None at the deadline, or when a connection has come or gone."""
        while (received := self._connection.receive(deadline)) is not None:
            first, *parts = received
            try:
                return Message(decode_header(first.bytes, _MAX_HEADER_BYTES, _MAX_ENTRIES), parts)
            except ProtocolError:
                continue  # not a message of ours
        return None

    def _sort(self, message: Message) -> None:
        """Give a message to what waits for it, if anything still does."""
        number = message.header.get("id", 0)
        if self._telling is not None and number == self._telling.number:
            self._have_answer(self._telling, message)
            return
        asked = self._streams.sent.pop(number, None) if isinstance(number, int) else None
        if asked is None:
            return
        error = message.error
        if message.header.get("type") == "superseded":
            self._streams.gave_way(asked.stream)
        elif error is not None and not asked.repeated and self._is_forgotten(error, asked.fields):
            self._repeat(asked)
        elif error is not None:
            self._streams.answers.append(Answer(asked, message, error=error))
        elif message.header.get("type") == "frame":
            superseded = self._streams.superseded.pop(asked.stream, 0)
            self._streams.answers.append(Answer(asked, message, superseded))

    def _repeat(self, asked: Asked) -> None:
        """A bridge that has forgotten this client did not know a character."""
        asked.repeated = True
        if self.ready and asked.told == self._told:
            self._streams.keep_unsent(asked)
            self._streams.take_back()
            self._tell_again(self._held.values(), anew=True)
        elif self.ready:
            self._send_asked(asked, self._next_number())
        else:
            self._streams.keep_unsent(asked)

    def _unavailable(self, trouble: str) -> BridgeUnavailable:
        if self._connection.trouble:
            return BridgeUnavailable(f"the bridge at {self.address} {self._connection.trouble}")
        return BridgeUnavailable(
            f"the bridge at {self.address} {trouble}; start one with: python -m bridge --address {self.address}"
        )
