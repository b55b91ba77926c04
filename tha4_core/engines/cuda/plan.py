"""Which pixels a region needs at each level, as lists of indices that stay the same for all poses.

All a level does per pixel, it does to rows of a matrix: a row is a pixel that is needed. What goes into the sine of
its first layer is a weighted sum of rows of a *table*: four rows of the coarser level's features (bilinear
upsampling, on features that are mapped already), one row for the column and one for the row that it lies in
(position, pose and bias). So the plan of a level is which rows those are, and their weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tha4_core.picture.region import PICTURE_SIZE, Region


@dataclass(frozen=True, eq=False)
class LevelPlan:
    """What a level's pixels read.

    edge: of the level's grid. coarse: how many pixels of the coarser level are read (0: there is none).
    taps: int32 (n, k), rows of the table ``[coarse features (coarse), columns (edge), rows (edge)]``.
    weights: float32 (n, k).
    """

    edge: int
    coarse: int
    taps: NDArray[np.int32]
    weights: NDArray[np.float32]

    @property
    def pixels(self) -> int:
        """How many pixels the level computes."""
        return len(self.taps)


@dataclass(frozen=True, eq=False)
class RegionPlan:
    """A region's levels, coarse to fine, and the place of the finest level's n pixels.

    places: int64 (n,), index into the region's pixels, row by row. centres: float32 (n, 2), x and y in (-1, 1).
    """

    levels: tuple[LevelPlan, ...]
    places: NDArray[np.int64]
    centres: NDArray[np.float32]


def plan_region(region: Region, visible: NDArray[np.bool_], levels: int) -> RegionPlan | None:
    """The plan of those pixels of ``region`` that are ``visible``, bool (512, 512); None when there are none.

    levels: how many there are, each of twice the grid of the one before.
    """
    wanted = np.zeros_like(visible)
    inside = np.s_[region.y : region.y + region.height, region.x : region.x + region.width]
    wanted[inside] = visible[inside]
    rows, columns = np.nonzero(wanted)
    if not len(rows):
        return None
    plans = []
    needed = wanted
    for _ in range(levels - 1):
        plan, needed = _upsampling_level(needed)
        plans.append(plan)
    plans.append(plan_grid(needed))
    centres = (2.0 * np.stack((columns, rows), axis=1) + 1.0) / PICTURE_SIZE - 1.0
    places = (rows - region.y) * region.width + (columns - region.x)
    return RegionPlan(tuple(reversed(plans)), places.astype(np.int64), centres.astype(np.float32))


def plan_grid(needed: NDArray[np.bool_]) -> LevelPlan:
    """A level without a coarser one: only the position and what is the same for all pixels; bool (edge, edge)."""
    edge = len(needed)
    rows, columns = np.nonzero(needed)
    taps = np.stack((columns, edge + rows), axis=1)
    return LevelPlan(edge, 0, taps.astype(np.int32), np.ones(taps.shape, np.float32))


def _upsampling_level(needed: NDArray[np.bool_]) -> tuple[LevelPlan, NDArray[np.bool_]]:
    """The plan of a level's needed pixels, bool (edge, edge), and the coarser level's pixels that it reads."""
    edge = len(needed)
    rows, columns = np.nonzero(needed)
    row_taps, row_weights = _bilinear(rows, edge // 2)  # (n, 2)
    column_taps, column_weights = _bilinear(columns, edge // 2)
    four = row_taps[:, :, None], column_taps[:, None, :]  # broadcast to (n, 2, 2)
    read = np.zeros((edge // 2, edge // 2), dtype=np.bool_)
    read[four] = True
    number = np.cumsum(read).reshape(read.shape) - 1  # of each pixel that is read, in reading order
    count = int(read.sum())
    taps = np.column_stack((number[four].reshape(-1, 4), count + columns, count + edge + rows))
    weights = np.ones(taps.shape, np.float32)
    weights[:, :4] = (row_weights[:, :, None] * column_weights[:, None, :]).reshape(-1, 4)
    return LevelPlan(edge, count, taps.astype(np.int32), weights), read


def _bilinear(index: NDArray[np.intp], coarse_edge: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Coarse indices (n, 2) and weights (n, 2) from which twofold upsampling makes the fine pixels ``index``.

    Half-pixel centres, borders repeated (STUDENT.md section 5): an odd pixel lies a quarter past a coarse one.
    """
    taps = np.stack((np.maximum((index - 1) // 2, 0), np.minimum((index + 1) // 2, coarse_edge - 1)), axis=1)
    second = np.where(index % 2 == 1, np.float32(0.25), np.float32(0.75))
    return taps, np.stack((1 - second, second), axis=1)
