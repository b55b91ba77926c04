"""What a frame costs on an NVIDIA GPU, for tools/bench.py: to the last byte of RGBA8 in the CPU's memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from tha4_core.character import Character
from tha4_core.engines.cuda.engine import CudaEngine
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.picture.region import DEFAULT_HEAD_VIEW
from tha4_core.pose import FACE_SIZE
from tools.measuring.bench_rows import (
    Row,
    blind_to_face,
    compared_pictures,
    eager_student,
    heads_in_turn,
    measure,
    only,
)

#: A GPU is quick enough for so many times more frames.
_MORE = 10
_CASTS = (2, 4, 8)


def gpu_name() -> str:
    """Of the GPU that is measured, with its driver's and torch's CUDA."""
    return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}, torch {torch.__version__}"


def cuda_rows(character: Character, frames: int) -> Iterator[Row]:
    """The student in eager PyTorch on the GPU, which is the baseline, and the CUDA engine in both precisions."""
    yield measure("eager student on the GPU, full picture (baseline)", eager_student(character, "cuda"), frames)
    poses, expected = compared_pictures(ReferenceEngine(character))
    share = f" ({character.visibility.share:.0%})" if character.visibility else ""
    for precision in ("float32", "half"):
        for skip in (False, True):
            engine = CudaEngine(character, precision=precision, skip_invisible=skip)
            name = f"cuda engine, {precision}, {f'visible tiles{share}' if skip else 'all pixels'}"
            row = _warm(name, engine, None, frames)
            yield replace(row, psnr=psnr(np.stack([engine.render(pose) for pose in poses]), expected))
    engine = CudaEngine(character, precision="half")
    name = "cuda engine, half"
    yield _warm(f"{name}, head view 192x192", engine, DEFAULT_HEAD_VIEW, frames)
    yield only(slice(FACE_SIZE, None), f"{name}, only head and body move", engine, _MORE * frames)
    blind = CudaEngine(blind_to_face(character), precision="half")
    _warm("", blind, None, 1)
    yield only(slice(None, FACE_SIZE), f"{name}, only the face moves, body blind to it", blind, _MORE * frames)
    yield measure(f"{name}, the same frame again", lambda _: engine.render(poses[0]), _MORE * frames)
    for count in _CASTS:
        engines = [CudaEngine(character, precision="half") for _ in range(count)]
        for one in engines:
            _warm("", one, DEFAULT_HEAD_VIEW, 1)
        yield heads_in_turn(name, engines, _MORE * frames)


def _warm(name: str, engine: CudaEngine, region: tuple[int, int, int, int] | None, frames: int) -> Row:
    """Measured once the engine has captured its graphs, which it does at the fourth frame of a region."""
    measure(name, lambda pose: engine.render(pose, region), 8)
    return measure(name, lambda pose: engine.render(pose, region), _MORE * frames)
