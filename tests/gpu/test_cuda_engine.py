"""The CUDA engine on a GPU: the reference engine's pictures, from captured graphs, for many regions and threads."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from tests.tha4_core.engines.cuda_on_cpu import difference, random_pose
from tha4_core.built_in import default_character
from tha4_core.character import Character
from tha4_core.engines import create_engine
from tha4_core.engines.cuda.engine import CudaEngine
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.picture.region import FULL_PICTURE

HEAD = (160, 48, 192, 192)
#: A step becomes a graph at its fourth call.
_FRAMES = 6


@pytest.fixture(scope="module")
def expected(character: Character) -> list[np.ndarray]:
    """The reference engine's pictures of ``random_pose(0)``, ``random_pose(1)``, ..."""
    reference = ReferenceEngine(character)
    return [reference.render(random_pose(seed)) for seed in range(_FRAMES)]


def test_float32_is_the_references_picture_before_and_after_graphs_are_captured(
    character: Character, expected: list[np.ndarray], caplog: pytest.LogCaptureFixture
) -> None:
    engine = CudaEngine(character, precision="float32", skip_invisible=False)
    with caplog.at_level(logging.WARNING):
        made = [engine.render(random_pose(seed)).copy() for seed in range(_FRAMES)]
    assert not caplog.records, "a graph could not be captured"
    for picture, wanted in zip(made, expected, strict=True):
        assert difference(picture, wanted).max() <= 1.0
        assert psnr(picture, wanted) > 58.0


def test_half_precision_is_what_a_gpu_takes_and_keeps_the_picture(
    character: Character, expected: list[np.ndarray]
) -> None:
    engine = CudaEngine(character, skip_invisible=False)
    assert engine.precision == "half"
    assert engine.device == "cuda:0"
    made = np.stack([engine.render(random_pose(seed)).copy() for seed in range(_FRAMES)])
    assert psnr(made, np.stack(expected)) > 45.0


def test_what_can_never_be_seen_is_left_out_and_the_rest_is_the_same() -> None:
    character = default_character()
    assert character.visibility is not None
    whole, part = (CudaEngine(character, precision="float32", skip_invisible=skip) for skip in (False, True))
    for seed in range(_FRAMES):
        pose = random_pose(seed)
        made = part.render(pose)
        seen = made[..., 3] > 0
        assert seen.any()
        assert difference(made, whole.render(pose))[seen].max() <= 1.0


def test_a_region_is_that_rectangle_of_the_full_picture(character: Character, expected: list[np.ndarray]) -> None:
    engine = CudaEngine(character, precision="float32", skip_invisible=False)
    for region in (HEAD, (0, 0, 1, 1), (511, 0, 1, 512), (37, 101, 300, 5)):
        x, y, width, height = region
        for seed in range(_FRAMES):
            made = engine.render(random_pose(seed), region)
            assert difference(made, expected[seed][y : y + height, x : x + width]).max() <= 1.0


def test_only_the_face_or_only_the_body_changes_and_nothing_is_stale(character: Character) -> None:
    engine, reference = CudaEngine(character, precision="float32"), ReferenceEngine(character)
    pose = random_pose(0)
    for step in range(10):
        changed = random_pose(step)
        part = slice(0, 39) if step % 2 else slice(39, 45)
        pose[part] = changed[part]
        region = HEAD if step % 3 else FULL_PICTURE
        assert difference(engine.render(pose, region), reference.render(pose, region)).max() <= 1.0


def test_several_engines_work_in_threads_of_their_own(character: Character, expected: list[np.ndarray]) -> None:
    def play(offset: int) -> list[np.ndarray]:
        engine = CudaEngine(character, precision="float32", skip_invisible=False)
        return [engine.render(random_pose((seed + offset) % _FRAMES)).copy() for seed in range(3 * _FRAMES)]

    with ThreadPoolExecutor(4) as threads:
        for offset, made in enumerate(threads.map(play, range(4))):
            for index, picture in enumerate(made):
                assert difference(picture, expected[(index + offset) % _FRAMES]).max() <= 1.0


def test_a_frame_given_up_gives_its_memory_back(character: Character) -> None:
    engine = CudaEngine(character, skip_invisible=False)
    for turn in range(3):
        for column in range(40):
            for seed in range(5):
                engine.render(random_pose(seed), (column, 0, 256, 256))
        torch.cuda.synchronize()
        if turn == 0:
            held = torch.cuda.memory_reserved()
    assert torch.cuda.memory_reserved() <= held + (64 << 20)


def test_auto_takes_the_gpu(character: Character) -> None:
    assert create_engine(character).name == "cuda"


def test_the_reference_engine_works_on_a_gpu(character: Character, expected: list[np.ndarray]) -> None:
    engine = create_engine(character, "reference", device="cuda")
    assert difference(engine.render(random_pose(0)), expected[0]).max() <= 1.0
