"""The drawing that an artist gave, kept in the run directory beside the fitted picture that is distilled.

``drawing.png``: the picture of 512x512. ``original.*``: the file as it was given, whose pixels may be finer.
``drawing.json``: which file that was, and how it was placed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from tha4_core.distill.errors import DistillationError, not_written
from tha4_core.drawing.fitting import Fitted
from tha4_core.drawing.reading import MAX_FILE_BYTES
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_file
from tha4_core.picture.color import encode_png

PICTURE: Final = "drawing.png"
NOTE: Final = "drawing.json"
_ORIGINAL: Final = "original"
_MAX_NOTE_BYTES: Final = 64 << 10


def keep_drawing(folder: Path, source: Path, fitted: Fitted) -> Path:
    """Keep the file ``source`` and the picture that it was fitted into; where that lies. Raises DistillationError.

    The note comes last, so that what an interruption left is not taken for whole.
    """
    data = _read(source)
    original = f"{_ORIGINAL}{source.suffix.lower()}"
    placement = {name: round(value, 6) for name, value in fitted.placement._asdict().items()}
    note = {"original": original, "sha256": _sum(data), "placement": placement}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / original, data)
        write_atomically(folder / PICTURE, encode_png(fitted.pixels))
        write_atomically(folder / NOTE, (json.dumps(note, indent=2) + "\n").encode())
    except OSError as error:
        raise not_written(folder, error) from None
    return folder / PICTURE


def kept_picture(folder: Path, source: Path) -> Path | None:
    """The picture in ``folder`` that was made of the file ``source``, or None. Raises DistillationError."""
    if not (folder / NOTE).is_file():
        return None
    try:
        note = json.loads(read_file(folder / NOTE, _MAX_NOTE_BYTES, "no note of a drawing is"))
    except (FileError, ValueError, RecursionError):
        note = None
    if not isinstance(note, dict):
        raise DistillationError(f"{folder / NOTE} is damaged; delete {folder} to begin again.")
    same = note.get("sha256") == _sum(_read(source)) and (folder / PICTURE).is_file()
    return folder / PICTURE if same else None


def _read(source: Path) -> bytes:
    try:
        return read_file(source, MAX_FILE_BYTES, "save the picture smaller")
    except FileError as error:
        raise DistillationError(str(error)) from None


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
