"""What the edges of a drawing's figure show: leftovers of the background it was cut out of.

A *halo*: the outermost pixels keep the background's light colour. *Haze*: pixels neither in nor at the figure that are
not wholly transparent. A dark halo cannot be told from the dark lines that drawings have there, and is not looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tha4_core.drawing.silhouette import SOLID
from tha4_core.picture.region import PICTURE_SIZE

#: Edges are looked at on every so many-th pixel of larger drawings.
_WORKING_SIZE: Final = 2048
#: Alpha under which a colour means nothing.
_FAINT: Final = 24
#: In pixels of a 512 picture: how thick the outermost ring is, how deep the figure's own colour is looked for, and
#: how far an edge's softness may reach.
_RING: Final = 1.5
_DEPTH: Final = 5.0
_REACH: Final = 4.0
#: Colours, as sRGB in [0, 1], nearer than this are the same; farther than that they differ.
_SAME: Final = 0.15
_DIFFERENT: Final = 0.30
#: A ring darker than this is a line that somebody drew.
_DARK: Final = 0.45


@dataclass(frozen=True)
class Edges:
    """halo: the share of the outline, 0..1, that has the halo's colour where the figure within has not; halo_color:
    that colour, sRGB bytes. haze: the share of the picture that is hazy. border: the share of the top, left and right
    border that is solid. clear: the share of the picture that is wholly transparent."""

    halo: float
    halo_color: tuple[int, int, int]
    haze: float
    border: float
    clear: float


def look_at_edges(pixels: NDArray[np.uint8]) -> Edges:
    """Look at straight-alpha bytes (h, w, 4)."""
    step = max(1, round(max(pixels.shape[:2]) / _WORKING_SIZE))
    pixels = pixels[::step, ::step]
    alpha = pixels[..., 3]
    # What is some pixels of a 512 picture is more of a larger drawing; a smaller one has at least whole pixels.
    unit = max(1.0, max(alpha.shape) / PICTURE_SIZE)
    solid = alpha >= SOLID
    hazy = (alpha > 0) & (ndimage.distance_transform_edt(~solid) > _REACH * unit) if solid.any() else alpha > 0
    border = np.concatenate((alpha[0], alpha[:, 0], alpha[:, -1])) >= SOLID
    halo, halo_color = _find_halo(pixels, unit)
    return Edges(halo, halo_color, float(hazy.mean()), float(border.mean()), float((alpha == 0).mean()))


def _find_halo(pixels: NDArray[np.uint8], unit: float) -> tuple[float, tuple[int, int, int]]:
    """See :class:`Edges`; a share of 0 where there is no outline."""
    alpha = pixels[..., 3]
    inwards = ndimage.distance_transform_edt(alpha > _FAINT)  # the picture's own edge is no outline
    ring = (inwards > 0) & (inwards <= _RING * unit)
    deep = inwards >= _DEPTH * unit
    if not ring.any() or not deep.any():
        return 0.0, (0, 0, 0)
    rows, columns = ndimage.distance_transform_edt(~deep, return_distances=False, return_indices=True)
    outside = pixels[ring][:, :3] / 255.0  # (n, 3)
    inside = pixels[rows[ring], columns[ring]][:, :3] / 255.0  # (n, 3)
    worst, color = 0.0, np.zeros(3)
    for candidate in (np.ones(3), _commonest(outside)):
        if candidate.mean() < _DARK:
            continue
        alike = np.abs(outside - candidate).max(axis=1) <= _SAME
        share = float((alike & (np.abs(inside - candidate).max(axis=1) >= _DIFFERENT)).mean())
        if share > worst:
            worst, color = share, candidate
    red, green, blue = (round(float(level) * 255) for level in color)
    return worst, (red, green, blue)


def _commonest(colors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of the fullest of 8x8x8 boxes of colours (n, 3)."""
    boxes = np.minimum(colors * 8.0, 7.0).astype(np.int64) @ np.array([64, 8, 1])
    mean: NDArray[np.float64] = colors[boxes == np.bincount(boxes).argmax()].mean(axis=0)
    return mean
