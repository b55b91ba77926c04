"""A drawing file as a character's larger drawing: read in any usual kind, kept as a plain PNG."""

from __future__ import annotations

from pathlib import Path

from tha4_core.character import Character
from tha4_core.character.larger_drawing import EDGES, check_alike, packed
from tha4_core.drawing.reading import read_drawing
from tha4_core.picture.color import PictureError


def read_larger(path: Path, character: Character) -> bytes:
    """The PNG of the character's picture drawn larger, from a file of 1024 or 2048 pixels a side with transparency.

    Raises PictureError, naming the file, where it is none, or is too large, or is another drawing than the picture.
    """
    drawing = read_drawing(path)
    if drawing.width != drawing.height or drawing.width not in EDGES:
        sizes = " or ".join(f"{edge}x{edge}" for edge in EDGES)
        raise PictureError(f"{path} is {drawing.width}x{drawing.height} pixels; a larger drawing must be {sizes}.")
    if not drawing.has_alpha:
        raise PictureError(f"{path} has no transparency; remove the background as in the character's picture.")
    check_alike(drawing.pixels, character.image, str(path))
    return packed(drawing.pixels, str(path))
