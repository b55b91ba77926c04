from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tests.synthetic import synthetic_character
from tha4_core.distill import outline
from tha4_core.distill.evaluate import teacher_picture
from tha4_core.distill.outline import with_outline
from tha4_core.distill.stopping import TrainingInterruptedError
from tha4_core.engines.native import masks
from tha4_core.pose import pose_from_names
from tha4_core.visibility import EVERY_LEAN, SHAPE, TILE_HEIGHT, TILE_WIDTH, Visibility, lean_of

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
