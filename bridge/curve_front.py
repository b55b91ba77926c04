"""Who is connected with keys: libzmq's ROUTER, which knows CURVE.

It lets in only who holds a key that somebody has allowed, and bounds less than ``bridge.front`` does: the message of
such a client may have any number of parts, and one sees that it has left when it is silent, or is sent something.
"""

from __future__ import annotations

import contextlib
import ctypes
import secrets
import sys
from typing import Final

import zmq

from bridge.address import Address, cannot_listen
from bridge.curve import Doorkeeper, ServerKeys
from bridge.door import UnreadError
from bridge.protocol import MAX_PART_BYTES
from bridge.zmtp import MAX_PARTS, Message, Part

#: What is kept for a client that does not read, however small.
_UNREAD_MESSAGES: Final = 256
#: Each may hold a character's file.
_RECEIVED_MESSAGES: Final = 16
_LINGER_MS: Final = 500
_HEARTBEAT_MS: Final = 5_000
_HEARTBEAT_TIMEOUT_MS: Final = 20_000


class CurveFront:
    """As ``bridge.front.Front``. Raises AddressError, AddressInUseError, KeyFileError."""

    def __init__(self, address: Address, poller: zmq.Poller, keys: ServerKeys) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        # By identity, with their sizes; and what they have taken before.
        self._leaving: dict[bytes, list[tuple[zmq.MessageTracker, int]]] = {}
        self._taken: dict[bytes, int] = {}
        self.gone: list[bytes] = []
        try:
            _make_identities_unpredictable()
            self._doorkeeper = Doorkeeper(self._context, keys)
            self._router = _bind(self._context, address, self._doorkeeper)
        except BaseException:
            self._context.destroy(linger=0)
            raise
        host, _, port = self._router.getsockopt_string(zmq.LAST_ENDPOINT).removeprefix("tcp://").rpartition(":")
        self.address = Address(host, port)
        poller.register(self._router, zmq.POLLIN)
        poller.register(self._doorkeeper.socket, zmq.POLLIN)

    @property
    def holds_messages(self) -> bool:
        return False  # they stay with libzmq, and the poller tells of them

    def serve(self, _ready: dict[object, int]) -> None:
        self._doorkeeper.answer()

    def receive(self) -> tuple[bytes, Message] | None:
        try:
            identity = self._router.recv(zmq.NOBLOCK)
        except zmq.Again:
            return None
        message: Message = []
        while self._router.getsockopt(zmq.RCVMORE):
            part = self._router.recv()
            if len(message) < MAX_PARTS:
                message.append(part)
        return identity, message

    def send(self, identity: bytes, parts: list[Part]) -> zmq.MessageTracker | None:
        large = len(parts) > 1
        try:
            tracker = self._router.send_multipart([identity, *parts], zmq.NOBLOCK, copy=not large, track=large)
        except zmq.Again:
            raise UnreadError from None
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            self.close_client(identity, "the client has left")
            return None
        if tracker is not None:
            self._leaving.setdefault(identity, []).append((tracker, sum(len(part) for part in parts)))
        return tracker

    def unread(self, identity: bytes) -> int:
        leaving = self._leaving.get(identity)
        if not leaving:
            return 0
        done = sum(size for tracker, size in leaving if tracker.done)
        self._taken[identity] = self._taken.get(identity, 0) + done
        left = [each for each in leaving if not each[0].done]
        self._leaving[identity] = left
        return sum(size for _, size in left)

    def unread_by_all(self) -> int:
        return sum(self.unread(identity) for identity in list(self._leaving))

    def taken(self, identity: bytes) -> int:
        self.unread(identity)
        return self._taken.get(identity, 0)

    def close_client(self, identity: bytes, _why: str) -> None:
        """It is forgotten; libzmq ends no single connection."""
        self._leaving.pop(identity, None)
        self._taken.pop(identity, None)
        self.gone.append(identity)

    def look_at_the_clock(self) -> None:
        """libzmq looks itself."""

    def flush(self, seconds: float) -> None:
        """libzmq does it while it closes."""

    def close(self) -> None:
        self._context.destroy(linger=_LINGER_MS)


def _make_identities_unpredictable() -> None:
    """Seed C's ``rand``, from which libzmq takes the first identity that a ROUTER gives out; it counts on from there.

    libzmq never seeds it, so every bridge would give out the same identities; and it aborts the process when it is
    about to give out one that a hostile client has claimed.
    """
    library = "ucrtbase" if sys.platform == "win32" else None
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(library).srand(secrets.randbits(32))


def _bind(context: zmq.Context[zmq.Socket[bytes]], address: Address, doorkeeper: Doorkeeper) -> zmq.Socket[bytes]:
    router: zmq.Socket[bytes] = context.socket(zmq.ROUTER)
    router.setsockopt(zmq.ROUTER_MANDATORY, 1)  # say when a client is gone or does not read, rather than drop
    router.setsockopt(zmq.ROUTER_HANDOVER, 0)  # nobody takes another client's identity over
    router.setsockopt(zmq.SNDHWM, _UNREAD_MESSAGES)
    router.setsockopt(zmq.RCVHWM, _RECEIVED_MESSAGES)  # then the sender waits
    router.setsockopt(zmq.MAXMSGSIZE, MAX_PART_BYTES)
    router.setsockopt(zmq.LINGER, _LINGER_MS)  # also bounds how long unsent frames outlive their client
    router.setsockopt(zmq.HEARTBEAT_IVL, _HEARTBEAT_MS)
    router.setsockopt(zmq.HEARTBEAT_TIMEOUT, _HEARTBEAT_TIMEOUT_MS)
    router.setsockopt(zmq.IPV6, int(address.ipv6))
    doorkeeper.guard(router)
    try:
        router.bind(str(address))
    except zmq.ZMQError as error:
        router.close()
        raise cannot_listen(address, error.strerror, in_use=error.errno == zmq.EADDRINUSE) from None
    return router
