"""What every engine promises."""

from __future__ import annotations

import logging
import operator
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.errors import UserError
from tha4_core.picture.region import PICTURE_SIZE, Region
from tha4_core.pose import Pose


class EngineError(UserError):
    """An engine that cannot be had here: unknown, not installed, or without its device."""


class OutputError(UserError, ValueError):
    """An ``out`` that a frame cannot be written to."""


class ScaleError(UserError, ValueError):
    """A ``scale`` that frames are not drawn at."""


#: How many times a character's 512 pixels a frame may have along each axis.
SCALES: Final = (1, 2, 4)
_LOG: Final = logging.getLogger(__name__)
#: The kernels' own limit; far more than any machine gains by.
MAX_THREADS: Final = 1024


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
        scale: int = 1,
    ) -> NDArray[np.uint8]:
        """The picture of ``pose``: straight-alpha sRGB, uint8 (height * scale, width * scale, 4) (STUDENT.md section
        6.4).

        region: ``(x, y, width, height)`` in the 512x512 picture, None for all of it. The result equals that
        rectangle of the full picture, at a cost in proportion to its area.
        out: where to write, C-contiguous, of the result's shape; a new array when None.
        scale: 1, 2 or 4. The networks cost the same at each, warping and blending in proportion to the pixels. Above 1
        the character's larger drawing is warped (:mod:`.larger`); what it does not have is enlarged, which the log
        says once.
        Raises PoseError, RegionError; OutputError and ScaleError, which are ValueErrors, too, when ``out`` does not fit
        and for other scales.
        """
        ...


class ScaleCheck:
    """Checks the scales that frames of one character are wanted at, and says once that it has to enlarge."""

    def __init__(self, character: Character) -> None:
        self._name = character.info.name or "the character"
        self._edge = PICTURE_SIZE if character.drawing_hd is None else len(character.drawing_hd)
        self._said = False

    def __call__(self, scale: object) -> int:
        """The scale. Raises ScaleError."""
        if isinstance(scale, bool) or not isinstance(scale, int) or scale not in SCALES:
            raise ScaleError(f"a frame is drawn at a scale of 1, 2 or 4, not {scale!r:.80}.")
        if scale * PICTURE_SIZE > self._edge and not self._said:
            self._said = True
            _LOG.warning(
                "%s has a drawing of %d pixels, which is enlarged for frames of %d; tools/convert.py --drawing-hd gives"
                " it a larger one.",
                self._name,
                self._edge,
                scale * PICTURE_SIZE,
            )
        return scale


def output_array(region: Region, out: NDArray[np.uint8] | None, scale: int = 1) -> NDArray[np.uint8]:
    """``out`` if it fits a frame of ``region``, or a new array when it is None. Raises OutputError."""
    shape = (region.height * scale, region.width * scale, 4)
    if out is None:
        return np.empty(shape, dtype=np.uint8)
    fits = isinstance(out, np.ndarray) and out.shape == shape and out.dtype == np.uint8
    if not fits or not out.flags.c_contiguous or not out.flags.writeable:
        given = f"{out.dtype} of {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
        raise OutputError(
            f"out must be a writable C-contiguous uint8 array of shape {shape}, and is another ({given}); leave it out"
            " for a new one."
        )
    return out


def checked_threads(threads: object) -> int | None:
    """``threads`` if an engine can work with so many; None, its own choice, stays None. Raises EngineError."""
    if threads is None:
        return None
    try:
        number = None if isinstance(threads, bool) else operator.index(threads)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None:
        raise EngineError(f"threads is a whole number, not {threads!r:.80}; leave it out for the engine's choice.")
    if number < 1:
        raise EngineError(f"an engine needs at least one thread, not {max(number, -MAX_THREADS)}; give 1 or more.")
    if number > MAX_THREADS:
        raise EngineError(
            f"an engine takes at most {MAX_THREADS} threads; give as many as the processor has cores, or leave it out."
        )
    return number


def checked_device(device: object) -> str | None:
    """``device`` if it is a name; None, the engine's own choice, stays None. Raises EngineError."""
    if device is None or (isinstance(device, str) and device):
        return device
    raise EngineError(f"a device is a name as 'cpu' or 'cuda:0', not {device!r:.80}; leave it out for the best.")
