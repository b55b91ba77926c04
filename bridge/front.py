"""Who is connected: a listening socket, a connection for each client, and messages from and to them by identity."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import zmq

from bridge.address import Address, cannot_listen
from bridge.peer import LeftError, Peer, Sent, reading_room
from bridge.zmtp import Message, Part, StreamError
from tha4_core.memory import give_back_freed_memory

#: Clients that send a large message at the same time; the others wait.
LARGE_AT_ONCE: Final = 4
#: After so long, a client whose large message does not come makes room for one that waits.
_LARGE_PATIENCE_S: Final = 5.0
_HANDSHAKE_S: Final = 10.0
#: When nothing has come for so long, a client is asked whether it is there; then how long it may take to answer.
_PING_AFTER_S: Final = 5.0
_PONG_WITHIN_S: Final = 20.0
_BACKLOG: Final = 128
_ACCEPTED_AT_ONCE: Final = 16
#: Some systems grant 256 unasked.
_DESCRIPTORS: Final = 1024

log = logging.getLogger("bridge")


class Front:
    """Listens when made. Used by the talking thread; ``serve`` it with what the poller found.

    may_go: whether a connection, by its identity, may be closed for one that comes. limit: connections at most.
    patience: seconds after which a client that takes nothing of what it asked for is closed.
    gone: identities of those that have left since one looked. Raises AddressError, AddressInUseError.
    """

    def __init__(
        self, address: Address, poller: zmq.Poller, *, may_go: Callable[[bytes], bool], limit: int, patience: float
    ) -> None:
        self._poller = poller
        self._may_go = may_go
        self._limit = limit
        self._patience = patience
        self._peers: dict[bytes, Peer] = {}
        self._by_descriptor: dict[int, Peer] = {}
        self._watched: dict[int, int] = {}
        # Peers with messages, in order of turns.
        self._heard: deque[bytes] = deque()
        self._room = reading_room()
        self._number = 0
        self.gone: list[bytes] = []
        _raise_descriptor_limit()
        self._listener = _listen(address)
        host, port = self._listener.getsockname()[:2]
        self.address = Address(f"[{host}]" if ":" in host else host, str(port))
        self._watch(self._listener, zmq.POLLIN)

    def __contains__(self, identity: bytes) -> bool:
        return identity in self._peers

    @property
    def holds_messages(self) -> bool:
        """Whether messages have been read that ``receive`` has not given yet, which no poller tells of."""
        return bool(self._heard)

    def serve(self, ready: dict[object, int]) -> None:
        """Read and write what can be. ready: what the poller found, by descriptor."""
        for descriptor, events in ready.items():
            if descriptor == self._listener.fileno():
                self._accept()
            elif isinstance(descriptor, int) and (peer := self._by_descriptor.get(descriptor)) is not None:
                self._attend(peer, events)

    def receive(self) -> tuple[bytes, Message] | None:
        """The identity of a client and its message, clients in turn; None when none is there."""
        while self._heard:
            identity = self._heard.popleft()
            peer = self._peers.get(identity)
            if peer is None:
                continue
            message = peer.messages.popleft()
            if peer.messages:
                self._heard.append(identity)
            self._look_for(peer)
            return identity, message
        return None

    def send(self, identity: bytes, parts: list[Part]) -> Sent | None:
        """Send a message as soon as that can be; None when the client has left."""
        peer = self._peers.get(identity)
        if peer is None:
            return None
        try:
            sent = peer.send(parts)
        except LeftError:
            self.close_client(identity, "the client has left")
            return None
        self._look_for(peer)
        return sent

    def unread(self, identity: bytes) -> int:
        """Bytes that a client was sent and has not taken; 0 for who is not there."""
        peer = self._peers.get(identity)
        return peer.unread if peer is not None else 0

    def unread_by_all(self) -> int:
        return sum(peer.unread for peer in self._peers.values())

    def taken(self, identity: bytes) -> int:
        """Bytes that a client has taken since it came."""
        peer = self._peers.get(identity)
        return peer.taken if peer is not None else 0

    def close_client(self, identity: bytes, why: str) -> None:
        """End a connection. why: for the log."""
        peer = self._peers.pop(identity, None)
        if peer is None:
            return
        log.debug("connection %s is closed: %s", identity.decode(), why)
        del self._by_descriptor[peer.socket.fileno()]
        self._watch(peer.socket, 0)
        was_large = peer.sends_large
        peer.close()
        self.gone.append(identity)
        if was_large:
            give_back_freed_memory()
            self._allow_large()

    def look_at_the_clock(self) -> None:
        """Close whoever takes too long; about once a second."""
        now = time.monotonic()
        waits = any(peer.sends_large and peer.large_since is None for peer in self._peers.values())
        for peer in list(self._peers.values()):
            why = self._has_to_go(peer, now, waits)
            if why:
                self.close_client(peer.identity, why)
            elif now - peer.heard_at > _PING_AFTER_S and not peer.pinged:
                with contextlib.suppress(LeftError):  # which is seen in a moment
                    peer.ping()
                self._look_for(peer)
        self._watch(self._listener, zmq.POLLIN)

    def flush(self, seconds: float) -> None:
        """Send what is to go out, until all of it is out or so much time has passed. Nothing more is received."""
        deadline = time.monotonic() + seconds
        while self.unread_by_all() and (left := deadline - time.monotonic()) > 0:
            for descriptor, events in self._poller.poll(max(1, int(left * 1000))):
                if isinstance(descriptor, int) and (peer := self._by_descriptor.get(descriptor)) is not None:
                    self._attend(peer, events)

    def close(self) -> None:
        for peer in self._peers.values():
            peer.close()
        self._listener.close()

    def _has_to_go(self, peer: Peer, now: float, somebody_waits: bool) -> str:
        """Why a connection has to be closed; empty when it has not."""
        if not peer.ready and now - peer.came_at > _HANDSHAKE_S:
            return "it has not introduced itself"
        if now - peer.heard_at > _PING_AFTER_S + _PONG_WITHIN_S:
            return "it does not answer any more"
        if peer.stuck_since is not None and now - peer.stuck_since > self._patience:
            return f"it has read nothing for {self._patience:g} s"
        if somebody_waits and peer.large_since is not None and now - peer.large_since > _LARGE_PATIENCE_S:
            return "its file does not come, and others wait to send theirs"
        return ""

    def _accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError as error:  # no descriptors are left; looked at again in a moment
                log.warning("a client cannot come in: %s", error.strerror)
                self._watch(self._listener, 0)
                self._make_room()
                return
            if len(self._peers) >= self._limit:
                self._make_room()
            self._number += 1
            identity = b"%d" % self._number
            try:
                if len(self._peers) >= self._limit:
                    raise ConnectionError
                peer = Peer(identity, connection, self._room)
            except OSError:  # full, or it has left already
                connection.close()
                continue
            self._peers[identity] = self._by_descriptor[connection.fileno()] = peer
            self._attend(peer, zmq.POLLOUT)

    def _make_room(self) -> None:
        """Close the oldest connection that may go."""
        for identity in self._peers:
            if self._may_go(identity):
                self.close_client(identity, "another one comes")
                return

    def _attend(self, peer: Peer, events: int) -> None:
        """A connection can be read from or written to."""
        try:
            if events & (zmq.POLLIN | zmq.POLLERR):
                had, was_large = bool(peer.messages), peer.sends_large
                if peer.read() and not had:
                    self._heard.append(peer.identity)
                if not peer.sends_large:
                    peer.large_since = None
                if was_large or peer.sends_large:
                    self._allow_large()
            peer.write()
        except StreamError as error:
            log.info("connection %s is closed: %s.", peer.identity.decode(), error)
            self.close_client(peer.identity, str(error))
        except LeftError:
            self.close_client(peer.identity, "the client has left")
        else:
            self._look_for(peer)

    def _allow_large(self) -> None:
        """Let the next large messages come in, in the order in which one heard of their senders."""
        large = [peer for peer in self._peers.values() if peer.sends_large]
        free = LARGE_AT_ONCE - sum(peer.large_since is not None for peer in large)
        waiting = sorted((peer for peer in large if peer.large_since is None), key=lambda peer: peer.heard_at)
        for peer in waiting[: max(0, free)]:
            peer.large_since = time.monotonic()
            self._look_for(peer)

    def _look_for(self, peer: Peer) -> None:
        """Have the poller look for what can be done with a connection now."""
        self._watch(peer.socket, (zmq.POLLIN if peer.may_read else 0) | (zmq.POLLOUT if peer.unread else 0))

    def _watch(self, end: socket.socket, events: int) -> None:
        descriptor = end.fileno()
        if self._watched.get(descriptor, 0) != events:
            self._watched[descriptor] = events
            self._poller.register(descriptor, events)  # for no events, it forgets the descriptor


def _raise_descriptor_limit() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _listen(address: Address) -> socket.socket:
    """A listening socket that does not wait. Raises AddressError, AddressInUseError."""
    port = 0 if address.port == "*" else int(address.port)
    listener: socket.socket | None = None
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(_number(address), port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise cannot_listen(address, error.strerror or str(error), in_use=_in_use(error)) from None
    return listener


def _number(address: Address) -> str:
    """What stands for a host as getaddrinfo knows it; libzmq knows the names of network interfaces."""
    if address.host == "*":
        return "0.0.0.0"
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(address.host.strip("[]")))
    with contextlib.suppress(zmq.ZMQError), zmq.Context() as context, context.socket(zmq.ROUTER) as probe:
        probe.bind(f"tcp://{address.host}:*")
        return probe.getsockopt_string(zmq.LAST_ENDPOINT).removeprefix("tcp://").rpartition(":")[0]
    return address.host


def _in_use(error: OSError) -> bool:
    return error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE))
