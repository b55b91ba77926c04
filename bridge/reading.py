"""Characters from files: those under the roots, and those that clients send."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from bridge.paths import allowed_path
from bridge.protocol import ProtocolError
from tha4_core.character import Character, load_character, parse_single_file
from tha4_core.character.files import read_bounded
from tha4_core.character.single_file import MAX_FILE_BYTES, SUFFIX
from tha4_core.errors import UserError

#: Reads an official directory.
DirectoryLoader = Callable[[Path], Character]
#: Reads the bytes of a ``.tha4`` file; the text is what its messages call the file.
FileParser = Callable[[bytes, str], Character]


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

    def read_allowed(self, path: str) -> ReadCharacter:
        """Read what a client names. Raises ProtocolError."""
        try:
            return self.read(allowed_path(path, self._roots))
        except ProtocolError:
            raise
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
