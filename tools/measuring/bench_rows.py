"""A measurement and how it is printed, for tools/bench.py."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.engines import Engine
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.picture.region import DEFAULT_HEAD_VIEW
from tha4_core.pose import FACE_SIZE, SIZE, Pose
from tha4_core.student import load_student
from tha4_core.visibility import sample_poses
from tools.poses.preview_motion import preview_poses

#: Of the poses that visibility is measured with, those by rule come first; so many random ones after them are compared.
_SYSTEMATIC = 80
_COMPARED = 8


@dataclass(frozen=True)
class Row:
    """One measurement: seconds of each repetition, and a note.

    psnr: dB from the reference engine's picture. peak: share of the multiply-adds that the threads could have done in
    the median time, as measured. pictures: how many a repetition makes.
    """

    name: str
    seconds: list[float]
    note: str = ""
    psnr: float | None = None
    peak: float | None = None
    pictures: int = 1

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        return float(np.percentile(self.seconds, 99))


def measure(name: str, action: Callable[[NDArray[np.float32]], object], frames: int) -> Row:
    """Time ``action`` on ``frames`` different poses, after one that warms up."""
    poses = preview_poses(frames)
    action(poses[-1])
    seconds: list[float] = []
    for pose in poses:
        start = time.perf_counter()
        action(pose)
        seconds.append(time.perf_counter() - start)
    return Row(name, seconds)


def only(moving: slice, name: str, engine: Engine, frames: int) -> Row:
    """Time an engine's full pictures while only those parameters of the pose change."""

    def render(pose: NDArray[np.float32]) -> object:
        changed = np.zeros_like(pose)
        changed[moving] = pose[moving]
        return engine.render(changed)

    return measure(name, render, frames)


def blind_to_face(character: Character) -> Character:
    """The character with a body that does not see the face's parameters; its mask is kept."""
    body = {name: np.array(array) for name, array in character.body_morpher.items()}
    for name, array in body.items():
        if name.endswith(".0.linear.weight"):
            array[:, -SIZE : FACE_SIZE - SIZE] = 0.0
    return replace(character, body_morpher=body)


def heads_in_turn(name: str, engines: Sequence[Engine], frames: int) -> Row:
    """Time a head view of each of several engines, one after the other."""

    def render(pose: NDArray[np.float32]) -> None:
        for engine in engines:
            engine.render(pose, DEFAULT_HEAD_VIEW)

    row = measure(f"{name}, head views of {len(engines)} characters in turn", render, frames)
    return replace(row, pictures=len(engines))


def eager_student(character: Character, device: str) -> Callable[[NDArray[np.float32]], object]:
    """The student in eager PyTorch, a pose to RGBA8 in the CPU's memory: what engines are measured against."""
    student = load_student(character).to(device)
    image = torch.from_numpy(character.network_image).to(device)

    def render(pose: NDArray[np.float32]) -> object:
        with torch.inference_mode():
            return to_rgba8_straight(student(image, torch.from_numpy(pose).to(device)).final[0].cpu().numpy())

    return render


def compared_pictures(reference: Engine) -> tuple[list[Pose], NDArray[np.uint8]]:
    """n poses on which engines are compared, and the reference engine's pictures of them, (n, 512, 512, 4)."""
    poses = list(sample_poses(_SYSTEMATIC + _COMPARED, seed=1))[_SYSTEMATIC:]
    return poses, np.stack([reference.render(pose) for pose in poses])


def table(rows: Iterable[Row], *, compared: bool = False) -> Iterator[str]:
    """Lines of a Markdown table, each as soon as its row is there. compared: with speeds against the first row's."""
    more = ["frames a second", "speed against the baseline", "PSNR", "of peak", "at the peak"] if compared else []
    titles = ["what", "median", "p99", *more]
    yield _line(titles)
    yield _line(["---"] * len(titles))
    baseline: Row | None = None
    for row in rows:
        baseline = baseline or row
        cells = [row.name, row.note, ""]
        if row.seconds:
            note = f" ({row.note})" if row.note else ""
            cells[1:] = [_milliseconds(row.median) + note, _milliseconds(row.p99)]
        if compared:
            likeness = "" if row.psnr is None else f"{row.psnr:.0f} dB"
            share = "" if row.peak is None else f"{row.peak:.0%}"
            rate = row.pictures / row.median
            # Frames a second that the multiply-adds alone would leave.
            limit = "" if row.peak is None else f"{rate / row.peak:.0f}"
            cells += [f"{rate:.1f}", f"{baseline.median * rate:.1f}x", likeness, share, limit]
        yield _line(cells)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.1 else f"{seconds * 1000:.2f} ms"
