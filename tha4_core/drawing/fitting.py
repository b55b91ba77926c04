"""Scaling and placing a drawing so that its head lies in the head box of the 512x512 picture."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tha4_core.drawing.boxes import HEAD_BOX, Box
from tha4_core.picture.color import PictureError, to_network, to_rgba8_straight
from tha4_core.picture.region import PICTURE_SIZE

#: Alpha from which a pixel can be missed when it is cut off.
_VISIBLE: Final = 8
#: A larger drawing is averaged first, to so many pixels for one of the result; Lanczos does the rest.
_PER_PIXEL: Final = 3
#: A larger picture is made where the drawing has pixels for it, or nearly: enlarged so much at most.
_MOST_ENLARGED: Final = 1.5
#: Rows that are converted at a time, to bound memory.
_BAND: Final = 256
_LANCZOS_REACH: Final = 3
#: A drawing placed smaller than this is a mistake in the head's box, in pixels of the picture.
_SMALLEST: Final = 16


class Placement(NamedTuple):
    """Where a drawing goes: its point (u, v), in pixels, to (x + scale u, y + scale v) of the picture."""

    scale: float
    x: float
    y: float

    def of(self, box: Box) -> Box:
        """Where a box of the drawing goes."""
        scale = self.scale
        return Box(self.x + scale * box.x, self.y + scale * box.y, scale * box.width, scale * box.height)


class Cut(NamedTuple):
    """How far the visible figure would stand out of the picture at each side, in its pixels; 0 where it does not."""

    left: float
    top: float
    right: float
    bottom: float


class Fitted(NamedTuple):
    """A prepared picture, straight-alpha sRGB uint8 (512, 512, 4), how it was placed, and what was cut off."""

    pixels: NDArray[np.uint8]
    placement: Placement
    cut: Cut


def place_head(head: Box) -> Placement:
    """The placement that lays ``head``, in a drawing's pixels, on the head box: as large as it goes, centred.

    Raises PictureError for a box without extent.
    """
    if not (min(head.width, head.height) > 0 and all(math.isfinite(number) for number in head)):
        raise PictureError("the head's box must be x,y,width,height in the drawing's pixels, not empty.")
    scale = min(HEAD_BOX.width / head.width, HEAD_BOX.height / head.height)
    centre_x, centre_y = HEAD_BOX.x + HEAD_BOX.width / 2.0, HEAD_BOX.y + HEAD_BOX.height / 2.0
    return Placement(scale, centre_x - scale * head.centre_x, centre_y - scale * head.centre_y)


def find_cut(alpha: NDArray[np.uint8], placement: Placement) -> Cut:
    """What of a drawing's figure, alpha bytes (h, w), leaves the picture when it is placed so."""
    rows, columns = (np.flatnonzero((alpha >= _VISIBLE).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return Cut(0.0, 0.0, 0.0, 0.0)
    height, width = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
    figure = placement.of(Box(float(columns[0]), float(rows[0]), float(width), float(height)))
    return Cut(
        max(0.0, -figure.x),
        max(0.0, -figure.y),
        max(0.0, figure.x + figure.width - PICTURE_SIZE),
        max(0.0, figure.y + figure.height - PICTURE_SIZE),
    )


def fit(pixels: NDArray[np.uint8], placement: Placement) -> Fitted:
    """Draw straight-alpha bytes (h, w, 4) into the 512x512 picture. Raises PictureError, as :func:`fit_larger`."""
    return Fitted(fit_larger(pixels, placement, 1), placement, find_cut(pixels[..., 3], placement))


def larger_times(placement: Placement) -> int:
    """How many times the picture's size a drawing that is placed so has detail for: 1, 2 or 4."""
    return next((times for times in (4, 2) if times * placement.scale <= _MOST_ENLARGED), 1)


def fit_larger(pixels: NDArray[np.uint8], placement: Placement, times: int) -> NDArray[np.uint8]:
    """Draw straight-alpha bytes (h, w, 4) into a picture of ``times`` 512 pixels a side, placed as in one of 512.

    Resampled in linear light, premultiplied, with a Lanczos kernel whose result is kept within the values of its
    neighbourhood, so that neither dark nor bright seams arise at edges. Raises PictureError where nothing of the
    drawing would lie in the picture.
    """
    if placement.scale * max(pixels.shape[:2]) < _SMALLEST:
        raise PictureError("the drawing would be next to nothing in the picture; check the head's box.")
    larger = Placement(*(times * number for number in placement))
    shrunk = min(max(1, int(1.0 / (_PER_PIXEL * larger.scale))), *pixels.shape[:2])
    planes = linear_planes(pixels, shrunk)
    scaled = Placement(larger.scale * shrunk, larger.x, larger.y)
    out = resampled(planes, scaled, times * PICTURE_SIZE)
    if out is None:
        raise PictureError("nothing of the drawing would lie in the picture; check the head's box.")
    return to_rgba8_straight(2.0 * out - 1.0)


def resampled(planes: NDArray[np.float32], placement: Placement, size: int) -> NDArray[np.float32] | None:
    """Planes (4, h, w) drawn as :func:`fit` does into a square, (4, size, size), 0 where they do not reach.

    None where they lie outside of it.
    """
    scale = placement.scale
    height, width = planes.shape[1:]
    margin = math.ceil((_LANCZOS_REACH + 1) / min(scale, 1.0))
    planes = np.pad(planes, ((0, 0), (margin, margin), (margin, margin)))
    columns = _Span.of(placement.x, scale, width, margin, size)
    rows = _Span.of(placement.y, scale, height, margin, size)
    if columns.start >= columns.stop or rows.start >= rows.stop:
        return None
    extent = (columns.stop - columns.start, rows.stop - rows.start)
    box = (columns.source(columns.start), rows.source(rows.start), columns.source(columns.stop), rows.source(rows.stop))
    places = np.ix_(rows.nearest(planes.shape[1]), columns.nearest(planes.shape[2]))
    # What a pixel of the result covers, 1/scale pixels of the drawing, and at least the next to each side.
    neighbourhood = 2 * math.ceil(0.5 / scale) + 1
    out = np.zeros((4, size, size), dtype=np.float32)
    for plane, target in zip(planes, out, strict=True):
        resized = np.asarray(Image.fromarray(plane).resize(extent, Image.Resampling.LANCZOS, box))
        low = ndimage.minimum_filter(plane, neighbourhood)[places]
        high = ndimage.maximum_filter(plane, neighbourhood)[places]
        target[rows.start : rows.stop, columns.start : columns.stop] = np.clip(resized, low, high)
    return out


class _Span(NamedTuple):
    """Columns (or rows) [start, stop) of the square that a drawing covers, and where they lie in its planes."""

    start: int
    stop: int
    offset: float
    scale: float
    margin: int

    @classmethod
    def of(cls, offset: float, scale: float, length: float, margin: int, size: int) -> _Span:
        stop = min(size, math.ceil(min(offset + scale * length, size)))
        return cls(max(0, math.floor(max(offset, 0.0))), stop, offset, scale, margin)

    def source(self, place: float) -> float:
        """A place of the square as one of the padded planes."""
        return (place - self.offset) / self.scale + self.margin

    def nearest(self, length: int) -> NDArray[np.intp]:
        """For every column of the span, the pixel of the padded planes under its centre."""
        centres = (np.arange(self.start, self.stop) + 0.5 - self.offset) / self.scale + self.margin
        pixels: NDArray[np.intp] = np.clip(np.floor(centres), 0, length - 1).astype(np.intp)
        return pixels


def linear_planes(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.float32]:
    """Bytes (h, w, 4) as linear premultiplied [0, 1], (4, h', w'), squares of ``factor`` averaged."""
    height, width = pixels.shape[:2]
    pixels = np.pad(pixels, ((0, -height % factor), (0, -width % factor), (0, 0)))
    band = _BAND * factor
    parts: list[NDArray[np.float32]] = []
    for start in range(0, pixels.shape[0], band):
        part = (to_network(pixels[start : start + band]) + 1.0) / 2.0  # (4, rows, w)
        blocks = part.reshape(4, part.shape[1] // factor, factor, part.shape[2] // factor, factor)
        parts.append(blocks.mean(axis=(2, 4), dtype=np.float32))
    return np.concatenate(parts, axis=1)
