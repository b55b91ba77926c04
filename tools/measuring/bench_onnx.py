"""The native engine beside ONNX Runtime, which plays the same character from its exported model; for tools/bench.py.

Both on the processor, with as many threads, and by turns on the same poses: what else the machine does meets both.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tha4_core.character import Character, save_character
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.onnx_export import OnnxForm, export_onnx
from tha4_core.onnx_export.trial import OnnxPlayer
from tha4_core.picture.region import DEFAULT_HEAD_VIEW
from tha4_core.pose import Pose
from tools.measuring.bench_rows import Row, compared_pictures, table
from tools.poses.preview_motion import preview_poses

THREADS = 2
# As the native engine gives its pictures.
_FORM = OnnxForm(is_bytes=True)

#: A pose to a picture, RGBA8.
Player = Callable[[Pose], NDArray[np.uint8]]


def onnx_lines(character: Character, frames: int) -> Iterator[str]:
    """A table, line by line, and what files take."""
    yield f"\n## ONNX Runtime, {THREADS} threads\n"
    yield from table(onnx_rows(character, frames), compared=True)
    yield f"\n{file_sizes(character)}"


def onnx_rows(character: Character, frames: int) -> Iterator[Row]:
    """ONNX Runtime, which is the baseline, and the native engine with the character's visibility mask and without."""
    players: dict[str, Player] = {
        f"ONNX Runtime {onnxruntime.__version__}, full picture (baseline)": OnnxPlayer(
            export_onnx(character, _FORM).SerializeToString(), character, _FORM, THREADS
        ).render
    }
    for precision in ("float32", "auto"):
        for skip in (False, True):
            engine = NativeEngine(character, threads=THREADS, precision=precision, skip_invisible=skip)
            pixels = "visible tiles" if skip else "all pixels"
            players[f"native engine, {engine.precision}, {pixels}, full picture"] = engine.render
    heads = NativeEngine(character, threads=THREADS)
    head_view = f"native engine, {heads.precision}, visible tiles, head view 192x192"
    players[head_view] = lambda pose: heads.render(pose, DEFAULT_HEAD_VIEW)
    times = {name: _Times() for name in players}
    poses = preview_poses(frames)
    for player in players.values():
        player(poses[-1])
    for pose in poses:
        for name, player in players.items():
            times[name].take(player, pose)
    compared, expected = compared_pictures(ReferenceEngine(character))
    for name, player in players.items():
        whole = name != head_view
        likeness = psnr(np.stack([player(pose) for pose in compared]), expected) if whole else None
        yield times[name].row(name, likeness)


def file_sizes(character: Character) -> str:
    """A sentence."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "character.tha4"
        save_character(character, file)
        ours = file.stat().st_size
    model = len(export_onnx(character, _FORM).SerializeToString())
    return f"The character's file has {ours / 1e6:.1f} MB, its ONNX model {model / 1e6:.1f} MB."


@dataclass
class _Times:
    """Of a player: seconds by the clock, and of processor time of all threads, picture by picture."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def take(self, player: Player, pose: Pose) -> None:
        start, spent = time.perf_counter(), time.process_time()
        player(pose)
        self.processor.append(time.process_time() - spent)
        self.clock.append(time.perf_counter() - start)

    def row(self, name: str, likeness: float | None) -> Row:
        spent = f"{statistics.median(self.processor) * 1000:.0f} ms of processor time"
        return Row(name, self.clock, spent, psnr=likeness)
