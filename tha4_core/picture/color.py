"""Colour: PNG bytes <-> straight-alpha sRGB RGBA8 <-> the networks' linear premultiplied [-1, 1].

STUDENT.md section 6. Arrays of bytes are (height, width, 4); arrays of the networks are (4, height, width).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tha4_core.errors import UserError
from tha4_core.picture.png import SIGNATURE, PngError, split_png
from tha4_core.picture.region import PICTURE_SIZE

#: A PNG of 512x512 RGBA is under 1.1 MiB even uncompressed; metadata may add some.
MAX_PNG_BYTES: Final = 8 << 20
#: Parts of a character's PNG that are looked at: characters come from strangers, and a bridge reads them as it plays.
_MOST_CHUNKS: Final = 1 << 13

SRGB_TO_LINEAR: Final = np.array(
    [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.arange(256) / 255.0]
)


class PictureError(UserError):
    """Bytes that are no picture of a character: not a PNG, of another size, or without an alpha channel."""


def decode_png(
    data: bytes, source: str, edges: Sequence[int] = (PICTURE_SIZE,), limit: int = MAX_PNG_BYTES
) -> NDArray[np.uint8]:
    """A character's PNG as straight-alpha sRGB bytes, uint8 (edge, edge, 4).

    edges: that it may have, in pixels. limit: of the file, in bytes.
    The bytes are those that the file holds: a character's networks were trained on them, so no colour profile is
    applied. What is not pixels (profiles, texts, thumbnails) is skipped unread. ``source`` names the file in error
    messages. Raises PictureError.
    """
    sizes = " or ".join(f"{edge}x{edge}" for edge in edges)
    if len(data) > limit:
        raise PictureError(f"{source} is larger than {limit >> 20} MiB; save it as a plain {sizes} PNG.")
    if not data.startswith(SIGNATURE):
        raise PictureError(f"{source} is not a PNG file; save the picture as a {sizes} PNG with alpha.")
    try:
        file = split_png(data, _MOST_CHUNKS)
    except PngError as error:
        raise PictureError(f"{source} {error}") from None
    # The size stands in the file's head: an absurd one is refused before anything is decoded.
    if file.width not in edges or file.height != file.width:
        what = "a character's picture" if PICTURE_SIZE in edges else "a character's larger drawing"
        raise PictureError(f"{source} is {file.width}x{file.height} pixels; {what} must be {sizes}.")
    try:
        picture = Image.open(io.BytesIO(file.pixels), formats=("PNG",))
    except (OSError, SyntaxError, ValueError):
        raise PictureError(f"{source} is damaged; save it again as a {sizes} PNG with alpha.") from None
    if picture.mode != "RGBA":
        raise PictureError(
            f"{source} has its transparency in another form than RGBA (its mode is {picture.mode}); save it as a PNG"
            " with 8 bits of red, green, blue and alpha."
            if picture.has_transparency_data
            else f"{source} has no alpha channel (its mode is {picture.mode}, RGBA is needed);"
            " remove the background and save it with transparency."
        )
    try:
        return np.array(picture, dtype=np.uint8)
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureError(f"{source} is damaged ({error}); save it again.") from None


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Straight-alpha sRGB bytes (h, w, 4) as a PNG file's bytes."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def to_network(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Straight-alpha sRGB bytes (h, w, 4) -> linear premultiplied, float32 (4, h, w) in [-1, 1] (section 6.1)."""
    alpha = pixels[..., 3:4] / 255.0  # (h, w, 1)
    linear = SRGB_TO_LINEAR[pixels[..., :3]] * alpha  # (h, w, 3)
    values = np.concatenate((linear, alpha), axis=-1)  # (h, w, 4)
    return np.ascontiguousarray((2.0 * values - 1.0).astype(np.float32).transpose(2, 0, 1))


def linear_to_srgb(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sRGB curve; input and output in [0, 1]."""
    return np.where(
        linear <= 0.003130804953560372, 12.92 * linear, 1.055 * np.power(linear, 1.0 / 2.4, dtype=np.float64) - 0.055
    )


def to_rgba8_straight(values: NDArray[np.float32], out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Linear premultiplied float32 (4, h, w) -> straight-alpha sRGB uint8 (h, w, 4) (section 6.4).

    Values outside [-1, 1] are clipped; pixels whose alpha rounds to 0 are (0, 0, 0, 0).
    ``out``: where to write, (h, w, 4); a new array when None.
    """
    height, width = values.shape[1:]
    if out is None:
        out = np.empty((height, width, 4), dtype=np.uint8)
    out[...] = 0
    alpha = np.clip((values[3].astype(np.float64) + 1.0) / 2.0, 0.0, 1.0)  # (h, w)
    alpha8 = np.rint(alpha * 255.0)
    # Only what can be seen is converted: the power function is the expensive part.
    rows, columns = np.nonzero(alpha8)
    color = (values[:3, rows, columns].astype(np.float64) + 1.0) / 2.0  # (3, n)
    color = np.clip(color / alpha[rows, columns], 0.0, 1.0)
    out[rows, columns, :3] = np.rint(linear_to_srgb(color) * 255.0).astype(np.uint8).T
    out[..., 3] = alpha8
    return out


def to_rgba8_official(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The official viewer's bytes (section 6.2): sRGB of the *premultiplied* colour; for comparison only.

    float32 (4, h, w) -> uint8 (h, w, 4).
    """
    unit = np.clip((values.astype(np.float64) + 1.0) / 2.0, 0.0, 1.0)
    unit[:3] = linear_to_srgb(unit[:3])
    pixels: NDArray[np.uint8] = np.rint(unit * 255.0).astype(np.uint8).transpose(1, 2, 0)
    return pixels
