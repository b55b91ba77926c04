"""The bridge's ZeroMQ socket: messages in and out, neither ever waiting for a client."""

from __future__ import annotations

import contextlib
import ctypes
import secrets
import sys
from typing import Any, Final

import numpy as np
import zmq
from numpy.typing import NDArray

from bridge.address import AddressError, parse_address
from bridge.curve import Doorkeeper, ServerKeys
from bridge.protocol import MAX_PART_BYTES, Header, encode_header

#: What is kept for a client that does not read, small messages and frames together; PROTOCOL.md has it.
UNREAD_MESSAGES: Final = 256
#: Each may hold a character's file.
_RECEIVED_MESSAGES: Final = 16
#: How long the last answers may take to leave when the bridge ends.
_LINGER_MS: Final = 500
_HEARTBEAT_MS: Final = 5_000
_HEARTBEAT_TIMEOUT_MS: Final = 20_000


class AddressInUseError(AddressError):
    """Another program listens there already."""


class UnreadError(Exception):
    """A client has too much unread to be sent more."""


class GoneError(Exception):
    """A client is not connected any more."""


class Endpoint:
    """Binds when made. keys: encrypt, and let in only clients with an allowed key; None lets in all who can reach it.

    Raises AddressError, AddressInUseError, KeyFileError.
    """

    def __init__(self, address: str, keys: ServerKeys | None = None) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        make_identities_unpredictable()
        try:
            self._doorkeeper = Doorkeeper(self._context, keys) if keys is not None else None
            self._socket = _bind(self._context, address, self._doorkeeper)
        except BaseException:
            self.close()
            raise
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def register(self, poller: zmq.Poller) -> None:
        """Have the poller look whether there is something to ``receive``."""
        poller.register(self._socket, zmq.POLLIN)
        if self._doorkeeper is not None:
            poller.register(self._doorkeeper.socket, zmq.POLLIN)

    def look_after(self) -> None:
        """Let in who may come in; once after each look of the poller."""
        if self._doorkeeper is not None:
            self._doorkeeper.answer()

    def receive(self) -> tuple[bytes, list[bytes]] | None:
        """The identity of a client and the parts of its message; None when none is there."""
        try:
            client, *parts = self._socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return None
        return client, parts

    def send(self, client: bytes, header: Header, pixels: NDArray[np.uint8] | None = None) -> zmq.MessageTracker | None:
        """Returns a tracker if ZeroMQ now reads from ``pixels``. Raises UnreadError, GoneError."""
        parts: list[Any] = [client, encode_header(header)]
        if pixels is not None:
            parts.append(pixels)
        tracked = pixels is not None
        try:
            return self._socket.send_multipart(parts, zmq.NOBLOCK, copy=not tracked, track=tracked)
        except zmq.Again:
            raise UnreadError from None
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            raise GoneError from None

    def close(self) -> None:
        self._context.destroy(linger=_LINGER_MS)


def make_identities_unpredictable() -> None:
    """Seed C's ``rand``, from which libzmq takes the first identity that a ROUTER gives out; it counts on from there.

    libzmq never seeds it, so every bridge would give out the same identities; and it aborts the process when it is
    about to give out one that a hostile client has claimed.
    """
    library = "ucrtbase" if sys.platform == "win32" else None
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(library).srand(secrets.randbits(32))


def _bind(context: zmq.Context[zmq.Socket[bytes]], text: str, doorkeeper: Doorkeeper | None) -> zmq.Socket[bytes]:
    address = parse_address(text)
    router: zmq.Socket[bytes] = context.socket(zmq.ROUTER)
    router.setsockopt(zmq.ROUTER_MANDATORY, 1)  # say when a client is gone or does not read, rather than drop
    router.setsockopt(zmq.ROUTER_HANDOVER, 0)  # nobody takes another client's identity over
    router.setsockopt(zmq.SNDHWM, UNREAD_MESSAGES)
    router.setsockopt(zmq.RCVHWM, _RECEIVED_MESSAGES)  # then the sender waits
    router.setsockopt(zmq.MAXMSGSIZE, MAX_PART_BYTES)
    router.setsockopt(zmq.LINGER, _LINGER_MS)  # also bounds how long unsent frames outlive their client
    router.setsockopt(zmq.HEARTBEAT_IVL, _HEARTBEAT_MS)
    router.setsockopt(zmq.HEARTBEAT_TIMEOUT, _HEARTBEAT_TIMEOUT_MS)
    router.setsockopt(zmq.IPV6, int(address.ipv6))
    if doorkeeper is not None:
        doorkeeper.guard(router)
    try:
        router.bind(str(address))
    except zmq.ZMQError as error:
        router.close()
        if error.errno == zmq.EADDRINUSE:
            raise AddressInUseError(
                f"another program, perhaps another bridge, listens on {address} already; use that one, stop it, or"
                " choose another port with --address."
            ) from None
        raise AddressError(f"cannot listen on {address}: {error.strerror.lower()}.") from None
    return router
