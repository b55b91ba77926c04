from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.moving_teacher import MovingTeacher
from tests.tha4_core.picture.png_files import packed_profile, packed_text, with_chunks
from tha4_core.character import Character
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.face_mask import find_face_mask, mask_of_variation, measure_variation, read_face_mask
from tha4_core.distill.poses import BelievablePoses
from tha4_core.teacher import StudentTeacher


def poses(count: int) -> torch.Tensor:
    return torch.stack([BelievablePoses(0)(index) for index in range(count)])


def test_the_mask_covers_what_moves_and_little_else(teacher: MovingTeacher) -> None:
    mask = find_face_mask(teacher, poses(64))
    moving = torch.zeros(128, 128, dtype=torch.bool)
    moving[90:100, 50:78] = True
    moving[58:70, 34:54] = True
    variation = measure_variation(teacher, poses(64))
    moving &= variation > 0.3 * variation.max()  # parts of the rectangles are dark in the drawing already
    assert moving.sum() > 100
    assert (mask[moving] > 0.99).all()
    assert mask[20:40, 80:120].max() == 0.0
    assert 0.0 < float(((mask > 0.0) & (mask < 1.0)).float().mean()) < 0.1  # a soft border


def test_a_face_that_never_moves_has_an_empty_mask() -> None:
    assert not mask_of_variation(torch.zeros(128, 128)).any()


def test_lines_are_part_of_a_mask_and_single_pixels_are_not() -> None:
    variation = torch.zeros(128, 128)
    variation[40:60, 40:60] = 0.3
    variation[100, 100] = 0.3
    variation[80, 20:60] = 0.3
    mask = mask_of_variation(variation)
    assert mask[50, 50] == 1.0
    assert mask[80, 40] == 1.0
    assert mask[100, 100] == 0.0


def test_what_a_painted_mask_has_beside_its_pixels_does_not_matter(tmp_path: Path) -> None:
    pixels = np.zeros((512, 512, 3), np.uint8)
    pixels[100:110, 200:220] = 255
    path = save(tmp_path / "mask.png", pixels)
    plain = read_face_mask(path)
    path.write_bytes(
        with_chunks(path.read_bytes(), packed_profile(bytes(range(256)) * 8000), packed_text(bytes(3 << 20)))
    )
    assert (read_face_mask(path) == plain).all()


@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_the_found_mask_agrees_with_the_hand_made_one(
    name: str, reference_character: Callable[[str], Character], shared_tha4: Path
) -> None:
    found = find_face_mask(StudentTeacher(reference_character(name)), poses(32))
    painted = read_face_mask(shared_tha4 / "reference" / name / "face_mask.png")
    assert float(found[painted > 0].sum() / found.sum()) > 0.75
    assert float(found[painted == 0].mean()) < 0.06
    variation = measure_variation(StudentTeacher(reference_character(name)), poses(12))
    strongest = variation > torch.quantile(variation, 0.95)
    assert float(found[strongest & (painted > 0)].mean()) > 0.95


def save(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def painted() -> np.ndarray:
    pixels = np.zeros((512, 512, 3), np.uint8)
    pixels[120:140, 220:260] = 255
    return pixels


def test_a_painted_mask_is_cut_to_the_face_box(tmp_path: Path) -> None:
    mask = read_face_mask(save(tmp_path / "mask.png", painted()))
    assert mask.shape == (128, 128)
    assert mask.sum() == 20 * 40
    assert mask[40:60, 28:68].all()


@pytest.mark.parametrize(
    ("pixels", "sentence"),
    [
        (painted()[:256], "is 512x256 pixels"),
        (np.dstack([painted(), painted()[..., :1]]), "of mode RGBA"),
        (painted()[..., 0], "of mode L"),
        (painted() // 2, "other colours than pure black and white"),
        (np.zeros((512, 512, 3), np.uint8), "nothing white in the face box"),
    ],
)
def test_each_broken_rule_is_one_sentence(pixels: np.ndarray, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(DistillationError, match=sentence):
        read_face_mask(save(tmp_path / "mask.png", np.ascontiguousarray(pixels)))


def test_a_mask_that_is_no_png_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "mask.png").write_bytes(b"GIF89a")
    with pytest.raises(DistillationError, match="not a PNG"):
        read_face_mask(tmp_path / "mask.png")
    with pytest.raises(DistillationError, match=r"ends in \.png"):
        read_face_mask(tmp_path / "mask.jpg")
    with pytest.raises(DistillationError, match="does not exist"):
        read_face_mask(tmp_path / "no.png")
