"""Makes the C++ renderer of a character, or says in a sentence why there is none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.character.weights import BODY_MORPHER_SHAPES, FACE_MORPHER_SHAPES
from tha4_core.engines.engine import EngineError
from tha4_core.metrics import psnr
from tha4_core.picture.region import Region
from tha4_core.pose import pose_from_names
from tha4_core.visibility import TILE_HEIGHT

if TYPE_CHECKING:
    from tha4_core.engines.native._native import Renderer

#: Forces an instruction set: avx512, avx2, neon or portable.
ISA_VARIABLE: Final = "THA4_NATIVE_ISA"
#: Forces a precision: float32 or fixed16.
PRECISION_VARIABLE: Final = "THA4_NATIVE_PRECISION"
_ISAS: Final = ("avx512", "avx2", "neon", "portable")
_PRECISIONS: Final = ("auto", "float32", "fixed16")
#: 16 bits are not chosen by themselves where the picture is less like float32's than this, dB. Published characters are
#: at 60 there (68 over all of the picture); a network may ask for more bits, by large weights of small activations.
_LEAST_PSNR: Final = 45.0
#: A cheek, and hair that hangs beside it, of somebody who turns and speaks.
_TRIAL_REGION: Final = Region(x=192, y=112, width=96, height=96)
_TRIAL_POSE: Final = pose_from_names(
    {"head_x": 0.4, "head_y": -0.6, "neck_z": 0.5, "body_y": -0.5, "body_z": 0.4, "mouth_aaa": 0.7, "eye_wink": 0.4}
)


def new_renderer(character: Character, threads: int, isa: str | None = None, precision: str | None = None) -> Renderer:
    """A renderer of ``character`` that computes every pixel.

    isa, precision: as of :class:`.engine.NativeEngine`; None: what the environment says, else the best. With "auto"
    a part of one picture is rendered in both precisions, which takes some hundredths of a second.
    Raises EngineError.
    """
    try:
        from tha4_core.engines.native import _native
    except ImportError:
        raise EngineError(
            "the native engine was not built; install a C++ compiler (Debian: apt install g++) and Python's headers"
            " (python3-dev), then the project again (pip install -e .)."
        ) from None
    isa = isa or os.environ.get(ISA_VARIABLE) or ""
    if isa and isa not in _ISAS:
        raise EngineError(
            f"there is no instruction set named {isa!r}; set {ISA_VARIABLE} to one of {', '.join(_ISAS)}."
        )
    supported = _native.supported()
    if isa and isa not in supported:
        raise EngineError(
            f"this processor or build cannot run {isa}; set {ISA_VARIABLE} to one of {', '.join(supported)}."
        )
    precision = precision or os.environ.get(PRECISION_VARIABLE) or "auto"
    if precision not in _PRECISIONS:
        raise EngineError(f"there is no precision named {precision!r}; choose one of {', '.join(_PRECISIONS)}.")

    def made(fixed16: bool) -> Renderer:
        try:
            return _native.Renderer(
                [np.ascontiguousarray(character.face_morpher[name]) for name in FACE_MORPHER_SHAPES],
                [np.ascontiguousarray(character.body_morpher[name]) for name in BODY_MORPHER_SHAPES],
                np.ascontiguousarray(character.network_image),
                isa,
                fixed16,
                threads,
            )
        except RuntimeError as error:  # the system's own refusal
            raise EngineError(
                f"{threads} threads could not be started ({error}); give fewer, or raise the limit (ulimit -u)."
            ) from None

    renderer = made(precision != "float32")
    if precision == "fixed16" and not renderer.fixed16:
        raise EngineError(f"fixed16 is not to be had with {renderer.isa} and this character's weights; choose auto.")
    if precision == "auto" and renderer.fixed16:
        exact = made(False)
        if psnr(_trial(renderer), _trial(exact)) < _LEAST_PSNR:
            return exact
    return renderer


def _trial(renderer: Renderer) -> NDArray[np.uint8]:
    """A part of a picture that takes all of both networks."""
    pixels = np.empty((_TRIAL_REGION.height, _TRIAL_REGION.width, 4), dtype=np.uint8)
    renderer.render(_TRIAL_POSE, _TRIAL_REGION, pixels)
    return pixels


def segment_mask(tiles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A mask's tiles, uint8 of ``visibility.SHAPE`` -> (512, 64): rows of segments of 8 pixels."""
    return tiles.repeat(TILE_HEIGHT, axis=0)


def default_threads() -> int:
    """The physical cores that this process may use less one, for the game; at least one."""
    return max(1, _physical_cores() - 1)


def _physical_cores() -> int:
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    cores = set()
    for cpu in os.sched_getaffinity(0):
        topology = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        try:
            cores.add(topology.read_text())
        except OSError:
            cores.add(str(cpu))
    return len(cores)
