"""Distillation on a GPU: the training that the CPU does, step by step, and from either to the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tests.synthetic import synthetic_character
from tha4_core.character import load_character, save_character
from tha4_core.distill.body_recipe import BodySettings, BodyTraining
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import alone
from tha4_core.distill.face_recipe import FaceSettings, FaceTraining
from tha4_core.distill.paper import PaperSettings, paper_body, paper_face
from tha4_core.distill.paper_phases import BODY_PHASES, FACE_PHASES, scaled
from tha4_core.distill.poses import BelievablePoses
from tha4_core.distill.run import Listener, distill
from tha4_core.distill.training import Training
from tha4_core.distill.training_loop import Progress
from tha4_core.metrics import psnr
from tha4_core.teacher import CharacterTeacher, StudentTeacher

_STEPS = 12
_BODY = BodySettings(
    coarse_steps=6, steps=6, coarse_poses=8, poses=4, frames=8, first_frames=4, capacity=8, precision="float32"
)
_FACE = FaceSettings(
    steps=_STEPS, poses=16, points=64, frames=16, first_frames=8, capacity=16, precision="float32"
)  # fmt: skip
_CPU = torch.device("cpu")


def _body(teacher: CharacterTeacher, device: torch.device) -> Training:
    return BodyTraining(teacher, BelievablePoses(1), _BODY, None, device)


def _face(teacher: CharacterTeacher, device: torch.device) -> Training:
    return FaceTraining(teacher, BelievablePoses(1), _FACE, None, None, device)


def _paper_body(teacher: CharacterTeacher, device: torch.device) -> Training:
    settings = PaperSettings(scaled(BODY_PHASES, 2 * _STEPS), 2, 1, 64)
    return paper_body(teacher, BelievablePoses(1), alone(device), settings)


def _paper_face(teacher: CharacterTeacher, device: torch.device) -> Training:
    settings = PaperSettings(scaled(FACE_PHASES, 2 * _STEPS), 2, 1, 64)
    return paper_face(teacher, torch.ones(128, 128), BelievablePoses(1), alone(device), settings)


_All = pytest.mark.parametrize("new", [_body, _face, _paper_body, _paper_face])
_New = Callable[[CharacterTeacher, torch.device], Training]


@_All
def test_every_step_is_the_one_that_the_cpu_takes(new: _New, gpu: torch.device) -> None:
    trainings = [new(MovingTeacher(), device) for device in (_CPU, gpu)]
    for step in range(_STEPS):
        here, there = (training.step()["loss"] for training in trainings)
        # Roundings differ, and grow from step to step.
        assert there == pytest.approx(here, rel=1e-4 * 2**step), step


@pytest.mark.parametrize(("new", "parts"), [(_body, 2), (_face, 1)])
def test_steps_are_captured_as_graphs(
    new: _New, parts: int, gpu: torch.device, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """All but the first three of each part: the steps of the test above are those."""
    replayed: list[torch.cuda.CUDAGraph] = []
    replay = torch.cuda.CUDAGraph.replay

    def counted(graph: torch.cuda.CUDAGraph) -> None:
        replayed.append(graph)
        replay(graph)

    monkeypatch.setattr(torch.cuda.CUDAGraph, "replay", counted)
    training = new(MovingTeacher(), gpu)
    for _ in range(_STEPS):
        training.step()
    assert len(replayed) == _STEPS - 3 * parts
    assert caplog.records == []


@_All
def test_a_training_goes_on_on_another_device(new: _New, gpu: torch.device, tmp_path: Path) -> None:
    for first, then in ((_CPU, gpu), (gpu, _CPU)):
        begun, straight = new(MovingTeacher(), first), new(MovingTeacher(), first)
        for _ in range(_STEPS // 2):
            begun.step()
            straight.step()
        torch.save(begun.state(), tmp_path / "state.pt")
        resumed = new(MovingTeacher(), then)
        resumed.load_state(torch.load(tmp_path / "state.pt", map_location="cpu", weights_only=True))
        assert resumed.step()["loss"] == pytest.approx(straight.step()["loss"], rel=1e-3)


def test_a_student_teaches_on_a_gpu_what_it_teaches_on_the_cpu(gpu: torch.device) -> None:
    character = synthetic_character()
    here, there = StudentTeacher(character), StudentTeacher(character, gpu)
    poses = torch.stack([BelievablePoses(3)(index) for index in range(3)])
    made = there.pose(poses)
    assert made.final.device == gpu
    assert psnr(made.final.cpu(), here.pose(poses).final) > 70.0
    assert psnr(there.pose_face(poses).cpu(), here.pose_face(poses)) > 70.0


class _Silent(Listener):
    def say(self, text: str) -> None: ...

    def progress(self, progress: Progress) -> None: ...

    def asked(self, count: int) -> None: ...

    def evaluated(self, done: int, total: int) -> None: ...


def test_a_whole_distillation_on_a_gpu(gpu: torch.device, tmp_path: Path) -> None:
    save_character(replace(synthetic_character()), tmp_path / "teacher.tha4")
    config = Config(
        output=tmp_path / "out.tha4",
        teacher=f"student:{tmp_path / 'teacher.tha4'}",
        preset="draft",
        minutes=0.3,
        held_out_poses=4,
        measure_visible=False,
    )
    outcome = distill(config, alone(gpu), lambda: False, _Silent())
    assert outcome is not None
    assert load_character(outcome.target).info.quality["psnr_mean"] > 20.0
