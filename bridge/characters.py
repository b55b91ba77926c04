"""The characters in a bridge's memory, and who holds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from bridge.protocol import Header
from bridge.reading import PlaceState
from tha4_core.character import Character
from tha4_core.engines import Engine
from tha4_core.picture.region import PICTURE_SIZE

_DIGEST_DIGITS: Final = 8
_MAX_SLUG: Final = 40
#: Files of one content differ in what is said about it only; more than this many of them are not told apart for long.
_MAX_FILES: Final = 8

Key = TypeVar("Key")
#: Partial poses of a character's file, by name.
Expressions = Mapping[str, Mapping[str, float]]


@dataclass(eq=False)
class Hosted:
    """A character with its engine. holders: the clients that loaded it. preloaded: it stays, whoever holds it.

    files: the expressions of the ``.tha4`` files that it was loaded from, by their SHA-256; the newest is the last.
    places: as ``files``, by what ``bridge.reading`` says of the place that it was read from.
    """

    handle: str
    character: Character
    engine: Engine
    preloaded: bool = False
    holders: set[bytes] = field(default_factory=set)
    files: dict[str, Expressions] = field(default_factory=dict)
    places: dict[PlaceState, Expressions] = field(default_factory=dict)

    def remember_file(self, sha256: str, expressions: Expressions) -> None:
        """Note a file that holds this character; of too many the oldest is forgotten, and has to be sent again."""
        _remember(self.files, sha256, expressions)

    def remember_place(self, place: PlaceState, expressions: Expressions) -> None:
        """Note where this character was read from; of too many the oldest is forgotten, and has to be read again."""
        _remember(self.places, place, expressions)

    def description(self) -> Header:
        """What ``characters`` and ``loaded`` say of it (PROTOCOL.md)."""
        info, drawing = self.character.info, self.character.drawing_hd
        return {
            "character": self.handle,
            "name": info.name,
            "author": info.author,
            "licence": info.licence,
            "digest": self.character.digest,
            "width": PICTURE_SIZE,
            "height": PICTURE_SIZE,
            "drawing_size": PICTURE_SIZE if drawing is None else len(drawing),
            "head_view": list(info.head_view),
        }


class Characters:
    """Hosted characters by handle; each content (digest) is there once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._by_handle: dict[str, Hosted] = {}

    def __len__(self) -> int:
        return len(self._by_handle)

    @property
    def full(self) -> bool:
        return len(self._by_handle) >= self.limit

    def find(self, handle: str) -> Hosted | None:
        return self._by_handle.get(handle)

    def with_digest(self, digest: str) -> Hosted | None:
        return next((hosted for hosted in self._by_handle.values() if hosted.character.digest == digest), None)

    def with_file(self, sha256: str) -> Hosted | None:
        """The character that was loaded from the file of this SHA-256."""
        return next((hosted for hosted in self._by_handle.values() if sha256 in hosted.files), None)

    def with_place(self, place: PlaceState) -> Hosted | None:
        """The character that was read from this place while it was as it is now."""
        return next((hosted for hosted in self._by_handle.values() if place in hosted.places), None)

    def count_held(self, client: bytes) -> int:
        """How many a client holds, without those that stay anyway."""
        return sum(client in hosted.holders and not hosted.preloaded for hosted in self._by_handle.values())

    @property
    def share(self) -> int:
        """How many one client may hold, so that others find room."""
        return max(1, self.limit // 2)

    def descriptions(self) -> list[Header]:
        return [hosted.description() for hosted in self._by_handle.values()]

    def add(self, character: Character, engine: Engine, *, preloaded: bool = False) -> Hosted:
        """Host a character whose digest is not there yet, below the limit."""
        digits = _DIGEST_DIGITS
        while (handle := f"{slug(character.info.name)}-{character.digest[:digits]}") in self._by_handle:
            digits += 1
        hosted = self._by_handle[handle] = Hosted(handle, character, engine, preloaded)
        return hosted

    def release(self, client: bytes, handle: str) -> list[str]:
        """A client lets go of a character. The handles that left memory: this one or none."""
        hosted = self._by_handle.get(handle)
        if hosted is None or client not in hosted.holders:
            return []
        hosted.holders.remove(client)
        if hosted.holders or hosted.preloaded:
            return []
        del self._by_handle[handle]
        return [handle]

    def release_all(self, client: bytes) -> list[str]:
        """A client lets go of all that it holds. The handles that left memory."""
        return [gone for handle in list(self._by_handle) for gone in self.release(client, handle)]


def _remember(known: dict[Key, Expressions], key: Key, expressions: Expressions) -> None:
    known.pop(key, None)
    known[key] = expressions
    if len(known) > _MAX_FILES:
        del known[next(iter(known))]


def slug(name: str) -> str:
    """A name as lower-case ASCII letters, digits and hyphens, for a handle that people can read."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_MAX_SLUG] or "character"
