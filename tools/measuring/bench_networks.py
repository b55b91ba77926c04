"""What a frame of each named shape of networks costs on one thread of the native engine, for tools/bench.py.

Times are processor time of the thread, so that other programs' turns are not in them. What remains of others (shared
caches, the other half of a core) slows the engine and the yardstick alike, as the yardstick is measured again before
each frame.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.character.networks import NAMED
from tha4_core.distill.network_costs import new_networks
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.picture.region import DEFAULT_HEAD_VIEW, FULL_PICTURE, Region
from tha4_core.pose import FACE_SIZE
from tools.measuring.bench_rows import Row, blind_to_face, eager_student
from tools.poses.preview_motion import preview_poses

_VIEWS: Final = {"full picture": FULL_PICTURE, "head view 192x192": DEFAULT_HEAD_VIEW}
#: What of a pose moves -> the parameters.
_PARTS: Final = {
    "only head and body move": slice(FACE_SIZE, None),
    "only the face moves, body blind to it": slice(None, FACE_SIZE),
}
#: The least that the yardstick's layer can have; of it only the peak is taken.
_CHANNELS: Final = 2


def network_rows(character: Character, frames: int) -> Iterator[Row]:
    """The eager student of the published shape, then each shape with made-up weights and the character's mask.

    The eager student runs on one thread, too.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        student = eager_student(new_networks(character.image_png, NAMED["published"]), "cpu")
        yield Row("eager student, published, full picture (baseline)", _seconds(student, max(3, frames // 8)))
    finally:
        torch.set_num_threads(threads)
    for name, networks in NAMED.items():
        made_up = new_networks(character.image_png, networks)
        for precision in ("float32", "auto"):
            engine = _engine(made_up, character, precision)
            for view, region in _VIEWS.items():
                yield _row(f"{name}, {engine.precision}, {view}", engine, region, frames)
        for part, moving in _PARTS.items():
            engine = _engine(blind_to_face(made_up) if "blind" in part else made_up, character, "auto")
            yield _row(f"{name}, {engine.precision}, full picture, {part}", engine, FULL_PICTURE, frames, moving)


def _engine(made_up: Character, character: Character, precision: str) -> NativeEngine:
    engine = NativeEngine(made_up, threads=1, precision=precision, skip_invisible=False)
    engine.set_visibility(character.visibility)
    return engine


def _row(name: str, engine: NativeEngine, region: Region, frames: int, moving: slice = slice(None)) -> Row:
    from tha4_core.engines.native import library  # not at the top: where it was not built, that is said in a sentence

    work: list[float] = []
    peaks: list[float] = []

    def render(pose: NDArray[np.float32]) -> None:
        changed = np.zeros_like(pose)
        changed[moving] = pose[moving]
        engine.render(changed, region)
        work.append(engine.multiply_adds)

    def yardstick() -> None:
        peaks.append(library.speed(engine.isa, engine.precision == "fixed16", _CHANNELS)[0])

    seconds = _seconds(render, frames, yardstick)
    share = statistics.median(work) / (statistics.median(seconds) * statistics.median(peaks))
    return Row(f"{name} ({statistics.median(work) / 1e9:.2f} G)", seconds, peak=share)


def _seconds(
    action: Callable[[NDArray[np.float32]], object], frames: int, before: Callable[[], object] = lambda: None
) -> list[float]:
    """Processor time of this thread in ``action`` on different poses, after one that warms up."""
    *poses, other = preview_poses(frames + 1)
    action(other)
    seconds: list[float] = []
    for pose in poses:
        before()
        start = time.thread_time()
        action(pose)
        seconds.append(time.thread_time() - start)
    return seconds
