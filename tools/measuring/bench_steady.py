"""Whether the native engine keeps its pace, and what skipping invisible tiles loses, for tools/bench.py."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator

import numpy as np
import torch

from tha4_core.character import Character
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.picture.region import DEFAULT_HEAD_VIEW
from tha4_core.pose import Pose
from tha4_core.visibility import sample_poses
from tools.measuring.bench_rows import Row

#: Frames whose times are compared with one another.
STEADY_FRAMES = 2000
#: Poses on which is looked for what skipping loses.
HELD_OUT_POSES = 1000

# Past the poses that sample_poses gives for every seed; the seeds are not that of a mask's own poses.
_SYSTEMATIC = 80
_SEED = 7


def held_out_poses(count: int) -> Iterator[Pose]:
    """Random poses, every other one with all rotations at their extremes, that no visibility mask was measured on."""
    return itertools.islice(sample_poses(_SYSTEMATIC + count, _SEED), _SYSTEMATIC, None)


def steady_rows(character: Character, frames: int) -> Iterator[Row]:
    """Times of frames of random poses, one after the other, by the native engine on all threads."""
    engine = NativeEngine(character, threads=torch.get_num_threads())
    poses = list(held_out_poses(frames))
    for name, region in (("full picture", None), ("head view 192x192", DEFAULT_HEAD_VIEW)):
        engine.render(poses[-1], region)
        seconds: list[float] = []
        for pose in poses:
            start = time.perf_counter()
            engine.render(pose, region)
            seconds.append(time.perf_counter() - start)
        yield Row(f"native engine, {engine.precision}, {engine.threads} threads, {name}", seconds)


def steady_table(rows: Iterable[Row]) -> Iterator[str]:
    """Lines of a Markdown table, each as soon as its row is there: one figure for many frames."""
    yield "| what | frames | median | p99 | longest | p99 against the median |"
    yield "| --- " * 6 + "|"
    for row in rows:
        times = " | ".join(f"{seconds * 1000:.2f} ms" for seconds in (row.median, row.p99, max(row.seconds)))
        yield f"| {row.name} | {len(row.seconds)} | {times} | {row.p99 / row.median:.2f}x |"


def largest_alpha_lost(character: Character, poses: int) -> int:
    """The largest alpha, of 255, outside the tiles that are visible as it leans, in any of so many held-out poses."""
    assert character.visibility is not None
    visibility = character.visibility
    engine = NativeEngine(character, threads=torch.get_num_threads(), skip_invisible=False)
    pixels = np.empty((512, 512, 4), dtype=np.uint8)
    return max(
        int(engine.render(pose, None, pixels)[..., 3].max(initial=0, where=~visibility.pixels(pose)))
        for pose in held_out_poses(poses)
    )
