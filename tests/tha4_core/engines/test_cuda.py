"""The CUDA engine on the CPU: the same pictures, in fp32 and in emulated half precision."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.synthetic import NARROW, synthetic_character
from tests.tha4_core.engines.cuda_on_cpu import HEAD, difference, on_cpu, random_pose
from tests.tha4_core.engines.test_reference import regions
from tha4_core.character import Character
from tha4_core.engines.cuda.engine import CudaEngine
from tha4_core.engines.cuda.plan import plan_region
from tha4_core.engines.native import masks
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.picture.region import FULL_PICTURE, Region
from tha4_core.visibility import EVERY_LEAN, SHAPE, Visibility, pixels_of

#: Torch's threads wait for each other by spinning: where others use the cores too, more of them are slower.
pytestmark = pytest.mark.usefixtures("one_torch_thread")

Golden = Callable[[str], dict[str, np.ndarray]]
Load = Callable[[str], Character]


@pytest.fixture(scope="module")
def published(reference_character: Load) -> Callable[[str, str], CudaEngine]:
    """The engine of a published character, once."""
    return cache(lambda name, precision: on_cpu(reference_character(name), precision=precision))


@pytest.mark.parametrize("index", [0, 3, 5, 7])  # neutral, dense, an extreme of all rotations, everything at 1
@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_it_matches_the_published_system(
    published: Callable[[str, str], CudaEngine], golden: Golden, shared_tha4: Path, name: str, index: int
) -> None:
    picture = Image.open(shared_tha4 / "golden" / f"student_{name}" / f"rgba8_straight_{index}.png")
    pixels = published(name, "float32").render(golden(name)["poses"][index])
    assert difference(pixels, np.array(picture)).max() <= 1


@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_it_and_its_half_precision_match_the_reference(
    published: Callable[[str, str], CudaEngine], reference_character: Load, golden: Golden, name: str
) -> None:
    reference = ReferenceEngine(reference_character(name))
    for pose in golden(name)["poses"][[1, 7]]:  # mixed, and where half precision does worst
        expected = reference.render(pose)
        assert psnr(published(name, "float32").render(pose), expected) > 80
        assert psnr(published(name, "half").render(pose), expected) > 55


def test_half_precision_matches_the_reference_on_random_weights(character: Character) -> None:
    engine, reference = on_cpu(character, precision="half"), ReferenceEngine(character)
    assert engine.precision == "half"
    for seed in range(2):
        assert psnr(engine.render(random_pose(seed)), reference.render(random_pose(seed))) > 55


def test_it_matches_the_reference_on_random_weights(
    character: Character, cuda_picture: Callable[[int], np.ndarray]
) -> None:
    expected = ReferenceEngine(character).render(random_pose(0))
    assert difference(cuda_picture(0), expected).max() <= 1
    assert psnr(cuda_picture(0), expected) > 80


@pytest.fixture(scope="module")
def narrow_engine() -> CudaEngine:
    return on_cpu(synthetic_character(networks=NARROW))


@pytest.fixture(scope="module")
def narrow_picture() -> Callable[[int], np.ndarray]:
    """The whole picture of ``random_pose(seed)``, once."""
    return cache(lambda seed: on_cpu(synthetic_character(networks=NARROW)).render(random_pose(seed)))


@settings(max_examples=80, deadline=None)
@given(region=regions(), seed=st.integers(0, 2))
def test_a_region_is_that_rectangle_of_the_full_picture(
    narrow_engine: CudaEngine, narrow_picture: Callable[[int], np.ndarray], region: tuple[int, int, int, int], seed: int
) -> None:
    x, y, width, height = region
    pixels = narrow_engine.render(random_pose(seed), region)
    assert difference(pixels, narrow_picture(seed)[y : y + height, x : x + width]).max() <= 1


@pytest.mark.parametrize(
    "region",
    [(0, 0, 1, 1), (511, 511, 1, 1), (0, 511, 512, 1), (511, 0, 1, 512), (1, 1, 510, 510), (255, 127, 3, 5)],
)
def test_regions_at_the_borders_are_exact(
    narrow_engine: CudaEngine, narrow_picture: Callable[[int], np.ndarray], region: tuple[int, int, int, int]
) -> None:
    x, y, width, height = region
    pixels = narrow_engine.render(random_pose(1), region)
    assert difference(pixels, narrow_picture(1)[y : y + height, x : x + width]).max() <= 1


def test_a_region_evaluates_pixels_in_proportion_to_its_area() -> None:
    everything = np.ones((512, 512), np.bool_)
    full, part = plan_region(FULL_PICTURE, everything, 3), plan_region(Region(200, 100, 64, 64), everything, 3)
    assert full is not None
    assert part is not None
    assert [level.pixels for level in full.levels] == [128**2, 256**2, 512**2]
    assert [level.pixels for level in part.levels] == [18**2, 34**2, 64**2]


def test_a_plan_reads_what_upsampling_reads() -> None:
    """The levels' taps, applied to any features, give torch's own upsampling at the needed pixels."""
    visible = np.random.default_rng(0).random((512, 512)) < 0.01
    region = Region(0, 0, 512, 300)
    plan = plan_region(region, visible, 3)
    assert plan is not None
    level = plan.levels[2]
    coarse = np.random.default_rng(1).random((256, 256)).astype(np.float32)
    up = torch.nn.functional.interpolate(
        torch.from_numpy(coarse)[None, None], scale_factor=2, mode="bilinear", align_corners=False
    )[0, 0].numpy()
    rows, columns = np.nonzero(visible[:300])
    read = np.zeros((256, 256), np.bool_)
    for row, column in zip(rows, columns, strict=True):
        for tap_row in {max((row - 1) // 2, 0), min((row + 1) // 2, 255)}:
            read[tap_row, [max((column - 1) // 2, 0), min((column + 1) // 2, 255)]] = True
    assert level.coarse == read.sum() == plan.levels[1].pixels
    table = coarse[read]
    values = (table[level.taps[:, :4]] * level.weights[:, :4]).sum(axis=1)
    np.testing.assert_allclose(values, up[rows, columns], atol=1e-6)
    np.testing.assert_array_equal(level.taps[:, 4] - level.coarse, columns)
    np.testing.assert_array_equal(level.taps[:, 5] - level.coarse - 512, rows)
    np.testing.assert_array_equal(plan.places, rows * 512 + columns)


@pytest.fixture
def mask(character: Character) -> Visibility:
    tiles = np.where(np.random.default_rng(0).random(SHAPE) < 0.4, EVERY_LEAN, 0).astype(np.uint8)
    return Visibility(tiles, character.look, poses=10, seed=1, threshold=3, margin=2)


def test_what_cannot_be_seen_is_transparent_and_the_rest_is_the_same(
    character: Character, mask: Visibility, cuda_picture: Callable[[int], np.ndarray]
) -> None:
    engine = CudaEngine(replace(character, visibility=mask), device="cpu")
    visible = pixels_of(mask.anywhere)
    expected = np.where(visible[..., None], cuda_picture(0), 0)
    pixels = engine.render(random_pose(0))
    assert not pixels[~visible].any()
    assert difference(pixels, expected).max() <= 1
    part = engine.render(random_pose(0), (33, 77, 131, 59))
    assert not part[~visible[77:136, 33:164]].any()
    assert difference(part, expected[77:136, 33:164]).max() <= 1
    engine.set_visibility(None)
    np.testing.assert_array_equal(engine.render(random_pose(0)), cuda_picture(0))
    engine.set_visibility(replace(mask, tiles=np.zeros(SHAPE, np.uint8)))
    assert not engine.render(random_pose(0), HEAD, np.full((192, 192, 4), 7, np.uint8)).any()


def test_a_mask_that_is_found_later_is_used_from_then_on(
    character: Character, mask: Visibility, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masks, "_running", {})
    monkeypatch.setattr(masks, "_FRAMES_BEFORE_MEASURING", 2)
    monkeypatch.setattr(masks, "measure", lambda *_, **__: mask)
    engine = CudaEngine(character, device="cpu")
    hidden = ~pixels_of(mask.anywhere)[48:240, 160:352]
    assert engine.render(random_pose(0), HEAD)[hidden].any()
    engine.render(random_pose(0), HEAD)
    masks.measurement(character).wait()
    assert not engine.render(random_pose(0), HEAD)[hidden].any()
    masks._cache_path(character).unlink()


def test_without_the_native_engine_no_mask_is_measured_and_all_is_computed(
    character: Character, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(sys.modules["tha4_core.engines.native"], "library", raising=False)
    monkeypatch.setitem(sys.modules, "tha4_core.engines.native.library", None)
    monkeypatch.setattr(masks, "_running", {})
    monkeypatch.setattr(masks, "_FRAMES_BEFORE_MEASURING", 1)
    engine = CudaEngine(character, device="cpu")
    with caplog.at_level(logging.INFO):
        expected = engine.render(random_pose(0), HEAD)
        masks.measurement(character).wait()
    assert "is not measured, and all of it is computed: the native engine was not built" in caplog.text
    np.testing.assert_array_equal(engine.render(random_pose(0), HEAD), expected)
