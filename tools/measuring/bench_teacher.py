"""What a pose costs the teacher, network by network, for tools/bench.py.

The baseline is the networks as one writes them down from the paper: the modules of ``tha4_core.teacher``, called one
after the other, everything computed for every pose. Against it stands ``Teacher``: the same numbers rewritten, and
what depends on the picture alone kept. All are measured in turns, so that a noisy machine is unfair to none.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import psutil
import torch
from torch import Tensor, nn

from tha4_core.character import Character
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import FACE_SIZE
from tha4_core.teacher.eyebrow_morphing_combiner import EYEBROW_POSE_SIZE
from tha4_core.teacher.image_forming import resize
from tha4_core.teacher.networks import EYEBROW_BOX, FACE_BOX, Networks, SystemOutput, cut
from tha4_core.teacher.system import Teacher
from tha4_core.teacher.tha3_networks import Tha3Networks, Tha3Output
from tools.poses.preview_motion import preview_poses

PRECISIONS: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_MEBIBYTE: Final = 1 << 20


@dataclass
class Measured:
    """Seconds of each repetition, the most memory taken meanwhile, and the PSNR against the baseline's picture."""

    seconds: list[float] = field(default_factory=list)
    memory: int = 0
    psnr: float | None = None

    @property
    def milliseconds(self) -> float:
        return statistics.median(self.seconds) * 1000.0


@dataclass
class TeacherRow:
    """One thing measured: as the baseline does it, and as ``Teacher`` does in each precision."""

    name: str
    plain: Measured
    precisions: dict[str, Measured]


def teacher_rows(
    networks: Networks | Tha3Networks,
    character: Character,
    precisions: Sequence[str],
    repetitions: int,
    device: torch.device,
) -> Iterator[TeacherRow]:
    """Each network alone on what it gets in the chain; then the chain, for a new picture, a known one, the face."""
    teachers = {name: Teacher(networks.named_children(), device, PRECISIONS[name]) for name in precisions}
    networks = networks.to(device)
    image = torch.from_numpy(character.network_image).to(device)
    poses = torch.from_numpy(preview_poses(repetitions + 1)).to(device)
    with torch.inference_mode():
        example: SystemOutput | Tha3Output = networks(image[None], poses[:1])
        for name, network in networks.named_children():
            inputs = _inputs(name, example, poses[:1])
            others = {
                p: partial(_call, teacher.networks.get_submodule(name), inputs) for p, teacher in teachers.items()
            }
            yield _row(name, partial(_call, network, inputs), others, repetitions, device)

        def plain_pose(pose: int) -> Tensor:
            output: SystemOutput | Tha3Output = networks(image[None], poses[pose : pose + 1])
            return output.final.final

        def plain_face(pose: int) -> Tensor:
            return networks.pose_face(networks.look(image[None]), poses[pose : pose + 1]).morphed.final

        def teacher_pose(teacher: Teacher, pose: int) -> Tensor:
            return teacher.pose(image, poses[pose : pose + 1]).final

        def teacher_face(teacher: Teacher, pose: int) -> Tensor:
            return teacher.pose_face(image, poses[pose : pose + 1])

        posing = {p: partial(teacher_pose, teacher) for p, teacher in teachers.items()}
        row = _row("a pose, picture known", plain_pose, posing, repetitions, device)
        compared = range(min(2, len(poses)))
        expected = [plain_pose(pose) for pose in compared]
        for precision, teacher in teachers.items():
            row.precisions[precision].psnr = _psnr([teacher_pose(teacher, pose) for pose in compared], expected)
        yield row
        facing = {p: partial(teacher_face, teacher) for p, teacher in teachers.items()}
        yield _row("a pose, face only, picture known", plain_face, facing, repetitions, device)


def teacher_table(rows: Iterable[TeacherRow], precisions: Sequence[str]) -> Iterator[str]:
    """Lines of a Markdown table, each as soon as its row is there. precisions: those that every row has, in order."""
    titles = ["what", "plain modules", "memory"]
    for name in precisions:
        titles += [f"Teacher, {name}", "speed against plain", "memory", "PSNR"]
    yield f"| {' | '.join(titles)} |"
    yield f"| {' | '.join(['---'] * len(titles))} |"
    for row in rows:
        cells = [row.name, _milliseconds(row.plain), f"{row.plain.memory / _MEBIBYTE:.0f} MiB"]
        for measured in (row.precisions[name] for name in precisions):
            cells += [
                _milliseconds(measured),
                f"{row.plain.milliseconds / measured.milliseconds:.2f}x",
                f"{measured.memory / _MEBIBYTE:.0f} MiB",
                "" if measured.psnr is None else f"{measured.psnr:.0f} dB",
            ]
        yield f"| {' | '.join(cells)} |"


def _milliseconds(measured: Measured) -> str:
    value = measured.milliseconds
    return f"{value:.0f} ms" if value >= 100.0 else f"{value:.1f} ms"


def _inputs(name: str, example: SystemOutput | Tha3Output, poses: Tensor) -> list[Tensor]:
    """What the network called ``name`` is given in the chain."""
    image, layers = example.picture.image, example.picture.decomposed
    if name == "eyebrow_decomposer":
        return [cut(image, EYEBROW_BOX)]
    if name == "eyebrow_morphing_combiner":
        return [layers.background_layer, layers.eyebrow_layer, poses[:, :EYEBROW_POSE_SIZE]]
    if name == "face_morpher":
        return [cut(image, FACE_BOX), poses[:, EYEBROW_POSE_SIZE:FACE_SIZE]]
    full, body_pose = example.face.full, poses[:, FACE_SIZE:]
    if name in ("body_morpher", "two_algo_face_body_rotator"):
        return [resize(full, PICTURE_SIZE // 2), body_pose]
    half = example.half
    return [full, resize(half.final, PICTURE_SIZE), resize(half.flow, PICTURE_SIZE), body_pose]


def _call(network: nn.Module, inputs: Sequence[Tensor], _pose: int) -> object:
    return network(*inputs)


def _row(
    name: str,
    plain: Callable[[int], object],
    others: Mapping[str, Callable[[int], object]],
    repetitions: int,
    device: torch.device,
) -> TeacherRow:
    row = TeacherRow(name, Measured(), {precision: Measured() for precision in others})
    pairs = [(plain, row.plain), *((others[precision], row.precisions[precision]) for precision in others)]
    for action, measured in pairs:
        action(0)  # warms up
        measured.memory = _memory(partial(action, 0), device)
    for repetition in range(1, repetitions + 1):
        for action, measured in pairs:
            start = time.perf_counter()
            action(repetition)
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            measured.seconds.append(time.perf_counter() - start)
    return row


def _memory(action: Callable[[], object], device: torch.device) -> int:
    """The most bytes that were held during ``action`` above what was held before: the GPU's, or this process's."""
    if device.type == "cuda":
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        action()
        return torch.cuda.max_memory_allocated(device) - before
    process = psutil.Process()
    before = most = process.memory_info().rss
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.002):
            most = max(most, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        action()
    finally:
        done.set()
        watcher.join()
    return most - before


def _psnr(pictures: Sequence[Tensor], expected: Sequence[Tensor]) -> float:
    """dB over all four channels of linear premultiplied pictures, whose range is 2."""
    error = torch.stack([((one - other) ** 2).mean() for one, other in zip(pictures, expected, strict=True)]).mean()
    return float(10.0 * torch.log10(4.0 / error))
