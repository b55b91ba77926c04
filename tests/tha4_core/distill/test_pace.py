from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tha4_core.distill import pace
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.pace import Pace, load_pace, measure_length, save_pace
from tha4_core.distill.paper import PaperTraining


class Clock:
    """A step takes one second, with the four answers of its batch."""

    def __init__(self, new: Callable[..., PaperTraining], monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self._new = new
        monkeypatch.setattr(pace.time, "monotonic", lambda: self.now)

    def training(self, length: float) -> PaperTraining:
        assert length == 1.0
        training = self._new(examples=400)  # 100 steps of 4
        step = training.step

        def timed() -> dict[str, float]:
            self.now += 1.0
            return step()

        training.step = timed  # type: ignore[method-assign]
        return training


def test_a_recipe_is_as_long_as_the_time_allows(
    new_face: Callable[..., PaperTraining], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(new_face, monkeypatch)
    # 100 steps of a second and 600 answers of a quarter, 250 seconds; the first answers take two more, and four fifths
    # of the time are planned for.
    assert measure_length(clock.training, 252.5) == pytest.approx(0.8)
    assert measure_length(clock.training, 1002.5) == pytest.approx(3.2)


def test_it_is_neither_endless_nor_nothing(
    new_face: Callable[..., PaperTraining], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(new_face, monkeypatch)
    assert measure_length(clock.training, 1e9) == 8.0
    assert measure_length(clock.training, 1e-9) == 0.005


def test_paces_are_kept_side_by_side(tmp_path: Path) -> None:
    assert load_pace(tmp_path, "face_morpher") is None
    save_pace(tmp_path, "face_morpher", Pace(0.25))
    save_pace(tmp_path, "body_morpher", Pace(1.5, 4))
    assert load_pace(tmp_path, "face_morpher") == (0.25, 1)
    assert load_pace(tmp_path, "body_morpher") == (1.5, 4)


def test_a_length_alone_is_a_pace_with_the_recipes_own_steps(tmp_path: Path) -> None:
    (tmp_path / "pace.json").write_text('{"face_morpher": 0.25}')
    assert load_pace(tmp_path, "face_morpher") == (0.25, 1)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"face_morpher": "x"}',
        '{"face_morpher": 1e9}',
        '{"face_morpher": [1.0]}',
        '{"face_morpher": [1.0, 0]}',
        '{"face_morpher": [1.0, true]}',
        '{"face_morpher": [NaN, 1]}',
    ],
)
def test_a_damaged_file_is_one_sentence(content: str, tmp_path: Path) -> None:
    (tmp_path / "pace.json").write_text(content)
    with pytest.raises(DistillationError, match=r"pace\.json is damaged"):
        load_pace(tmp_path, "face_morpher")
