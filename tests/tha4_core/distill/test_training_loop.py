from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.moving_teacher import MovingTeacher
from tha4_core.distill.distributed import alone
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.paper import PaperSettings, PaperTraining, paper_face
from tha4_core.distill.paper_phases import FACE_PHASES, scaled
from tha4_core.distill.poses import BelievablePoses
from tha4_core.distill.snapshots import load_snapshot
from tha4_core.distill.stopping import StoppableTeacher, TrainingInterruptedError, stopping_on_signals
from tha4_core.distill.training_log import TrainingLog
from tha4_core.distill.training_loop import Limits, Progress, train_network

New = Callable[..., PaperTraining]


class Counted:
    """Measures nothing real, but differently each time; asks for an end after ``steps``."""

    def __init__(self, steps: int = 1000) -> None:
        self.steps = steps
        self.shown: list[Progress] = []
        self.measured = 0

    def measure(self, network: nn.Module) -> float:
        assert not network.training
        self.measured += 1
        return 10.0 * self.measured

    def notify(self, progress: Progress) -> None:
        self.shown.append(progress)

    def stop(self) -> bool:
        return len(self.shown) + 1 >= self.steps


def run(training: PaperTraining, folder: Path, counted: Counted, limits: Limits = Limits()) -> TrainingLog:  # noqa: B008
    return train_network("face", training, folder, limits, counted.measure, alone(), counted.stop, counted.notify)


def test_a_training_goes_to_its_end_and_is_measured_at_both(new_face: New, tmp_path: Path) -> None:
    training, counted = new_face(), Counted()
    log = run(training, tmp_path, counted)
    assert training.progress == 1.0
    assert [point.examples for point in log.points] == [0, 40]
    assert [point.psnr for point in log.points] == [10.0, 20.0]
    last = counted.shown[-1]
    assert (last.network, last.fraction, last.examples, last.psnr) == ("face", 1.0, 40, 20.0)
    assert last.seconds == log.seconds > 0.0
    assert all(one.examples < other.examples for one, other in zip(counted.shown, counted.shown[1:], strict=False))


def test_an_end_that_is_asked_for_leaves_a_snapshot_from_which_it_goes_on(new_face: New, tmp_path: Path) -> None:
    whole = new_face()
    run(whole, tmp_path / "whole", Counted())
    with pytest.raises(TrainingInterruptedError):
        run(new_face(), tmp_path / "parts", Counted(steps=3))
    assert (tmp_path / "parts" / "examples_seen_so_far.txt").read_text() == "12\n"
    resumed = new_face()
    log = run(resumed, tmp_path / "parts", Counted())
    assert [point.examples for point in log.points] == [0, 40]
    for one, other in zip(resumed.network().parameters(), whole.network().parameters(), strict=True):
        assert torch.equal(one, other)


def test_what_is_over_is_not_trained_again(new_face: New, tmp_path: Path) -> None:
    run(new_face(), tmp_path, Counted())
    counted = Counted()
    log = run(new_face(), tmp_path, counted)
    assert counted.shown == []
    assert len(log.points) == 2


def test_time_ends_a_training_and_more_time_goes_on_with_it(new_face: New, tmp_path: Path) -> None:
    training = new_face()
    run(training, tmp_path, Counted(), Limits(seconds=1e-6))
    assert training.examples == 4
    training = new_face()
    log = run(training, tmp_path, Counted(), Limits(seconds=1e6))
    assert training.examples == 40
    assert [point.examples for point in log.points] == [0, 4, 40]


def test_good_enough_ends_a_training(new_face: New, tmp_path: Path) -> None:
    training = new_face(examples=400)
    log = run(training, tmp_path, Counted(), Limits(psnr=20.0, snapshot_seconds=1e-9))
    assert log.points[-1].psnr == 20.0
    assert training.examples < 400


def test_snapshots_are_taken_by_time(new_face: New, tmp_path: Path) -> None:
    training, counted = new_face(), Counted()
    seen: list[str] = []

    def notify(progress: Progress) -> None:
        counted.notify(progress)
        seen.append((tmp_path / "examples_seen_so_far.txt").read_text())

    train_network(
        "face", training, tmp_path, Limits(snapshot_seconds=1e-9), counted.measure, alone(), counted.stop, notify
    )
    assert seen == [f"{examples}\n" for examples in range(4, 44, 4)]


@pytest.mark.parametrize("answers", [0, 6, 21])
def test_what_was_learned_is_kept_when_the_teacher_is_asked_no_more(
    new_face: New, teacher: MovingTeacher, tmp_path: Path, answers: int
) -> None:
    whole = new_face()
    run(whole, tmp_path / "whole", Counted())
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > answers

    settings = PaperSettings(scaled(FACE_PHASES, 40), 4, 1, 64, 1)  # as new_face(together=1)
    stopped = paper_face(StoppableTeacher(teacher, stop), torch.ones(128, 128), BelievablePoses(1), alone(), settings)
    with pytest.raises(TrainingInterruptedError):
        run(stopped, tmp_path / "parts", Counted())
    saved = load_snapshot(tmp_path / "parts") if (tmp_path / "parts").exists() else None
    assert (saved["training"]["examples"] if saved else 0) == answers // 4 * 4
    resumed = new_face()
    run(resumed, tmp_path / "parts", Counted())
    for one, other in zip(whole.network().parameters(), resumed.network().parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_another_trainings_snapshot_is_one_sentence(new_face: New, new_body: New, tmp_path: Path) -> None:
    run(new_face(), tmp_path, Counted())
    for other in (new_face(seed=2), new_body()):
        with pytest.raises(DistillationError, match="with other settings"):
            run(other, tmp_path, Counted())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_for_an_end_and_its_handler_is_put_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stopping_on_signals() as stop:
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
    assert signal.getsignal(number) is before


def test_a_second_ctrl_c_ends_at_once_unless_it_is_the_first_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    with stopping_on_signals() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        assert stop()
        clock[0] += 5.0
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
