from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tests.synthetic import synthetic_character
from tha4_core.character import Character
from tha4_core.distill import outline
from tha4_core.distill.evaluate import teacher_picture
from tha4_core.distill.outline import of_the_figure, with_outline
from tha4_core.distill.stopping import TrainingInterruptedError
from tha4_core.engines.native import masks
from tha4_core.pose import pose_from_names
from tha4_core.visibility import EVERY_LEAN, SHAPE, TILE_HEIGHT, TILE_WIDTH, Visibility, lean_of, pixels_of

pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")


@pytest.fixture(autouse=True)
def _student_full_of_specks(monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere = np.full(SHAPE, EVERY_LEAN, np.uint8)
    monkeypatch.setattr(masks, "measure", lambda character, *_: Visibility(everywhere, character.look, 384, 1, 3, 4))


def test_what_the_teacher_shows_stays_and_what_it_never_shows_goes() -> None:
    teacher = MovingTeacher()
    visibility = with_outline(synthetic_character(), teacher, 1, lambda: False).visibility
    assert visibility is not None
    assert visibility.teacher_poses == outline._POSES
    assert 0.1 < visibility.share < 0.95
    for pose in (pose_from_names({"head_y": 0.7, "neck_z": way, "body_z": -way}) for way in (-0.9, 0.6)):
        shown = teacher_picture(teacher, pose)[3] > -1.0 + 2.0 * 3 / 255
        left = (visibility.tiles >> lean_of(pose) & 1).repeat(TILE_HEIGHT, axis=0).repeat(TILE_WIDTH, axis=1)
        assert left[shown].all()


def test_the_student_is_looked_at_only_where_its_teacher_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[Visibility | None] = []

    def measured(character: Character, *_: object) -> Visibility:
        looked_at.append(character.visibility)
        return Visibility(np.full(SHAPE, EVERY_LEAN, np.uint8), character.look, 384, 1, 3, 4)

    monkeypatch.setattr(masks, "measure", measured)
    visibility = with_outline(synthetic_character(), MovingTeacher(), 1, lambda: False).visibility
    assert visibility is not None
    (where,) = looked_at
    assert where is not None
    assert np.array_equal(where.tiles, visibility.tiles)


def test_what_a_teacher_shows_apart_from_all_that_is_drawn_goes() -> None:
    """A figure, a ribbon apart from it that is drawn and moves, and a speck: in one way to lean, then in another."""
    tiles = np.zeros(SHAPE, np.uint8)
    tiles[40:90, 20:40] = EVERY_LEAN
    tiles[10:14, 50:56] = 0b0011
    tiles[5:8, 3:5] = 0b0101
    drawn = np.zeros(SHAPE, np.bool_)
    drawn[45:80, 25:35] = drawn[12, 52] = True
    shown = Visibility(tiles, "somebody", 96, 1, 3, 8)
    kept = of_the_figure(shown, pixels_of(drawn))
    expected = tiles.copy()
    expected[5:8, 3:5] = 0
    assert np.array_equal(kept.tiles, expected)


def test_parts_that_touch_by_a_corner_are_one() -> None:
    tiles = np.zeros(SHAPE, np.uint8)
    tiles[40:50, 20:30] = tiles[50:55, 30:33] = 0b0001
    drawn = np.zeros(SHAPE, np.bool_)
    drawn[45, 25] = True
    assert np.array_equal(of_the_figure(Visibility(tiles, "somebody", 96, 1, 3, 8), pixels_of(drawn)).tiles, tiles)


def test_it_can_be_interrupted() -> None:
    teacher = MovingTeacher()
    with pytest.raises(TrainingInterruptedError):
        with_outline(synthetic_character(), teacher, 1, lambda: teacher.asked[1] >= 3)


def test_pictures_are_looked_at_in_bytes_of_alpha() -> None:
    """A teacher whose alpha is a little too small everywhere shows nothing."""
    teacher = MovingTeacher()
    teacher.image = torch.full_like(teacher.image, -1.0)
    faint = with_outline(synthetic_character(), _Faint(teacher), 1, lambda: False).visibility
    assert faint is not None
    assert not faint.tiles.any()


class _Faint:
    """A teacher with an alpha of 2/255 all over."""

    def __init__(self, teacher: MovingTeacher) -> None:
        self._teacher = teacher
        self.image, self.provenance = teacher.image, teacher.provenance
        self.pose_face = teacher.pose_face

    def pose(self, poses: torch.Tensor) -> object:
        made = self._teacher.pose(poses)
        return made._replace(final=torch.full_like(made.final, 2.0 * 2 / 255 - 1.0))
