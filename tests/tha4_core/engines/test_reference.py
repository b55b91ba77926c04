from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.synthetic import NARROW, synthetic_character
from tha4_core.character import Character
from tha4_core.character.networks import NAMED
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.picture.region import RegionError
from tha4_core.pose import PARAMETERS, PoseError, neutral_pose
from tha4_core.student import load_student

Golden = Callable[[str], dict[str, np.ndarray]]


@st.composite
def regions(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Any region, those at the picture's borders and of odd places included."""
    x, y = draw(st.integers(0, 511)), draw(st.integers(0, 511))
    return x, y, draw(st.integers(1, min(512 - x, 160))), draw(st.integers(1, min(512 - y, 160)))


@st.composite
def poses(draw: st.DrawFn) -> np.ndarray:
    """Any pose inside the ranges."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    low = np.array([parameter.minimum for parameter in PARAMETERS])
    return random.uniform(low, 1.0).astype(np.float32)


@pytest.fixture(scope="module")
def character() -> Character:
    """Random weights: they use all of the networks, and answers are of a size for which errors can be bounded."""
    return synthetic_character()


@pytest.fixture(scope="module")
def light() -> Character:
    """The same picture with networks of a ninth of the work, where their widths prove nothing."""
    return synthetic_character(networks=NAMED["light"])


@pytest.fixture(scope="module")
def narrow_engine() -> ReferenceEngine:
    return ReferenceEngine(synthetic_character(networks=NARROW))


@pytest.fixture(scope="module")
def engine(character: Character) -> ReferenceEngine:
    return ReferenceEngine(character)


@pytest.mark.parametrize("index", range(8))
@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_every_output_matches_the_published_system(
    reference_character: Callable[[str], Character], golden: Golden, shared_tha4: Path, name: str, index: int
) -> None:
    engine = ReferenceEngine(reference_character(name))
    pose = golden(name)["poses"][index]
    outputs = engine.outputs(pose)
    for attribute, key in (
        ("final", "blended"),
        ("alpha", "alpha"),
        ("direct", "direct"),
        ("warped", "warped"),
        ("flow", "grid_change"),
    ):
        error = np.abs(getattr(outputs, attribute)[:, ::4, ::4].numpy() - golden(name)[key][index])
        assert error.max() < 5e-3, attribute
        assert error.mean() < 1e-4, attribute
    picture = Image.open(shared_tha4 / "golden" / f"student_{name}" / f"rgba8_straight_{index}.png")
    expected = np.array(picture).astype(int)
    difference = np.abs(engine.render(pose) - expected)
    assert difference[expected[..., 3] >= 16].max() <= 1
    assert (difference * expected[..., 3:] / 255).max() <= 1


def test_it_agrees_with_the_student_on_a_character_of_random_weights(
    character: Character, engine: ReferenceEngine
) -> None:
    pose = np.linspace(-1, 1, 45, dtype=np.float32)
    pose[:37] = np.abs(pose[:37])
    pose[44] = 0.5
    with torch.inference_mode():
        expected = load_student(character)(torch.from_numpy(character.network_image), torch.from_numpy(pose))
    outputs = engine.outputs(pose)
    for attribute in ("final", "alpha", "direct", "warped", "flow"):
        difference = (getattr(outputs, attribute) - getattr(expected, attribute)[0]).abs()
        assert difference.max() < 1e-3, attribute


@pytest.fixture(scope="module")
def full_picture(narrow_engine: ReferenceEngine) -> Callable[[int], tuple[np.ndarray, torch.Tensor]]:
    """One of some random poses, and the whole picture of it, once."""

    @cache
    def make(seed: int) -> tuple[np.ndarray, torch.Tensor]:
        low = np.array([parameter.minimum for parameter in PARAMETERS])
        pose = np.random.default_rng(seed).uniform(low, 1.0).astype(np.float32)
        return pose, narrow_engine.outputs(pose).final

    return make


@settings(max_examples=40, deadline=None)
@given(region=regions(), seed=st.integers(0, 4))
def test_a_region_is_that_rectangle_of_the_full_picture(
    narrow_engine: ReferenceEngine,
    full_picture: Callable[[int], tuple[np.ndarray, torch.Tensor]],
    region: tuple[int, int, int, int],
    seed: int,
) -> None:
    x, y, width, height = region
    pose, full = full_picture(seed)
    part = narrow_engine.outputs(pose, region).final
    # The same sums in other block sizes: equal up to float32 rounding.
    assert (part - full[:, y : y + height, x : x + width]).abs().max() < 5e-4
    assert narrow_engine.render(pose, region).shape == (height, width, 4)


@pytest.fixture(scope="module")
def at_rest(narrow_engine: ReferenceEngine) -> np.ndarray:
    """The whole picture of the resting pose."""
    return narrow_engine.render(neutral_pose())


@pytest.mark.parametrize(
    "region", [(0, 0, 1, 1), (511, 511, 1, 1), (0, 511, 512, 1), (511, 0, 1, 512), (1, 1, 510, 510)]
)
def test_regions_at_the_borders_are_exact(
    narrow_engine: ReferenceEngine, at_rest: np.ndarray, region: tuple[int, int, int, int]
) -> None:
    x, y, width, height = region
    part = narrow_engine.render(neutral_pose(), region)
    difference = np.abs(part.astype(int) - at_rest[y : y + height, x : x + width])
    assert difference.max() <= 1


def test_a_region_evaluates_pixels_in_proportion_to_its_area(
    engine: ReferenceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sines = 0
    plain = torch.Tensor.sin_

    def counting(values: torch.Tensor) -> torch.Tensor:
        nonlocal sines
        sines += values.numel()
        return plain(values)

    monkeypatch.setattr(torch.Tensor, "sin_", counting)

    def count(region: tuple[int, int, int, int]) -> int:
        nonlocal sines
        sines = 0
        engine.render(neutral_pose(), region)
        return sines

    corner = count((0, 0, 64, 64))  # 1/64 of the picture, and no face in it
    full = count((0, 0, 512, 512))
    # One pixel of margin on each side at each coarser level is all that comes on top.
    assert corner < 1.35 * full / 64


def test_one_poses_face_does_not_stay_for_the_next(light: Character) -> None:
    smiling = neutral_pose()
    smiling[26:36] = 1.0
    used, fresh = ReferenceEngine(light), ReferenceEngine(light)
    used.render(smiling)
    np.testing.assert_array_equal(used.render(neutral_pose()), fresh.render(neutral_pose()))


def test_the_whole_face_is_the_students(character: Character, engine: ReferenceEngine) -> None:
    pose = neutral_pose()
    pose[10:39] = 0.5
    with torch.no_grad():
        expected = load_student(character).face_morpher(torch.from_numpy(pose[None, :39]))[0]
    torch.testing.assert_close(engine.face(pose), expected, atol=2e-5, rtol=0)


def test_asking_for_a_face_changes_no_frame(light: Character) -> None:
    smiling = neutral_pose()
    smiling[26:36] = 1.0
    asked, fresh = ReferenceEngine(light), ReferenceEngine(light)
    expected = fresh.render(smiling)
    asked.face(neutral_pose())
    np.testing.assert_array_equal(asked.render(smiling), expected)
    asked.face(smiling)
    np.testing.assert_array_equal(asked.render(smiling), expected)
    np.testing.assert_array_equal(asked.render(neutral_pose()), fresh.render(neutral_pose()))


def test_it_writes_into_the_given_array(engine: ReferenceEngine) -> None:
    out = np.empty((192, 192, 4), dtype=np.uint8)
    assert engine.render(neutral_pose(), (160, 48, 192, 192), out) is out


@pytest.mark.parametrize(
    "out", [np.empty((192, 191, 4), np.uint8), np.empty((192, 192, 4), np.int8), np.empty((384, 192, 4), np.uint8)[::2]]
)
def test_an_array_that_does_not_fit_is_refused(engine: ReferenceEngine, out: np.ndarray) -> None:
    with pytest.raises(ValueError, match="out must be"):
        engine.render(neutral_pose(), (160, 48, 192, 192), out)


def test_a_bad_pose_or_region_is_refused(engine: ReferenceEngine) -> None:
    with pytest.raises(PoseError, match="this one has 44"):
        engine.render([0.0] * 44)
    with pytest.raises(RegionError, match="must lie inside"):
        engine.render(neutral_pose(), (500, 0, 20, 20))


def test_transparent_pixels_are_all_zero(at_rest: np.ndarray) -> None:
    assert not at_rest[at_rest[..., 3] == 0].any()
