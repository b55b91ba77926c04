"""Reading any drawing that an artist may bring."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tha4_core.picture.color import PictureError

#: Width times height of the largest drawing that is read, in pixels.
MAX_PIXELS: Final = 64_000_000
#: The largest file that is read, in bytes.
MAX_FILE_BYTES: Final = 256 << 20
_FORMATS: Final = ("PNG", "WEBP", "JPEG", "BMP", "TIFF")


@dataclass(frozen=True, eq=False)
class Drawing:
    """A drawing as it came.

    pixels: straight-alpha sRGB uint8 (h, w, 4), opaque where the file has no alpha. has_alpha: whether the file has
    any. mode: Pillow's name of how the file holds its pixels, as "RGBA" or "P". file_format: as "PNG".
    """

    pixels: NDArray[np.uint8]
    has_alpha: bool
    mode: str
    file_format: str

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


def read_drawing(path: Path) -> Drawing:
    """A picture file of any usual kind and size. Raises PictureError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise PictureError(f"{path} could not be read: {error.strerror}.") from None
    if len(data) > MAX_FILE_BYTES:
        raise PictureError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB; save the picture smaller.")
    too_large = f"{path} has too many pixels; save it with at most {MAX_PIXELS // 1_000_000} million."
    try:
        picture: Image.Image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError:
        raise PictureError(too_large) from None
    except (OSError, SyntaxError, ValueError):
        raise PictureError(f"{path} is no picture that can be read; save it as a PNG with transparency.") from None
    # The size stands in the file's head: an absurd one is refused before anything is decoded.
    if picture.width * picture.height > MAX_PIXELS:
        raise PictureError(too_large)
    mode, file_format = picture.mode, picture.format or ""
    has_alpha = picture.has_transparency_data
    try:
        upright = ImageOps.exif_transpose(picture)
        pixels = np.array(upright.convert("RGBA"), dtype=np.uint8)
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureError(f"{path} is damaged ({error}); save it again.") from None
    return Drawing(pixels, has_alpha, mode, file_format)
