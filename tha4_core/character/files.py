"""Reading and writing the files that both forms of a character are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tha4_core.character.model import CharacterError
from tha4_core.files.reading import FileError, read_file

#: Longer whole numbers are of no use to anybody, and Python converts them slowly, to no float, or not at all.
_MAX_DIGITS: Final = 100


def read_bounded(path: Path, limit: int, *, inside: Path | None = None) -> bytes:
    """A regular file's bytes, at most ``limit`` of them. inside: a resolved folder that links may not lead out of.

    Raises CharacterError when it is longer, leads out of the folder, or cannot be read.
    """
    try:
        return read_file(path, limit, "no file of a character is", inside=inside)
    except FileError as error:
        raise CharacterError(str(error)) from None


def dump_json(document: object) -> bytes:
    """JSON for people to read, UTF-8."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def parse_json(data: bytes, source: str) -> Any:
    """JSON of a file named ``source``, with or without a byte order mark. Raises CharacterError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CharacterError(f"{source} is not valid JSON: it is no UTF-8 text; save it as UTF-8.") from None
    try:
        document = json.loads(text, parse_int=_whole)
        if "\\ud" in text or "\\uD" in text:
            _encoded(document)
    except RecursionError:
        raise CharacterError(f"{source} is not valid JSON: it nests too deeply.") from None
    except ValueError as error:
        raise CharacterError(f"{source} is not valid JSON: {error}.") from None
    return document


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits is too long")
    return int(digits)


def _encoded(document: object) -> bytes:
    """The document as bytes again. Raises ValueError when it has a text that no bytes stand for."""
    try:
        return dump_json(document)
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair is no character; write the character itself") from None
