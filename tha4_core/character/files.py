"""Reading and writing the files that both forms of a character are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tha4_core.character.model import CharacterError


def read_bounded(path: Path, limit: int) -> bytes:
    """A file's bytes, at most ``limit`` of them. Raises CharacterError when it is longer or cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise CharacterError(f"{path} could not be read: {error.strerror}.") from None
    if len(data) > limit:
        raise CharacterError(f"{path} is larger than {limit >> 20} MiB; no file of a character is.")
    return data


def dump_json(document: object) -> bytes:
    """JSON for people to read, UTF-8."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def parse_json(data: bytes, source: str) -> Any:
    """JSON of a file named ``source``. Raises CharacterError."""
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise CharacterError(f"{source} is not valid JSON: {error}.") from None
