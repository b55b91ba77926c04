"""What a drawing's alpha alone tells: its figures, specks, and where the head may be.

The head is found as the eye finds it in a shadow: a wide mass at the top of the figure, a narrow neck under it, then
shoulders. Where hair hides the neck, its height is only guessed from the roundness of the top, and
:attr:`Head.confidence` says so. A shadow can deceive: long hair and shoulders over a waist look like a head over a
neck. :mod:`tha4_core.drawing.seeing` looks for the face instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tha4_core.drawing.boxes import HEAD_BOX, Box
from tha4_core.picture.region import PICTURE_SIZE

#: Alpha from which a pixel belongs to the figure's body rather than to its edge.
SOLID: Final = 128
#: Everything is found on a copy whose longer side has at most so many pixels.
_WORKING_SIZE: Final = 512
#: A part of the silhouette this large against the largest is a figure of its own, not a speck.
_FIGURE_SHARE: Final = 0.1
#: Arms and strands are thinner than this share of the figure's widest inner circle; heads are not.
_LIMB_SHARE: Final = 0.3
#: A neck is at most this wide against the widest of the head, and the shoulders this much wider than the neck again.
_NECK_SHARE: Final = 0.85
_CLEAR_NECK_SHARE: Final = 0.65
_SHOULDERS: Final = 1.25
#: A well-placed head: its hair's upper edge over the eyes, a row of a 512 picture, and how far off it may be; how far
#: off its middle may be; how wide its hair may be.
_HAIR_ROW, _HAIR_OFF = 66.5, 8.0
_MIDDLE_OFF = 24.0
_HAIR_WIDTH: Final = (70.0, 220.0)
#: A head from the top of its hair to the neck is this much wider or less than high when it is well found.
_USUAL_WIDTH: Final = (0.65, 1.6)


class Confidence(Enum):
    """How sure the head was found: a teacher saw its face; in the silhouette there is a clear neck; some narrowing; the
    roundness of its top only."""

    SEEN = "seen"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True)
class Head:
    """A head as found in the silhouette, in the drawing's pixels.

    top: the row where the mass of hair begins (a thin tuft above does not count). neck: the narrowest row under it,
    about where the chin is. centre_x: the middle column. width: at its widest, hair and all.
    """

    top: float
    neck: float
    centre_x: float
    width: float
    confidence: Confidence

    @property
    def height(self) -> float:
        return self.neck - self.top

    @property
    def box(self) -> Box:
        """The square to be laid on the head box of the picture: an eighth lower than top and neck, as tall as they.

        So it lies in the published characters: their hair begins 16 pixels above the box, their chin ends 16 above
        its lower edge.
        """
        return Box(self.centre_x - self.height / 2.0, self.top + self.height / 8.0, self.height, self.height)


@dataclass(frozen=True, eq=False)
class Silhouette:
    """What was found. Lengths are in the drawing's pixels, areas in its square pixels.

    figures: boxes of the parts large enough to be figures, the largest first. specks: boxes of the small ones.
    speck_area: of all specks. head: of the largest figure, None where there is none. placed: of a 512x512 picture,
    whether a head that is where it should be could cast this shadow. mirrored: how much of the head's
    shadow equals its mirror image, 0..1, of the largest figure. beside_head: area of what stands beside or above
    the head and not at its outline, against the head's own area; what touches the head cannot be told from hair.
    """

    figures: tuple[Box, ...]
    specks: tuple[Box, ...]
    speck_area: float
    head: Head | None
    placed: bool
    mirrored: float
    beside_head: float


def find_silhouette(alpha: NDArray[np.uint8], seen: Head | None = None) -> Silhouette:
    """Look at alpha bytes (h, w). seen: the head, if it is known better than a silhouette tells."""
    scale = max(1.0, max(alpha.shape) / _WORKING_SIZE)
    small = _reduced(alpha, scale)
    labels, count = ndimage.label(small > 0, structure=np.ones((3, 3)))
    if not count:
        return Silhouette((), (), 0.0, None, False, 0.0, 0.0)
    # By what is solid of each: a faint haze as large as the figure is no second one.
    areas = ndimage.sum_labels(small / 255.0, labels, np.arange(1, count + 1))
    places = ndimage.find_objects(labels)
    order = np.argsort(-areas, kind="stable")
    figures, specks, speck_area = [], [], 0.0
    for index in order:
        rows, columns = places[index]
        box = Box(
            columns.start * scale,
            rows.start * scale,
            (columns.stop - columns.start) * scale,
            (rows.stop - rows.start) * scale,
        )
        if areas[index] >= _FIGURE_SHARE * areas[order[0]]:
            figures.append(box)
        else:
            specks.append(box)
            speck_area += float(areas[index]) * scale**2
    body = (labels == order[0] + 1) & (small >= SOLID)
    found = _find_head(body) if seen is None else _outlined(body, _scaled(seen, 1.0 / scale))
    placed = alpha.shape == (PICTURE_SIZE, PICTURE_SIZE) and _could_be_placed(body)
    if found is None:
        return Silhouette(tuple(figures), tuple(specks), speck_area, None, placed, 0.0, 0.0)
    head, inside = found
    mirrored, beside = _mirrored(inside, head), _beside(small >= SOLID, inside, head)
    return Silhouette(tuple(figures), tuple(specks), speck_area, _scaled(head, scale), placed, mirrored, beside)


def _scaled(head: Head, scale: float) -> Head:
    return Head(head.top * scale, head.neck * scale, head.centre_x * scale, head.width * scale, head.confidence)


def _could_be_placed(body: NDArray[np.bool_]) -> bool:
    """Whether a figure's shadow (512, 512) has the top and the sides that a well-placed head with its hair has."""
    middle = PICTURE_SIZE // 2
    reach, crown = HEAD_BOX.width // 4, slice(HEAD_BOX.y + 16, HEAD_BOX.y + HEAD_BOX.height // 2)
    over_eyes = body[:, middle - reach : middle + reach]
    tops = np.where(over_eyes.any(axis=0), over_eyes.argmax(axis=0), PICTURE_SIZE)
    if abs(float(np.median(tops)) - _HAIR_ROW) > _HAIR_OFF or not body[crown, middle].all():
        return False
    runs = [_runs(row) for row in body[crown]]
    left, stop = np.median([run[(run[:, 0] <= middle) & (run[:, 1] > middle)][0] for run in runs], axis=0)
    low, high = _HAIR_WIDTH
    return bool(abs((left + stop) / 2.0 - middle) <= _MIDDLE_OFF and low <= stop - left <= high)


def _outlined(body: NDArray[np.bool_], head: Head) -> tuple[Head, NDArray[np.bool_]] | None:
    """A known head, as wide as its shadow is, and which pixels of ``body`` are its; None where it lies outside."""
    column = round(head.centre_x)
    first, stop = max(0, round(head.top)), min(body.shape[0], round(head.neck))
    if not 0 <= column < body.shape[1] or not body[first:stop, column].any():
        return None
    first += int(body[first:stop, column].argmax())
    thin = 0.05 * head.height
    outline = _opened(body, ndimage.distance_transform_edt(np.pad(body, 1))[1:-1, 1:-1], thin)
    outline[:, column] = body[:, column]
    runs = _runs_down_from(outline, first, (column, column + 1))[: stop - first]
    inside = np.zeros_like(body)
    for row, (left, end) in enumerate(runs, first):
        inside[row, left:end] = True
    return replace(head, width=float(max(end - left for left, end in runs))), inside


def _reduced(alpha: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1.0:
        return alpha
    height, width = (max(1, round(length / scale)) for length in alpha.shape)
    return np.asarray(Image.fromarray(alpha).resize((width, height), Image.Resampling.BOX))


def _find_head(body: NDArray[np.bool_]) -> tuple[Head, NDArray[np.bool_]] | None:
    """The head of one figure's shadow, in pixels of ``body``, and which pixels are its; None of an empty one."""
    # With a border of nothing the edge of the picture ends the figure, too.
    depth = ndimage.distance_transform_edt(np.pad(body, 1))[1:-1, 1:-1]
    thickest = float(depth.max())
    if thickest < 2.0:
        return None
    # Without limbs and raised hands, the top of what is left is the head.
    core = _opened(body, depth, _LIMB_SHARE * thickest)
    start = int(np.flatnonzero(core.any(axis=1))[0])
    # Single strands and tufts do not count, ears do. A smaller disc reaches all that a larger one does, but for pixels
    # at the rim.
    outline = _opened(body, depth, 0.05 * thickest) | core
    runs = _runs_down_from(outline, start, _widest_run(core[start]))
    widths = ndimage.gaussian_filter1d(np.array([stop - left for left, stop in runs], dtype=np.float64), 2.0)
    neck = _find_neck(widths)
    if neck is None:
        height = _height_of_dome(widths)
        widest = float(widths[: max(1, round(height))].max())
        confidence = Confidence.POOR
    else:
        height = float(neck)
        widest = float(widths[:neck].max())
        low, high = _USUAL_WIDTH
        clear = widths[neck] <= _CLEAR_NECK_SHARE * widest and low <= widest / height <= high
        confidence = Confidence.GOOD if clear else Confidence.FAIR
    end = min(len(runs), max(1, round(height)))
    rows = runs[round(0.15 * end) : max(1, round(0.85 * end))] or runs[:end]
    centre = float(np.median([(left + stop) / 2.0 for left, stop in rows]))
    inside = np.zeros_like(body)
    for row, (left, stop) in enumerate(runs[:end], start):
        inside[row, left:stop] = True
    return Head(float(start), start + height, centre, widest, confidence), inside


def _opened(body: NDArray[np.bool_], depth: NDArray[np.float64], radius: float) -> NDArray[np.bool_]:
    """What a disc of ``radius`` reaches that stays inside ``body``; ``depth`` is how far inside each pixel lies."""
    eroded = depth > radius
    if not eroded.any():
        return body
    return np.asarray(ndimage.distance_transform_edt(~eroded) <= radius, dtype=np.bool_) & body


def _runs(row: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The columns [left, stop) of every run of true pixels, (n, 2)."""
    return np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0])))).reshape(-1, 2)


def _widest_run(row: NDArray[np.bool_]) -> tuple[int, int]:
    runs = _runs(row)
    left, stop = runs[int(np.argmax(runs[:, 1] - runs[:, 0]))]
    return int(left), int(stop)


def _runs_down_from(mask: NDArray[np.bool_], start: int, run: tuple[int, int]) -> list[tuple[int, int]]:
    """For each row from ``start`` on, the run of ``mask`` that goes on from the one above; from ``run`` at first."""
    found: list[tuple[int, int]] = []
    left, stop = run
    for row in mask[start:]:
        runs = _runs(row)
        overlaps = np.minimum(runs[:, 1], stop) - np.maximum(runs[:, 0], left)
        if not len(runs) or overlaps.max() <= 0:
            break
        left, stop = (int(edge) for edge in runs[int(np.argmax(overlaps))])
        found.append((left, stop))
    return found


def _find_neck(widths: NDArray[np.float64]) -> int | None:
    """The index of the narrowest width between a head and wider shoulders; None where it never narrows so."""
    widest, narrowest = 0.0, 0
    for index, width in enumerate(widths):
        if width > widest:
            widest, narrowest = float(width), index
        if width < widths[narrowest]:
            narrowest = index
        if widths[narrowest] <= _NECK_SHARE * widest and width >= _SHOULDERS * widths[narrowest]:
            # A neck is about as wide for some rows; its middle is meant.
            first = last = narrowest
            while first > 0 and widths[first - 1] <= 1.04 * widths[narrowest]:
                first -= 1
            while widths[last + 1] <= 1.04 * widths[narrowest]:
                last += 1
            return (first + last) // 2
    return None


def _height_of_dome(widths: NDArray[np.float64]) -> float:
    """The height of a head of which only the round top is seen: the diameter of the circle that the top is of."""
    for depth in range(2, len(widths)):
        radius = (widths[depth] ** 2 / 4.0 + depth**2) / (2.0 * depth)
        if depth >= 0.6 * radius:
            return float(min(2.0 * radius, len(widths)))
    return float(len(widths))


def _mirrored(inside: NDArray[np.bool_], head: Head) -> float:
    """Intersection over union of the head's shadow with its mirror image."""
    rows, columns = np.nonzero(inside)
    mirror = np.round(2.0 * head.centre_x - 1.0 - columns).astype(int)
    kept = (mirror >= 0) & (mirror < inside.shape[1])
    both = int(inside[rows[kept], mirror[kept]].sum())
    return both / max(1, 2 * len(rows) - both)


def _beside(whole: NDArray[np.bool_], inside: NDArray[np.bool_], head: Head) -> float:
    """The area beside and above the head, as a share of its own; its outline's strands do not count."""
    end = round(head.top + 0.85 * head.height)
    # Hair flares at its ends: what touches the head within a tenth of its width is the head's.
    margin = max(1.0, 0.1 * head.width)
    near = ndimage.distance_transform_edt(~inside) <= margin
    beside = whole & ~near
    return float(beside[:end].sum()) / max(1, int(inside.sum()))
