"""Frames of 1024 and 2048 pixels: one definition, which every engine keeps, for every region."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from tests.synthetic import larger_picture, random_networks, synthetic_character
from tests.tha4_core.engines.cuda_on_cpu import difference, on_cpu, random_pose
from tests.tha4_core.engines.test_reference import regions
from tha4_core.character import Character
from tha4_core.character.larger_drawing import packed
from tha4_core.engines.engine import Engine, OutputError, ScaleError
from tha4_core.engines.larger import LargerPicture, enlarged_answers, enlarged_face, grown
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.picture.color import to_network
from tha4_core.picture.region import Region
from tha4_core.pose import neutral_pose
from tha4_core.visibility import EVERY_LEAN, SHAPE, Visibility

library = pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")
KERNELS = [(isa, "float32") for isa in library.supported()]
KERNELS += [(isa, "fixed16") for isa in library.supported() if isa.startswith("avx") or isa == "wasm"]
#: Face, hair and shoulders: flow, face box and edges.
PART = (180, 100, 90, 60)


@pytest.fixture(scope="module")
def sharp() -> Character:
    return replace(synthetic_character(), drawing_hd_png=packed(larger_picture(1024), "it"))


@pytest.fixture(scope="module")
def native(sharp: Character) -> NativeEngine:
    return NativeEngine(sharp, threads=2, precision="float32", skip_invisible=False)


@pytest.fixture(scope="module")
def whole(native: NativeEngine) -> dict[int, np.ndarray]:
    return {scale: native.render(random_pose(0), scale=scale).copy() for scale in (1, 2, 4)}


@pytest.mark.parametrize("scale", [2, 4])
def test_the_answers_enlarged_are_a_part_of_all_enlarged(scale: int) -> None:
    answers = 0.01 * torch.rand(3, 512, 512, generator=torch.Generator().manual_seed(1))
    expected = functional.interpolate(answers[None], scale_factor=float(scale), mode="bilinear")[0]
    for region in (Region(0, 0, 9, 5), Region(100, 30, 1, 1), Region(500, 507, 12, 5)):
        cover = grown(region)
        read = answers[:, cover.y : cover.y + cover.height, cover.x : cover.x + cover.width]
        rows = slice(scale * region.y, scale * (region.y + region.height))
        columns = slice(scale * region.x, scale * (region.x + region.width))
        torch.testing.assert_close(enlarged_answers(read, region, scale), expected[:, rows, columns])


def test_a_flow_that_jumps_is_that_of_the_nearest_pixel() -> None:
    answers = torch.zeros(3, 512, 512)
    answers[:, :, 256:] = 0.1  # 26 pixels
    flow_x, flow_y, other = enlarged_answers(answers, Region(0, 0, 512, 512), 2)
    for flow in (flow_x, flow_y):
        assert set(flow[0, 508:516].tolist()) == {0.0, answers[0, 0, 256].item()}
        assert flow[0, 511] == 0.0
    assert other[0, 511].item() == pytest.approx(0.025)


@pytest.mark.parametrize("times", [2, 4])
def test_the_face_is_the_drawings_at_rest_and_the_networks_where_it_changed(times: int) -> None:
    drawing = larger_picture(512 * times)
    box = np.s_[:, 80 * times : 208 * times, 192 * times : 320 * times]
    wanted = torch.from_numpy(to_network(drawing)[box])
    resting = functional.avg_pool2d(wanted, times)
    picture = LargerPicture(drawing, times, resting)
    changed = resting.clone()
    changed[:, :40] = -2.0 - resting[:, :40]  # far from what it was; in other rows nothing changes
    picture.paint(changed)
    painted = picture.picture[box]
    torch.testing.assert_close(painted[:, 45 * times :], wanted[:, 45 * times :], atol=1e-5, rtol=0)
    far = (changed - resting).abs().amax(dim=0) > 0.8
    inside = functional.max_pool2d((~far).float()[None], 3, 1, 1)[0] == 0
    fine = inside.repeat_interleave(times, 0).repeat_interleave(times, 1)
    assert fine.any()
    torch.testing.assert_close(painted[:, fine], enlarged_face(changed, times)[:, fine], atol=1e-5, rtol=0)
    picture.paint(resting)
    torch.testing.assert_close(picture.picture[box], wanted, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("isa", "precision"), KERNELS)
def test_every_kernel_draws_what_the_reference_does(
    sharp: Character, reference_parts: dict[int, np.ndarray], isa: str, precision: str
) -> None:
    engine = NativeEngine(sharp, threads=2, isa=isa, precision=precision, skip_invisible=False)
    for scale, expected in reference_parts.items():
        made = engine.render(random_pose(0), PART, scale=scale)
        assert made.shape == (60 * scale, 90 * scale, 4)
        if precision == "float32":
            assert difference(made, expected).max() <= 1.5
        assert psnr(made, expected) > (60 if precision == "float32" else 35)


@pytest.fixture(scope="module")
def reference_parts(sharp: Character) -> dict[int, np.ndarray]:
    engine = ReferenceEngine(sharp)
    return {scale: engine.render(random_pose(0), PART, scale=scale) for scale in (2, 4)}


def test_the_cuda_engine_draws_the_same(sharp: Character, reference_parts: dict[int, np.ndarray]) -> None:
    engine = on_cpu(sharp)
    before = engine.render(random_pose(0), PART).copy()
    for scale, expected in reference_parts.items():
        assert difference(engine.render(random_pose(0), PART, scale=scale), expected).max() <= 1.5
    np.testing.assert_array_equal(engine.render(random_pose(0), PART), before)


@settings(max_examples=25, deadline=None)
@given(region=regions(), scale=st.sampled_from([2, 4]))
def test_a_region_equals_the_whole_picture(
    native: NativeEngine, whole: dict[int, np.ndarray], region: Region, scale: int
) -> None:
    left, top, width, height = (scale * number for number in region)
    made = native.render(random_pose(0), region, scale=scale)
    np.testing.assert_array_equal(made, whole[scale][top : top + height, left : left + width])


def test_a_region_of_a_new_engine_does_too(sharp: Character, whole: dict[int, np.ndarray]) -> None:
    engine = NativeEngine(sharp, threads=1, precision="float32", skip_invisible=False)
    for scale in (4, 2, 1):
        rows, columns = slice(scale * 101, scale * 142), slice(scale * 203, scale * 280)
        made = engine.render(random_pose(0), (203, 101, 77, 41), scale=scale)
        np.testing.assert_array_equal(made, whole[scale][rows, columns])


def test_pictures_of_all_scales_in_turn_are_what_each_is_alone(
    native: NativeEngine, sharp: Character, whole: dict[int, np.ndarray]
) -> None:
    other = NativeEngine(sharp, threads=1, precision="float32", skip_invisible=False)
    for seed, scale in ((1, 2), (0, 1), (0, 4), (1, 1), (0, 2), (0, 1)):
        made = native.render(random_pose(seed), scale=scale)
        if seed == 0:
            np.testing.assert_array_equal(made, whole[scale])
        else:
            np.testing.assert_array_equal(made[: 64 * scale], other.render(random_pose(1), scale=scale)[: 64 * scale])


def test_what_cannot_be_seen_is_transparent_and_changes_nothing_beside_it(
    sharp: Character, native: NativeEngine
) -> None:
    tiles = np.full(SHAPE, EVERY_LEAN, np.uint8)
    tiles[:, : SHAPE[1] // 2] = 0
    visibility = Visibility(tiles, sharp.look, poses=1, seed=1, threshold=1, margin=0)
    half = NativeEngine(sharp, threads=2, precision="float32", skip_invisible=False)
    half.set_visibility(visibility)
    made, expected = half.render(random_pose(0), scale=2), native.render(random_pose(0), scale=2)
    assert not made[:, :512].any()
    # Only the pixels right beside what is not computed may differ: there they have no neighbour.
    np.testing.assert_array_equal(made[:, 513:], expected[:, 513:])
    part = half.render(random_pose(0), (250, 100, 30, 20), scale=2)
    np.testing.assert_array_equal(part, made[200:240, 500:560])


@pytest.mark.parametrize("seed", [3, 4])
def test_any_networks_are_drawn_larger(seed: int) -> None:
    character = synthetic_character(networks=random_networks(seed))
    character = replace(character, drawing_hd_png=packed(larger_picture(1024), "it"))
    expected = ReferenceEngine(character).render(random_pose(seed), PART, scale=2)
    made = NativeEngine(character, threads=2, precision="float32").render(random_pose(seed), PART, scale=2)
    assert difference(made, expected).max() <= 1.5


@pytest.mark.parametrize("make", [ReferenceEngine, NativeEngine, on_cpu])
def test_without_a_larger_drawing_the_picture_is_enlarged_and_that_is_said_once(
    make: Callable[[Character], Engine], caplog: pytest.LogCaptureFixture
) -> None:
    engine = make(synthetic_character())
    pose = neutral_pose()
    with caplog.at_level(logging.WARNING):
        small = engine.render(pose, PART)
        assert not caplog.records
        large = [engine.render(pose, PART, scale=scale) for scale in (2, 4, 2)]
    assert [record.getMessage() for record in caplog.records] == [
        "Blob has a drawing of 512 pixels, which is enlarged for frames of 1024; tools/convert.py --drawing-hd gives it"
        " a larger one."
    ]
    means = large[0].astype(float).reshape(60, 2, 90, 2, 4).mean(axis=(1, 3))
    assert difference(means, small).mean() < 3.0
    np.testing.assert_array_equal(large[0], large[2])


@pytest.mark.parametrize("scale", [0, 3, 8, -1, 2.0, True, "2", None])
def test_other_scales_are_refused(native: NativeEngine, scale: object) -> None:
    with pytest.raises(ScaleError, match=r"^a frame is drawn at a scale of 1, 2 or 4, not "):
        native.render(neutral_pose(), PART, scale=scale)  # type: ignore[arg-type]


def test_a_frame_is_written_where_it_is_wanted(native: NativeEngine) -> None:
    out = np.zeros((120, 180, 4), np.uint8)
    assert native.render(random_pose(0), PART, out, scale=2) is out
    assert out.any()
    with pytest.raises(OutputError, match=r"shape \(240, 360, 4\)"):
        native.render(random_pose(0), PART, out, scale=4)
