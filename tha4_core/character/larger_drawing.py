"""A character's larger drawing: the picture once more at 1024 or 2048 pixels, for frames of those sizes.

It is of the picture's own framing: averaged down to its size it *is* the picture, but for what resampling changes
(:func:`check_alike`). The addon asks the same of it (its ``character/larger_drawing.gd``).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tha4_core.picture.color import PictureError, decode_png
from tha4_core.picture.region import PICTURE_SIZE

#: Edges that it may have, in pixels.
EDGES: Final = (1024, 2048)
#: Key of its edge in ``character.json``.
KEY: Final = "drawing_hd"
#: The member of a ``.tha4`` file, and the file in an official directory.
FILE_NAME: Final = "character_hd.png"
#: Of the PNG: drawn figures of 2048 pixels take one to six million; with its networks a file must stay below 16 MiB.
MAX_BYTES: Final = 12 << 20
#: How far the drawing, averaged down, may be from the picture, in levels of 0 to 255 (premultiplied): the root of the
#: mean square, and of the mean of any tile of so many pixels. Resampling gives 1 to 3 and 0 to 7; half a pixel of shift
#: gives 8 and 9, an eye that is shut instead of open fifty in its tiles.
MOST_RMS: Final = 8.0
MOST_TILE: Final = 16.0
TILE: Final = 16


def decode_larger(data: bytes, source: str) -> NDArray[np.uint8]:
    """Its PNG as straight-alpha sRGB bytes, uint8 (edge, edge, 4). Raises PictureError, naming ``source``."""
    return decode_png(data, source, EDGES, MAX_BYTES)


def packed(pixels: NDArray[np.uint8], source: str) -> bytes:
    """A drawing (edge, edge, 4) as the PNG for a character. Raises PictureError, naming ``source``, if it is too large.

    Colours that nobody sees are dropped: only files grow by them.
    """
    plain = pixels * (pixels[..., 3:] > 0)
    buffer = io.BytesIO()
    Image.fromarray(plain.astype(np.uint8)).save(buffer, format="PNG", optimize=True)
    if buffer.tell() > MAX_BYTES:
        raise PictureError(
            f"{source} takes {buffer.tell() >> 20} MiB as a PNG, but at most {MAX_BYTES >> 20} are taken; give it with"
            " 1024 pixels, or without noise."
        )
    return buffer.getvalue()


def edge_of(png: bytes) -> int:
    """The edge, in pixels, of a PNG that :func:`packed` made."""
    return int.from_bytes(png[16:20], "big")


def declared_edge(document: Mapping[str, Any], source: str) -> int:
    """The edge that a ``character.json`` names, 0 where it names none. Raises PictureError, naming ``source``."""
    edge = document.get(KEY, 0)
    if KEY in document and (isinstance(edge, bool) or edge not in EDGES):
        raise PictureError(f'{source}: "{KEY}" must be {" or ".join(map(str, EDGES))}.')
    return int(edge)


def check_alike(larger: NDArray[np.uint8], picture: NDArray[np.uint8], source: str) -> None:
    """Refuse a drawing (edge, edge, 4) that is not ``picture`` (512, 512, 4), larger. Raises PictureError."""
    difference = _reduced(larger, len(larger) // PICTURE_SIZE) - _reduced(picture, 1)
    means = difference.reshape(PICTURE_SIZE // TILE, TILE, PICTURE_SIZE // TILE, TILE, 4).mean(axis=(1, 3))
    tiles = np.abs(means).max(axis=-1)  # (32, 32)
    rms = float(np.sqrt(np.mean(difference**2)))
    row, column = divmod(int(tiles.argmax()), tiles.shape[1])
    if rms <= MOST_RMS and tiles[row, column] <= MOST_TILE:
        return
    raise PictureError(
        f"{source} is not the character's picture drawn larger: averaged down it is {rms:.1f} levels from it (at most"
        f" {MOST_RMS:.0f} are taken), most around x={column * TILE + TILE // 2} y={row * TILE + TILE // 2}; give the"
        " same drawing with the same framing."
    )


def _reduced(pixels: NDArray[np.uint8], by: int) -> NDArray[np.float32]:
    """Levels of sRGB times alpha, and alpha's own, 0 to 255, averaged over squares of ``by`` pixels: (512, 512, 4)."""
    return np.asarray(Image.fromarray(pixels).convert("RGBa").reduce(by), dtype=np.float32)
