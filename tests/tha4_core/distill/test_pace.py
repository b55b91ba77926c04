from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tha4_core.distill import pace
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.pace import Pace, load_pace, measure_pace, save_pace
from tha4_core.distill.training import Training


class Clock:
    """A training of 100 steps of a second each, with a teacher whose answers take a quarter each: eight with the first
    step, one with each of the others."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(pace.time, "monotonic", lambda: self.now)

    def training(self, pace: Pace) -> Training:
        assert pace == Pace(poses=4)
        self._steps = self.teacher_frames = 0
        return cast(Training, self)

    @property
    def progress(self) -> float:
        return self._steps / 100

    def step(self) -> None:
        answers = 1 if self._steps else 8
        self._steps += 1
        self.teacher_frames += answers
        self.now += 1.0 + 0.25 * answers


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_recipe_fills_its_time_and_the_teacher_has_a_third_of_it(clock: Clock) -> None:
    # Nine tenths of 200 seconds, less three for the first step and six and a quarter for five more.
    rest = 180.0 - 3.0 - 6.25
    found = measure_pace(clock.training, Pace(poses=4), 200.0, 50, 600)
    assert found == Pace(pytest.approx((rest - 228 * 0.25) / 100.0), 4, 228)


def test_what_a_quick_teacher_does_not_need_is_the_students(clock: Clock) -> None:
    found = measure_pace(clock.training, Pace(poses=4), 200.0, 50, 100)
    assert found == Pace(pytest.approx((170.75 - 100 * 0.25) / 100.0), 4, 100)


def test_a_longer_training_is_measured_for_longer(clock: Clock) -> None:
    measure_pace(clock.training, Pace(poses=4), 4000.0, 50, 600)
    assert clock.now == 3.0 + 16 * 1.25


def test_it_is_measured_for_half_a_minute_at_most(clock: Clock) -> None:
    measure_pace(clock.training, Pace(poses=4), 1e9, 50, 600)
    assert clock.now == 3.0 + 24 * 1.25


def test_it_is_neither_endless_nor_nothing(clock: Clock) -> None:
    assert measure_pace(clock.training, Pace(poses=4), 1e4, 50, 600) == Pace(8.0, 4, 600)
    assert measure_pace(clock.training, Pace(poses=4), 1e-9, 50, 600) == Pace(0.005, 4, 50)


def test_paces_are_kept_side_by_side(tmp_path: Path) -> None:
    assert load_pace(tmp_path, "face_morpher") is None
    save_pace(tmp_path, "face_morpher", Pace(0.25))
    save_pace(tmp_path, "body_morpher", Pace(1.5, 4, 300, 200))
    assert load_pace(tmp_path, "face_morpher") == Pace(0.25)
    assert load_pace(tmp_path, "body_morpher") == Pace(1.5, 4, 300, 200)


def test_a_length_alone_is_a_pace_with_the_recipes_own_steps(tmp_path: Path) -> None:
    (tmp_path / "pace.json").write_text('{"face_morpher": 0.25}')
    assert load_pace(tmp_path, "face_morpher") == Pace(0.25)


def test_a_pace_that_does_not_say_how_many_pictures_are_kept_keeps_as_many_as_ever(tmp_path: Path) -> None:
    (tmp_path / "pace.json").write_text('{"body_morpher": [0.25, 1, 300]}')
    assert load_pace(tmp_path, "body_morpher") == Pace(0.25, 1, 300)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"face_morpher": "x"}',
        '{"face_morpher": 1e9}',
        '{"face_morpher": [1.0, 1]}',
        '{"face_morpher": [1.0, 0, null]}',
        '{"face_morpher": [1.0, true, null]}',
        '{"face_morpher": [1.0, 1, 0]}',
        '{"face_morpher": [1.0, 1, 300, 0]}',
        '{"face_morpher": [1.0, 1, 300, 200, 1]}',
        '{"face_morpher": [NaN, 1, null]}',
    ],
)
def test_a_damaged_file_is_one_sentence(content: str, tmp_path: Path) -> None:
    (tmp_path / "pace.json").write_text(content)
    with pytest.raises(DistillationError, match=r"pace\.json is damaged"):
        load_pace(tmp_path, "face_morpher")
