"""Who is next: a queue in which clients share time, and the streams of one client take turns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class QueueFullError(Exception):
    """A client has as many keys waiting as it may."""


class FairQueue(Generic[Item]):
    """At most one waiting item for each (client, key); the newest takes the place of an older one.

    ``take`` serves the client that has been served for the shortest time, by what ``charge`` was told, and among equals
    in turn; each client's keys in turn. A client that comes, or comes back, starts where the one last served was, so
    nobody saves time up. A client that asks more often than others is not served longer, and the size is bounded by
    clients x ``limit_per_client``.
    """

    def __init__(self, limit_per_client: int) -> None:
        self._limit = limit_per_client
        # Both levels are in order of turns: the first is next.
        self._waiting: OrderedDict[bytes, OrderedDict[Hashable, Item]] = OrderedDict()
        self._served: dict[bytes, float] = {}
        self._now = 0.0

    def __len__(self) -> int:
        return sum(len(items) for items in self._waiting.values())

    def count(self, client: bytes) -> int:
        """How many items of a client wait."""
        return len(self._waiting.get(client, ()))

    def next_of(self, client: bytes) -> Item:
        """The item of a client that ``take`` would give next; one waits."""
        return next(iter(self._waiting[client].values()))

    def put(self, client: bytes, key: Hashable, item: Item) -> Item | None:
        """Add an item; the older one that it replaces, whose turn it keeps, is returned. Raises QueueFullError."""
        items = self._waiting.get(client)
        if items is None:
            items = OrderedDict()
        if key not in items and len(items) >= self._limit:
            raise QueueFullError
        if client not in self._waiting:
            self._served[client] = max(self._now, self._served.get(client, 0.0))
        older = items.get(key)
        items[key] = item
        self._waiting[client] = items
        return older

    def take(self, may: Callable[[bytes], bool] = lambda _: True) -> Item | None:
        """Remove and return the item whose turn it is among clients that ``may``; None when none of theirs waits."""
        client = min(filter(may, self._waiting), key=self._served.__getitem__, default=None)
        if client is None:
            return None
        self._now = max(self._now, self._served[client])
        items = self._waiting[client]
        _, item = items.popitem(last=False)
        if items:
            self._waiting.move_to_end(client)
        else:
            del self._waiting[client]
        return item

    def charge(self, client: bytes, seconds: float) -> None:
        """A client was served for so long."""
        if client in self._served:
            self._served[client] += seconds

    def remove_client(self, client: bytes) -> list[Item]:
        """Remove and return all that a client has waiting."""
        self._served.pop(client, None)
        return list(self._waiting.pop(client, OrderedDict()).values())

    def remove_if(self, unwanted: Callable[[Item], bool]) -> list[Item]:
        """Remove and return every unwanted item; the others keep their turns."""
        removed: list[Item] = []
        for client, items in list(self._waiting.items()):
            for key, item in list(items.items()):
                if unwanted(item):
                    removed.append(items.pop(key))
            if not items:
                del self._waiting[client]
        return removed
