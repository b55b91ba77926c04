"""What a frame costs in each engine, for tools/bench.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.color import to_rgba8_straight
from tha4_core.engines import Engine
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.pose import FACE_SIZE
from tha4_core.region import DEFAULT_HEAD_VIEW
from tha4_core.student import load_student
from tha4_core.visibility import sample_poses
from tools.bench_rows import Row, measure

#: Poses on which an engine's picture is compared with the reference engine's.
_COMPARED = 8
#: The native engine is quick enough for so many times more frames.
_MORE = 5


def engine_rows(character: Character, frames: int) -> Iterator[Row]:
    """The eager student, the reference engine, and, for a character with a visibility mask, the native engine."""
    student = load_student(character)
    image = torch.from_numpy(character.network_image)

    def eager(pose: NDArray[np.float32]) -> object:
        with torch.inference_mode():
            return to_rgba8_straight(student(image, torch.from_numpy(pose)).final[0].numpy())

    yield measure("eager student, full picture (baseline)", eager, max(3, frames // 8))
    reference = ReferenceEngine(character)
    yield measure("reference engine, full picture", reference.render, frames)
    yield measure("reference engine, head view 192x192", lambda pose: reference.render(pose, DEFAULT_HEAD_VIEW), frames)
    visibility = character.visibility
    if visibility is None:
        return
    poses = list(sample_poses(80 + _COMPARED, seed=1))[80:]  # past the systematic ones
    expected = np.stack([reference.render(pose) for pose in poses])  # (n, 512, 512, 4)
    for precision in ("float32", "auto"):
        for skip in (False, True):
            for threads in dict.fromkeys((1, 2, torch.get_num_threads())):
                engine = NativeEngine(character, threads=threads, precision=precision, skip_invisible=skip)
                pixels = f"visible tiles ({visibility.tiles.mean():.0%})" if skip else "all pixels"
                name = f"native engine, {engine.precision}, {pixels}, {threads} thread{'s'[: threads > 1]}"
                row = measure(name, engine.render, _MORE * frames)
                yield replace(row, psnr=psnr(np.stack([engine.render(pose) for pose in poses]), expected))
    threads = torch.get_num_threads()
    engine = NativeEngine(character, threads=threads)
    name = f"native engine, {engine.precision}, {threads} threads"
    yield measure(f"{name}, head view 192x192", lambda pose: engine.render(pose, DEFAULT_HEAD_VIEW), _MORE * frames)
    yield _face_still(f"{name}, only head and body move", engine, _MORE * frames)
    yield measure(f"{name}, the same frame again", lambda _: engine.render(poses[0]), _MORE * frames)


def _face_still(name: str, engine: Engine, frames: int) -> Row:
    def render(pose: NDArray[np.float32]) -> object:
        pose[:FACE_SIZE] = 0.0
        return engine.render(pose)

    return measure(name, render, frames)
