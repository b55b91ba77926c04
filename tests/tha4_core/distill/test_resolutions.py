from __future__ import annotations

import torch

from tha4_core.character import Character
from tha4_core.distill.resolutions import body_at, face_at, reduced
from tha4_core.student import load_student


def test_at_full_resolution_the_networks_are_the_students(character: Character) -> None:
    student = load_student(character)
    pose = torch.linspace(-1.0, 1.0, 45)[None]
    image = torch.from_numpy(character.network_image)[None]
    with torch.no_grad():
        for made, expected in zip(
            body_at(student.body_morpher, image, pose), student.body_morpher(image, pose), strict=True
        ):
            assert torch.equal(made, expected)
        assert torch.equal(face_at(student.face_morpher, pose[:, :39], 512), student.face_morpher(pose[:, :39]))


def test_a_coarser_grid_shows_the_same_picture(character: Character) -> None:
    student = load_student(character)
    pose = torch.zeros(1, 45)
    image = torch.from_numpy(character.network_image)[None]
    with torch.no_grad():
        full = student.face_morpher(pose[:, :39])
        half = face_at(student.face_morpher, pose[:, :39], 256)
        assert half.shape == (1, 4, 64, 64)
        assert (half - reduced(full, 2)).abs().mean() < 0.1 * full.std()
        body = body_at(student.body_morpher, reduced(image, 4), pose)
    assert body.final.shape == (1, 4, 128, 128)


def test_reducing_averages_squares() -> None:
    pictures = torch.arange(16.0).view(1, 1, 4, 4)
    assert reduced(pictures, 2).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
