"""Who is connected."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from bridge.protocol import ProtocolError

MAX_CLIENTS: Final = 256


@dataclass
class Client:
    """What is known of a client besides what it holds and waits for.

    number: for the log. last_heard: monotonic seconds.
    """

    number: int
    last_heard: float
    name: str = ""


class Clients:
    """Clients by ZeroMQ identity. any_last_heard: when anybody was, admitted or not; monotonic seconds."""

    def __init__(self) -> None:
        self._clients: dict[bytes, Client] = {}
        self._seen = 0
        self.any_last_heard = time.monotonic()

    def __len__(self) -> int:
        return len(self._clients)

    def __contains__(self, identity: bytes) -> bool:
        return identity in self._clients

    def __getitem__(self, identity: bytes) -> Client:
        return self._clients[identity]

    @property
    def full(self) -> bool:
        return len(self._clients) >= MAX_CLIENTS

    def admit(self, identity: bytes) -> None:
        """A new client. Raises ProtocolError (``too_many``)."""
        if self.full:
            raise ProtocolError("too_many", f"this bridge has {MAX_CLIENTS} clients already; try again later.")
        self._seen += 1
        self._clients[identity] = Client(self._seen, self.any_last_heard)

    def heard(self, identity: bytes) -> None:
        """Somebody, who may not be a client yet, has said something or was answered after a wait."""
        self.any_last_heard = time.monotonic()
        if client := self._clients.get(identity):
            client.last_heard = self.any_last_heard

    def remove(self, identity: bytes) -> bool:
        """Whether it was there."""
        return self._clients.pop(identity, None) is not None

    def silent(self, seconds: float) -> list[bytes]:
        """Those that have been silent for at least so long, the longest first."""
        now = time.monotonic()
        silent = [identity for identity, client in self._clients.items() if now - client.last_heard >= seconds]
        return sorted(silent, key=lambda identity: self._clients[identity].last_heard)
