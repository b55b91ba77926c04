"""A cast of characters that are distilled within seconds, on workers of a cluster as well: a fast teacher, networks
of a ninth of the work, and a report of few pictures."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import torch
from torch import Tensor

from tests.moving_teacher import MovingTeacher
from tests.synthetic import synthetic_character
from tha4_core.distill import evaluate, inputs, report, run
from tha4_core.distill.cast import Member
from tha4_core.distill.cast_records import Record
from tha4_core.distill.teachers import OpenedTeacher
from tha4_core.picture.region import Region
from tha4_core.teacher import TeacherOutput
from tools.distilling.cast_cluster import distil_on_worker

CAST: Final = """
all: {teacher: slow, preset: paper, networks: light, resolution: 64, face_examples: 8, body_examples: 48,
  face_morpher_batch_size: 1, body_morpher_batch_size: 1, held_out_poses: 1, measure_visible: false,
  snapshot_seconds: 0.2}
"""
#: Holds a file for each character with the process that works on it.
WORKERS: Final = "workers"


class SlowTeacher(MovingTeacher):
    """Long enough at each body for a machine to be lost meanwhile."""

    def pose(self, poses: Tensor, region: Region | None = None) -> TeacherOutput:
        time.sleep(0.05 * len(poses))
        return super().pose(poses, region)


@contextmanager
def fast_distillation() -> Iterator[None]:
    def opened(*_: Any) -> OpenedTeacher:
        return OpenedTeacher(SlowTeacher(), synthetic_character().image_png, 1e9, 5e9)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "open_teacher", opened)
        patch.setattr(run, "_MASK_POSES", 2)
        patch.setattr(run, "_FACE_MEASURED", 1)
        patch.setattr(run, "_BODY_MEASURED", 1)
        patch.setattr(run, "network_costs", lambda _: [])
        patch.setattr(evaluate, "GROUPS", {"mouth": ("mouth",)})
        patch.setattr(report, "EXPRESSIONS", {})
        patch.setattr(report, "ROTATIONS", {})
        yield


def write_cast(path: Path, names: list[str]) -> Path:
    """A cast's file of characters that differ by their seed, and so in all that they learn."""
    lines = [
        f"{name}: {{face_morpher_random_seed_0: {i + 1}, body_morpher_random_seed_0: {i + 1}}}\n"
        for i, name in enumerate(names)
    ]
    path.write_text(CAST + "".join(lines))
    return path


def work(member: Member, run_name: str, yes: bool, offline: bool) -> Record:
    """What a worker does."""
    torch.set_num_threads(1)
    workers = member.config.target.parent / WORKERS
    workers.mkdir(exist_ok=True)
    (workers / member.name).write_text(str(os.getpid()))
    with fast_distillation():
        return distil_on_worker(member, run_name, yes, offline)
