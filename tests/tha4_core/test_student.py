"""The torch student against the golden data of the published system (STUDENT.md section 9)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tha4_core.character import Character
from tha4_core.character.networks import PUBLISHED
from tha4_core.picture.color import to_rgba8_official, to_rgba8_straight
from tha4_core.student import Student, StudentOutput, load_student

Golden = Callable[[str], dict[str, np.ndarray]]
#: (output, key in the golden file, spacing of its samples)
OUTPUTS = [
    ("final", "blended"),
    ("alpha", "alpha"),
    ("direct", "direct"),
    ("warped", "warped"),
    ("flow", "grid_change"),
    ("face", "face"),
]


@pytest.fixture(scope="module")
def posed(reference_character: Callable[[str], Character], golden: Golden) -> Callable[[str, int], StudentOutput]:
    """Runs the student of a reference character at a golden pose, once."""
    students = cache(lambda name: load_student(reference_character(name)))

    @cache
    def run(name: str, index: int) -> StudentOutput:
        image = torch.from_numpy(reference_character(name).network_image)
        with torch.inference_mode():
            output: StudentOutput = students(name)(image, torch.from_numpy(golden(name)["poses"][index]))
        return output

    return run


@pytest.mark.parametrize("index", range(8))
@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_every_output_matches_the_published_system(
    posed: Callable[[str, int], StudentOutput], golden: Golden, name: str, index: int
) -> None:
    output = posed(name, index)
    for attribute, key in OUTPUTS:
        full = getattr(output, attribute)[0].numpy()
        expected = golden(name)[key][index]
        error = np.abs(full[:, ::4, ::4] - expected)
        assert error.max() < 5e-3, attribute
        assert error.mean() < 1e-4, attribute
        if attribute in ("alpha", "flow", "face"):
            assert error.max() < 2e-4, attribute
        mean, deviation, low, high = golden(name)[f"{key}_stat"][index]
        channels = full.reshape(full.shape[0], -1).astype(np.float64)
        np.testing.assert_allclose(channels.mean(axis=1), mean, atol=1e-5)
        np.testing.assert_allclose(channels.std(axis=1), deviation, atol=1e-5)
        np.testing.assert_allclose([channels.min(axis=1), channels.max(axis=1)], [low, high], atol=5e-3)


@pytest.mark.parametrize("index", range(8))
@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_bytes_match_the_published_pictures(
    posed: Callable[[str, int], StudentOutput], shared_tha4: Path, name: str, index: int
) -> None:
    final = posed(name, index).final[0].numpy()
    folder = shared_tha4 / "golden" / f"student_{name}"
    for convert, file in ((to_rgba8_straight, "rgba8_straight"), (to_rgba8_official, "rgba8")):
        expected = np.array(Image.open(folder / f"{file}_{index}.png")).astype(int)
        difference = np.abs(convert(final) - expected)
        assert difference[expected[..., 3] >= 16].max() <= 1
        # Where alpha is nearly 0, un-premultiplying amplifies the last bit: weighed by alpha it is a level again.
        assert (difference * expected[..., 3:] / 255).max() <= 1
        assert (difference > 0).mean() < 1e-3


def test_state_dicts_have_the_official_names_and_shapes() -> None:
    student = Student()
    for module, shapes in (
        (student.face_morpher, PUBLISHED.face_shapes),
        (student.body_morpher, PUBLISHED.body_shapes),
    ):
        assert {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()} == dict(shapes)


def test_one_picture_serves_a_batch_of_poses(character: Character) -> None:
    student = load_student(character)
    poses = torch.zeros(2, 45)
    poses[1, 40] = 1.0
    image = torch.from_numpy(character.network_image)
    with torch.inference_mode():
        both = student(image, poses)
        second = student(image, poses[1])
    assert both.final.shape == (2, 4, 512, 512)
    torch.testing.assert_close(both.final[1:], second.final, atol=1e-4, rtol=0)


def test_a_new_student_starts_as_the_paper_says() -> None:
    torch.manual_seed(0)
    student = Student()
    weights = {name: tensor for name, tensor in student.body_morpher.state_dict().items() if name.endswith("weight")}
    bounds = {
        "siren_layers.0.0.linear.weight": 1 / 47,
        "siren_layers.1.0.linear.weight": (6 / 227) ** 0.5 / 30,
        "siren_layers.2.1.linear.weight": (6 / 90) ** 0.5 / 30,
    }
    for name, bound in bounds.items():
        assert weights[name].abs().max() <= bound
        assert weights[name].abs().max() > 0.98 * bound
    assert weights["last_linear.weight"].std().item() == pytest.approx((2 / 90) ** 0.5, rel=0.1)
