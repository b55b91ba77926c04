"""A recipe that cannot end in its time is shortened while it goes on; one that can is left alone.

Times are given, not measured: what is tried does not depend on how busy the machine is.
"""

from __future__ import annotations

import pytest

from tests.moving_teacher import MovingTeacher
from tha4_core.distill.body_recipe import BodySettings, BodyTraining
from tha4_core.distill.catching_up import CatchingUp, PacedTraining
from tha4_core.distill.face_recipe import FaceSettings, FaceTraining
from tha4_core.distill.poses import BelievablePoses

_FACE = FaceSettings(steps=200, poses=1, points=4, frames=6, first_frames=2, capacity=4, warm_up=2)
_BODY = BodySettings(
    coarse_steps=120, steps=80, coarse_poses=1, coarse_points=4, poses=1, windows=1, window=8, frames=4,
    first_frames=4, capacity=4, warm_up=2,
)  # fmt: skip


def _run(training: PacedTraining, step_seconds: float, limit: float, frame_seconds: float = 0.0) -> tuple[int, float]:
    """How many steps are taken of a training whose time ends after ``limit`` seconds, and the seconds they take."""
    said: list[str] = []
    catching_up = CatchingUp(training, limit, said.append)
    steps, elapsed = 0, 0.0
    while training.progress < 1.0 and elapsed < limit:
        asked = training.teacher_frames
        training.step()
        taken = step_seconds + frame_seconds * (training.teacher_frames - asked)
        steps, elapsed = steps + 1, elapsed + taken
        catching_up.after_step(taken, elapsed)
    assert len(said) <= 1
    assert bool(said) == (steps < 200)
    return steps, elapsed


def _face(teacher: MovingTeacher) -> FaceTraining:
    return FaceTraining(teacher, BelievablePoses(0), _FACE)


def _body(teacher: MovingTeacher) -> BodyTraining:
    return BodyTraining(teacher, BelievablePoses(0), _BODY)


def test_a_recipe_that_ends_in_its_time_is_taken_whole(teacher: MovingTeacher) -> None:
    training = _face(teacher)
    steps, _ = _run(training, step_seconds=1.0, limit=210.0)
    assert steps == 200
    assert training.examples == 200


@pytest.mark.parametrize("slower", [1.5, 4.0])
def test_a_recipe_on_a_slower_machine_still_comes_to_its_end(teacher: MovingTeacher, slower: float) -> None:
    training = _face(teacher)
    steps, elapsed = _run(training, step_seconds=slower, limit=210.0)
    assert training.progress == 1.0
    assert 190.0 < elapsed <= 210.0 + 2 * slower
    assert training.examples == steps


def test_a_body_gets_beyond_the_coarse_movement(teacher: MovingTeacher) -> None:
    training = _body(teacher)
    steps, _ = _run(training, step_seconds=3.0, limit=210.0)
    assert training.progress == 1.0
    assert training.phase == "body, the whole picture"
    assert training.examples == steps < 100
    assert training.frames_left == 0


def test_the_teachers_first_answers_are_no_reason_to_shorten_a_recipe(teacher: MovingTeacher) -> None:
    """They are asked for early: what is slow then is not slow later."""
    steps, _ = _run(_face(teacher), step_seconds=1.0, frame_seconds=8.0, limit=260.0)
    assert steps == 200


def test_steps_passed_over_are_no_examples_and_no_work(teacher: MovingTeacher) -> None:
    face, body = _face(teacher), _body(teacher)
    for training in (face, body):
        training.step()
        examples, work = training.examples, training.multiply_adds
        training.pass_over(150)
        assert (training.examples, training.multiply_adds) == (examples, work)
        training.step()
        assert training.examples == examples + 1
        training.pass_over(1000)
        assert training.progress == 1.0


def test_what_was_passed_over_is_in_the_state_and_a_state_from_before_has_none(teacher: MovingTeacher) -> None:
    for new in (_face, _body):
        training = new(teacher)
        training.step()
        training.pass_over(130)
        training.step()
        state = training.state()
        resumed = new(teacher)
        resumed.load_state(state)
        assert (resumed.examples, resumed.progress, resumed.phase) == (2, training.progress, training.phase)
        del state["passed"]
        older = new(teacher)
        older.load_state(state)
        assert older.examples == 132
