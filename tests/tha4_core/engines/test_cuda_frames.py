"""What the CUDA engine keeps from frame to frame, what it writes into, and what it refuses; on the CPU."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tha4_core.engines.cuda_on_cpu import HEAD, difference, on_cpu, random_pose
from tha4_core.character import Character
from tha4_core.engines import EngineError
from tha4_core.engines.cuda import runner
from tha4_core.engines.cuda.engine import CudaEngine
from tha4_core.picture.region import Region, RegionError
from tha4_core.pose import PoseError, neutral_pose

#: Torch's threads wait for each other by spinning: where others use the cores too, more of them are slower.
pytestmark = pytest.mark.usefixtures("one_torch_thread")


def _blind_to_face(character: Character) -> Character:
    """The character with a body that ignores the 39 face parameters."""
    weights = {name: array.copy() for name, array in character.body_morpher.items()}
    for level, features in enumerate((0, 180, 90)):
        weights[f"siren_layers.{level}.0.linear.weight"][:, features + 2 : features + 41] = 0
    return replace(character, body_morpher=weights)


@pytest.fixture(scope="module")
def blind(character: Character) -> Character:
    return _blind_to_face(character)


@pytest.fixture(scope="module")
def in_any_order(character: Character, blind: Character) -> Callable[[bool], tuple[CudaEngine, CudaEngine]]:
    """An engine that is used in any order, and one that starts afresh for each frame's sake."""
    return cache(lambda is_blind: (on_cpu(blind if is_blind else character), on_cpu(blind if is_blind else character)))


_REGIONS = ((200, 100, 90, 60), (230, 150, 50, 50), (0, 0, 40, 40))


@settings(max_examples=15, deadline=None)
@given(
    is_blind=st.booleans(),
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from(_REGIONS), st.booleans()),
        min_size=2,
        max_size=5,
    ),
)
def test_what_is_kept_between_frames_is_never_stale(
    in_any_order: Callable[[bool], tuple[CudaEngine, CudaEngine]],
    is_blind: bool,
    steps: list[tuple[int, int, tuple[int, int, int, int], bool]],
) -> None:
    """Poses that share face or body parameters, in any order and any regions; the caller spoils what it was given."""
    engine, fresh = in_any_order(is_blind)
    for face, body, region, spoil in steps:
        pose = random_pose(face)
        pose[39:] = random_pose(10 + body)[39:]
        fresh.set_visibility(None)  # forgets all frames
        fresh._painted = None
        out = engine.render(pose, region)
        np.testing.assert_array_equal(out, fresh.render(pose, region))
        if spoil:
            out[...] = 77
            pose[...] = 0


def test_more_regions_than_are_kept_stay_right(
    cuda_engine: CudaEngine, cuda_picture: Callable[[int], np.ndarray]
) -> None:
    cuda_engine.render(random_pose(1), (0, 0, 8, 8))
    given_up = weakref.ref(cuda_engine._frames[Region(0, 0, 8, 8), 1])
    for x in list(range(200, 220, 2)) + list(range(200, 220, 5)):
        expected = cuda_picture(2)[100:120, x : x + 20]
        assert difference(cuda_engine.render(random_pose(2), (x, 100, 20, 20)), expected).max() <= 1
    assert len(cuda_engine._frames) == 8
    assert given_up() is None


def test_only_what_changed_is_run(blind: Character, character: Character, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def prepare(_: object, step: runner.Step) -> runner.Step:
        def recorded() -> None:
            ran.append(step.__name__)
            step()

        return recorded

    def steps(engine: CudaEngine, pose: np.ndarray, region: tuple[int, int, int, int] = HEAD) -> list[str]:
        ran.clear()
        engine.render(pose, region)
        return list(ran)

    monkeypatch.setattr(runner.DirectRunner, "prepare", prepare)
    first, turned, smiling = random_pose(0), random_pose(0), random_pose(0)
    turned[40] = -turned[40]
    smiling[26] = 1 - smiling[26]
    engine = on_cpu(character)
    assert steps(engine, first) == ["paint", "body", "compose"]
    assert steps(engine, first) == []
    assert steps(engine, turned) == ["body", "compose"]
    assert steps(engine, smiling) == ["paint", "body", "compose"]
    assert steps(engine, smiling, (0, 0, 9, 9)) == ["body", "compose"]
    assert steps(engine, smiling) == []
    engine = on_cpu(blind)
    assert steps(engine, first) == ["paint", "body", "compose"]
    assert steps(engine, smiling) == ["paint", "compose"]
    assert steps(engine, turned) == ["paint", "body", "compose"]


def test_it_writes_into_the_given_array(cuda_engine: CudaEngine) -> None:
    out = np.full((192, 192, 4), 9, dtype=np.uint8)
    assert cuda_engine.render(neutral_pose(), HEAD, out) is out
    again = cuda_engine.render(neutral_pose(), HEAD)
    assert again is not out
    np.testing.assert_array_equal(out, again)
    assert not out[out[..., 3] == 0].any()


@pytest.mark.parametrize(
    "out", [np.empty((192, 191, 4), np.uint8), np.empty((192, 192, 4), np.int8), np.empty((384, 192, 4), np.uint8)[::2]]
)
def test_an_array_that_does_not_fit_is_refused(cuda_engine: CudaEngine, out: np.ndarray) -> None:
    with pytest.raises(ValueError, match="out must be"):
        cuda_engine.render(neutral_pose(), HEAD, out)


def test_a_bad_pose_or_region_is_refused(cuda_engine: CudaEngine) -> None:
    with pytest.raises(PoseError, match="this one has 44"):
        cuda_engine.render([0.0] * 44)
    with pytest.raises(RegionError, match="must lie inside"):
        cuda_engine.render(neutral_pose(), (500, 0, 20, 20))


def test_full_memory_costs_a_sentence_and_nothing_is_stale_after_it(
    character: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = on_cpu(character)
    expected = engine.render(random_pose(0), HEAD)
    engine.render(random_pose(1), HEAD)

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with monkeypatch.context() as patch:
        patch.setattr(torch.nn.functional, "grid_sample", full)
        with pytest.raises(EngineError, match="too little free memory for this character; close other programs"):
            engine.render(random_pose(0), HEAD)
    np.testing.assert_array_equal(engine.render(random_pose(0), HEAD), expected)
    monkeypatch.setattr("tha4_core.engines.cuda.engine.face_stage", full)
    with pytest.raises(EngineError, match="too little free memory"):
        on_cpu(character)


@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_absurd_weights_give_a_picture_but_not_in_half_precision(character: Character, scale: float) -> None:
    weights = {name: np.nan_to_num(array * np.float32(scale)) for name, array in character.body_morpher.items()}
    absurd = replace(character, body_morpher=weights)
    assert on_cpu(absurd).render(random_pose(0), (0, 0, 64, 64)).shape == (64, 64, 4)
    with pytest.raises(EngineError, match="too large for half precision; choose float32 or auto"):
        on_cpu(absurd, precision="half")
