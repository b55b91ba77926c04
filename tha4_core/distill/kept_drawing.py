"""The drawing that an artist gave, kept in the run directory beside the fitted picture that is distilled.

``drawing.png``: the picture of 512x512. ``original.*``: the file as it was given, whose pixels may be finer.
``drawing_hd.png``: the drawing fitted alike at 1024 or 2048 pixels, where it is as fine as that; the character gets it.
``drawing.json``: which file that was, and how it was placed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Final

from tha4_core.character.larger_drawing import check_alike, packed
from tha4_core.distill.errors import DistillationError, not_written
from tha4_core.drawing.fitting import Fitted, fit_larger, larger_times
from tha4_core.drawing.reading import MAX_FILE_BYTES, Drawing
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_file
from tha4_core.picture.color import PictureError, encode_png

PICTURE: Final = "drawing.png"
LARGER: Final = "drawing_hd.png"
NOTE: Final = "drawing.json"
_ORIGINAL: Final = "original"
_MAX_NOTE_BYTES: Final = 64 << 10


def keep_drawing(folder: Path, source: Path, fitted: Fitted, larger_png: bytes | None = None) -> Path:
    """Keep the file ``source`` and the picture that it was fitted into; where that lies. Raises DistillationError.

    larger_png: the same of 1024 or 2048 pixels (:func:`larger_fit`), or None.
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
        if larger_png is None:
            (folder / LARGER).unlink(missing_ok=True)
        else:
            write_atomically(folder / LARGER, larger_png)
        write_atomically(folder / NOTE, (json.dumps(note, indent=2) + "\n").encode())
    except OSError as error:
        raise not_written(folder, error) from None
    return folder / PICTURE


def larger_fit(drawing: Drawing, fitted: Fitted) -> bytes | None:
    """The PNG of a drawing fitted as ``fitted`` is, but at the 1024 or 2048 pixels that it has detail for.

    None where it is hardly finer than the picture, or too noisy for a character's file.
    """
    for times in (4, 2):
        if times <= larger_times(fitted.placement):
            pixels = fit_larger(drawing.pixels, fitted.placement, times)
            with contextlib.suppress(PictureError):
                check_alike(pixels, fitted.pixels, "the drawing")
                return packed(pixels, "the drawing")
    return None


def kept_larger(picture: Path | None) -> bytes | None:
    """The larger PNG that was kept with a picture of a run; None where there is none. Raises DistillationError."""
    if picture is None or picture.name != PICTURE or not (picture.parent / NOTE).is_file():
        return None
    path = picture.with_name(LARGER)
    return _read(path) if path.is_file() else None


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
