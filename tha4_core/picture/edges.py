"""Colours for what can hardly be seen, so that a picture drawn with a linear filter has no dark rim.

A graphics card that draws a picture larger, smaller or turned mixes neighbouring pixels, colour and alpha each by
itself. Engines leave the colour of transparent pixels at zero, and that of very faint ones is mostly rounding, so a
character would get a dark seam. Pictures meant for games therefore have their edges filled.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Straight colours of less alpha than this are mostly rounding.
_FAINT: Final = 16


def fill_edges(pixels: NDArray[np.uint8]) -> None:
    """Give pixels of an alpha below 16 the mean colour of the 3 by 3 pixels around them, weighed by alpha, in place.

    pixels: straight-alpha RGBA8, (height, width, 4), contiguous, at most 2048 by 2048. Alphas stay as they are; so do
    pixels that have nothing visible around them.
    """
    try:
        from tha4_core.engines.native import library
    except ImportError:
        _fill_edges(pixels)
    else:
        library.fill_edges(pixels)


def _fill_edges(pixels: NDArray[np.uint8]) -> None:
    """The same without the native engine."""
    height, width = pixels.shape[:2]
    wide = np.pad(pixels.astype(np.uint32), ((1, 1), (1, 1), (0, 0)))
    wide[..., :3] *= wide[..., 3:]
    sums = sum(wide[y : y + height, x : x + width] for y in range(3) for x in range(3))
    assert isinstance(sums, np.ndarray)
    filled = (pixels[..., 3] < _FAINT) & (sums[..., 3] > 0)
    weights = sums[filled][:, 3:]
    pixels[..., :3][filled] = (sums[filled][:, :3] + weights // 2) // weights
