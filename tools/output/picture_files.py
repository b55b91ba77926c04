"""Writing what the tools draw: one picture as PNG or WebP, or frames as an animated WebP, by the file's suffix."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from tha4_core.errors import UserError
from tha4_core.files.atomic import write_atomically
from tha4_core.files.writable import check_writable

#: Suffixes of single pictures, and what Pillow calls them.
_STILL = {".png": "PNG", ".webp": "WEBP"}


class OutputError(UserError):
    """A file that cannot be written: of no known suffix, or where nothing may be written."""


def check_output(path: Path, *, animated: bool = False) -> None:
    """Refuse what cannot be written, by its suffix or its place, before any work is done. Raises OutputError."""
    if animated and path.suffix.lower() != ".webp":
        raise OutputError(f"{path}: an animation is written as WebP; give a name that ends in .webp.")
    if path.suffix.lower() not in _STILL:
        raise OutputError(f"{path}: pictures are written as PNG or WebP; give a name that ends in .png or .webp.")
    check_place(path)


def check_place(path: Path) -> None:
    """Refuse a place where :func:`write_bytes` could write no file, before any work is done. Raises OutputError.

    Nothing is made: folders that lack may be made later.
    """
    try:
        check_writable(path)
    except IsADirectoryError:
        raise OutputError(f"{path} is a folder; give the name of a file.") from None
    except NotADirectoryError as error:
        raise OutputError(f"{path} could not be written: {error.filename} is no folder; give another place.") from None
    except PermissionError as error:
        raise OutputError(
            f"{path} could not be written: nothing may be written in {error.filename}; give another place."
        ) from None
    except OSError as error:
        raise OutputError(f"{path} could not be written: {error.strerror}.") from None


def write_picture(path: Path, picture: Image.Image) -> None:
    """Write one picture without loss. Raises OutputError."""
    check_output(path)
    buffer = io.BytesIO()
    file_format = _STILL[path.suffix.lower()]
    # "exact" keeps what is under transparent pixels as it is: the file holds the engine's own bytes.
    picture.save(buffer, format=file_format, **({"lossless": True, "exact": True} if file_format == "WEBP" else {}))
    write_bytes(path, buffer.getvalue())


def write_animation(path: Path, frames: list[Image.Image], frames_per_second: float, quality: int = 85) -> None:
    """Write frames as an endless animated WebP with transparency. quality: 0 to 100. Raises OutputError."""
    check_output(path, animated=True)
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        format="WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=round(1000 / frames_per_second),
        loop=0,
        quality=quality,
        method=4,
    )
    write_bytes(path, buffer.getvalue())


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, its folder made where it lacks. Raises OutputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    except OSError as error:
        raise OutputError(f"{path} could not be written: {error.strerror}.") from None
