"""Characters from files: those under the roots, and those that clients send."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bridge.paths import allowed_path
from bridge.protocol import ProtocolError
from tha4_core.character import Character, load_character, parse_single_file
from tha4_core.character.files import read_bounded
from tha4_core.character.single_file import MAX_FILE_BYTES, SUFFIX
from tha4_core.errors import UserError

#: A place on the disk and what the system says of all that lies there: the same again means that nothing has changed.
PlaceState = tuple[object, ...]
#: A directory that holds more is no character's alone, and is read anew each time.
_MAX_FILES_IN_PLACE: Final = 32
#: Reads an official directory.
DirectoryLoader = Callable[[Path], Character]
#: Reads the bytes of a ``.tha4`` file; the text is what its messages call the file.
FileParser = Callable[[bytes, str], Character]


class Place(NamedTuple):
    """Where a character lies. state: None when nobody can say whether it has changed."""

    path: Path
    state: PlaceState | None


class ReadCharacter(NamedTuple):
    """sha256: of the ``.tha4`` file that it was read from (hex); empty for an official directory."""

    character: Character
    sha256: str


class Reader:
    """Reads in whatever thread calls it. roots: directories under which clients may have characters read."""

    def __init__(
        self,
        roots: Sequence[Path] = (),
        load_directory: DirectoryLoader = load_character,
        parse_file: FileParser = parse_single_file,
    ) -> None:
        self._roots = [root.resolve() for root in roots]
        self._load_directory = load_directory
        self._parse_file = parse_file

    def read(self, path: Path) -> ReadCharacter:
        """Raises UserError."""
        if path.suffix.lower() == SUFFIX and path.is_file():
            data = read_bounded(path, MAX_FILE_BYTES)
            return ReadCharacter(self._parse_file(data, str(path)), hashlib.sha256(data).hexdigest())
        return ReadCharacter(self._load_directory(path), "")

    def find(self, text: str) -> Place:
        """Where that lies which a client names. Raises ProtocolError."""
        path = allowed_path(text, self._roots)
        return Place(path, _state(path))

    def read_found(self, place: Place) -> ReadCharacter:
        """Read what lies at a place of ``find``. Raises ProtocolError."""
        try:
            return self.read(place.path)
        except UserError as error:
            raise ProtocolError("bad_character", str(error)) from None

    def read_sent(self, file: bytes, sha256: str) -> ReadCharacter:
        """Read what a client has sent. Raises ProtocolError."""
        found = hashlib.sha256(file).hexdigest()
        if found != sha256:
            raise ProtocolError(
                "bad_field", f'the file sent has the SHA-256 {found}, but "sha256" is {sha256}; send the right one.'
            )
        try:
            return ReadCharacter(self._parse_file(file, "the file sent"), sha256)
        except UserError as error:
            raise ProtocolError("bad_character", str(error)) from None


def _state(path: Path) -> PlaceState | None:
    directory = path if path.is_dir() else path.parent
    try:
        if path.suffix.lower() == SUFFIX and not path.is_dir():
            return (str(path), *_file_state(path))
        state: list[object] = [str(path)]
        for file in sorted(directory.iterdir()):
            if len(state) > _MAX_FILES_IN_PLACE or file.is_dir():
                return None
            state.append((file.name, *_file_state(file)))
    except OSError:
        return None
    return tuple(state)


def _file_state(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
