"""Who is next: a queue in which clients take turns, and so do the streams of one client."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class QueueFullError(Exception):
    """A client has as many keys waiting as it may."""


class FairQueue(Generic[Item]):
    """At most one waiting item for each (client, key); the newest takes the place of an older one.

    ``take`` serves clients in turn, and each client's keys in turn. A client that asks more often than others
    is not served more often, and the size is bounded by clients x ``limit_per_client``.
    """

    def __init__(self, limit_per_client: int) -> None:
        self._limit = limit_per_client
        # Both levels are in order of turns: the first is next.
        self._waiting: OrderedDict[bytes, OrderedDict[Hashable, Item]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(items) for items in self._waiting.values())

    def count(self, client: bytes) -> int:
        """How many items of a client wait."""
        return len(self._waiting.get(client, ()))

    def put(self, client: bytes, key: Hashable, item: Item) -> Item | None:
        """Add an item; the older one that it replaces, whose turn it keeps, is returned. Raises QueueFullError."""
        items = self._waiting.get(client, OrderedDict())
        if key not in items and len(items) >= self._limit:
            raise QueueFullError
        older = items.get(key)
        items[key] = item
        self._waiting[client] = items
        return older

    def take(self) -> Item | None:
        """Remove and return the item whose turn it is; None when nothing waits."""
        if not self._waiting:
            return None
        client, items = next(iter(self._waiting.items()))
        _, item = items.popitem(last=False)
        if items:
            self._waiting.move_to_end(client)
        else:
            del self._waiting[client]
        return item

    def remove_client(self, client: bytes) -> list[Item]:
        """Remove and return all that a client has waiting."""
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
