"""A teacher for tests of the tools: the default character's networks behind the teacher's interface."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import torch
from torch import Tensor

from tests.drawings import probe_of_marks
from tha4_core.built_in import default_character
from tha4_core.picture.region import PICTURE_SIZE, Region
from tha4_core.student import load_student, paste_face
from tha4_core.teacher import TeacherOutput


class StudentOf:
    """Poses ``image`` with the default character's networks, as a CharacterTeacher does."""

    def __init__(self, image: Tensor) -> None:
        self.image = image
        self.provenance = {"teacher": "the default character"}
        self._student = load_student(default_character())

    @torch.inference_mode()
    def pose(self, poses: Tensor, region: Region | None = None) -> TeacherOutput:
        output = self._student(self.image, poses)
        x, y, width, height = region or (0, 0, PICTURE_SIZE, PICTURE_SIZE)
        face = paste_face(self.image.expand(len(poses), -1, -1, -1), output.face)
        parts = (output.final, output.alpha, output.warped, output.flow, output.direct, face)
        return TeacherOutput(*(part[..., y : y + height, x : x + width] for part in parts), half=None)

    @torch.inference_mode()
    def pose_face(self, poses: Tensor) -> Tensor:
        return self._student(self.image, poses).face


def _morphed(image: Tensor, poses: Tensor) -> SimpleNamespace:
    """The same face (2, 4, 192, 192) twice, its left eye and mouth changed, its right eye changed."""
    assert poses.shape == (2, 27)
    left, right, mouth = (torch.from_numpy(changed) for changed in probe_of_marks(image[0].numpy()))
    alpha = torch.stack((left, right))[:, None]  # (2, 1, 192, 192)
    return SimpleNamespace(eye_alpha=alpha, iris_mouth=torch.stack((image[0] + mouth, image[0])))


class FakeTeacher:
    """Stands in for ``tha4_core.teacher.Teacher``; ``loaded`` keeps what folders were asked for.

    It sees the faces of drawings with marks (:func:`tests.drawings.mannequin`), and no others.
    """

    loaded: ClassVar[list[tuple[Path, str]]] = []
    device = torch.device("cpu")
    networks = SimpleNamespace(face_morpher=_morphed)

    @classmethod
    def load(cls, directory: Path, device: str) -> FakeTeacher:
        cls.loaded.append((directory, device))
        return cls()

    def of(self, image: Tensor) -> StudentOf:
        assert image.shape == (4, PICTURE_SIZE, PICTURE_SIZE)
        assert image.dtype == torch.float32
        return StudentOf(image)
