"""The native engine: a whole frame in C++ on the CPU.

It computes only the pixels that a region needs at every level, leaves out what can never be seen, and does not
compute again what has not changed. See ``src/kernels.h`` for how.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.engines.engine import EngineError, ScaleCheck, checked_device, checked_threads, output_array
from tha4_core.engines.native import masks
from tha4_core.engines.native.renderer import default_threads, new_renderer
from tha4_core.picture.region import as_region
from tha4_core.pose import Pose, as_pose
from tha4_core.visibility import EVERY_LEAN, SHAPE, Visibility


class NativeEngine:
    """See :class:`tha4_core.engines.engine.Engine` for the contract."""

    name = "native"
    device = "cpu"

    def __init__(
        self,
        character: Character,
        *,
        threads: int | None = None,
        device: str | None = None,
        isa: str | None = None,
        precision: str | None = None,
        skip_invisible: bool = True,
    ) -> None:
        """An engine for ``character``.

        threads: how many work on a frame; None: the physical cores less one, at least one.
        isa: avx512, avxvnni, avx2, neon or portable; None: what THA4_NATIVE_ISA says, else the best that runs here.
        precision: "float32"; "fixed16": activations and weights of 16 bits with 32-bit sums, about 68 dB from
        float32 for published characters (colours weighed by alpha) and up to twice as fast; "auto": fixed16 where the
        processor gains by it and this character's pictures stay within 45 dB, which is tried when the engine is made.
        None: what THA4_NATIVE_PRECISION says, else auto.
        skip_invisible: leave out what can never be seen, by the character's own mask, one from the user's cache, or
        else one measured in the background once the engine is in steady use (it takes one or two minutes of one
        core, at low priority; until then all is computed) and then cached.
        Raises EngineError.
        """
        threads = checked_threads(threads)
        if checked_device(device) not in (None, "cpu"):
            raise EngineError(f"the native engine runs on the CPU, not on device {device!r}.")
        self._renderer = new_renderer(character, threads or default_threads(), isa, precision)
        self._checked_scale = ScaleCheck(character)
        self._mask: masks.MaskInUse | None = None
        if skip_invisible:
            self._mask = masks.MaskInUse(character)
            if self._mask.visibility is not None:
                self._renderer.set_visibility(self._mask.visibility.tiles)

    @property
    def isa(self) -> str:
        """The instruction set in use."""
        return self._renderer.isa

    @property
    def precision(self) -> str:
        """What it computes in: float32 or fixed16."""
        return "fixed16" if self._renderer.fixed16 else "float32"

    @property
    def threads(self) -> int:
        """How many threads work on a frame."""
        return self._renderer.threads

    @property
    def multiply_adds(self) -> float:
        """How many the networks' layers took in the last frame; 0 where it was all known."""
        return self._renderer.multiply_adds

    def set_visibility(self, visibility: Visibility | None) -> None:
        """Leave out what ``visibility`` says cannot be seen; None: compute all. Measures nothing from now on."""
        self._mask = None
        tiles = np.full(SHAPE, EVERY_LEAN, np.uint8) if visibility is None else visibility.tiles
        self._renderer.set_visibility(tiles)

    def render(
        self,
        pose: Pose | Sequence[float],
        region: Sequence[int] | None = None,
        out: NDArray[np.uint8] | None = None,
        scale: int = 1,
    ) -> NDArray[np.uint8]:
        rectangle = as_region(region)
        vector = as_pose(pose)
        out = output_array(rectangle, out, self._checked_scale(scale))
        if self._mask is not None and self._mask.found_at_frame():
            assert self._mask.visibility is not None
            self._renderer.set_visibility(self._mask.visibility.tiles)
        self._renderer.render(vector, rectangle, out, scale)
        return out
