"""What every engine promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tha4_core.errors import UserError
from tha4_core.picture.region import Region
from tha4_core.pose import Pose


class EngineError(UserError):
    """An engine that cannot be had here: unknown, not installed, or without its device."""


class Engine(Protocol):
    """Poses of one character to pictures. One thread at a time uses an engine; it releases the GIL while it works.

    name: as given to ``create_engine``. device: what it runs on, as ``cpu``.
    """

    @property
    def name(self) -> str: ...

    @property
    def device(self) -> str: ...

    def render(
        self,
        pose: Pose | Sequence[float],
        region: Sequence[int] | None = None,
        out: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.uint8]:
        """The picture of ``pose``: straight-alpha sRGB, uint8 (height, width, 4) (STUDENT.md section 6.4).

        region: ``(x, y, width, height)`` in the 512x512 picture, None for all of it. The result equals that
        rectangle of the full picture, at a cost in proportion to its area.
        out: where to write, C-contiguous, of the result's shape; a new array when None.
        Raises PoseError, RegionError; ValueError when ``out`` does not fit.
        """
        ...


def output_array(region: Region, out: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """``out`` if it fits a frame of ``region``, or a new array when it is None. Raises ValueError."""
    shape = (region.height, region.width, 4)
    if out is None:
        return np.empty(shape, dtype=np.uint8)
    if out.shape != shape or out.dtype != np.uint8 or not out.flags.c_contiguous or not out.flags.writeable:
        raise ValueError(f"out must be a writable C-contiguous uint8 array of shape {shape}")
    return out
