"""The CUDA engine on the CPU: the same steps, in fp32 and in emulated half precision, without a graph."""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import tha4_core.engines as engines
from tests.tha4_core.engines.test_reference import regions
from tha4_core.character import Character
from tha4_core.engines import EngineError, create_engine
from tha4_core.engines.cuda import driver, runner
from tha4_core.engines.cuda.engine import CudaEngine
from tha4_core.engines.cuda.plan import plan_region
from tha4_core.engines.native import masks
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.picture.region import FULL_PICTURE, Region, RegionError
from tha4_core.pose import PoseError, neutral_pose
from tha4_core.visibility import EVERY_LEAN, SHAPE, Visibility, pixels_of

Golden = Callable[[str], dict[str, np.ndarray]]
Load = Callable[[str], Character]
HEAD = (160, 48, 192, 192)


def random_pose(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    pose = random.uniform(0, 1, 45).astype(np.float32)
    pose[37:44] = random.uniform(-1, 1, 7)
    return pose


def difference(pixels: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Of bytes, colours weighed by alpha: at tiny alpha they are of no meaning (STUDENT.md section 6.4)."""
    error = np.abs(pixels.astype(float) - expected)
    error[..., :3] *= np.maximum(pixels, expected)[..., 3:] / 255.0
    return error


def on_cpu(character: Character, **options: Any) -> CudaEngine:
    return CudaEngine(character, **{"device": "cpu", "skip_invisible": False, **options})


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Torch's threads wait for each other by spinning: where others use the cores too, more of them are slower."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def engine(character: Character) -> CudaEngine:
    return on_cpu(character)


@pytest.fixture(scope="module")
def full_picture(character: Character) -> Callable[[int], np.ndarray]:
    """The whole picture of ``random_pose(seed)``, once."""
    return cache(lambda seed: on_cpu(character).render(random_pose(seed)))


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
    character: Character, full_picture: Callable[[int], np.ndarray]
) -> None:
    expected = ReferenceEngine(character).render(random_pose(0))
    assert difference(full_picture(0), expected).max() <= 1
    assert psnr(full_picture(0), expected) > 80


@settings(max_examples=80, deadline=None)
@given(region=regions(), seed=st.integers(0, 2))
def test_a_region_is_that_rectangle_of_the_full_picture(
    engine: CudaEngine, full_picture: Callable[[int], np.ndarray], region: tuple[int, int, int, int], seed: int
) -> None:
    x, y, width, height = region
    pixels = engine.render(random_pose(seed), region)
    assert difference(pixels, full_picture(seed)[y : y + height, x : x + width]).max() <= 1


@pytest.mark.parametrize(
    "region",
    [(0, 0, 1, 1), (511, 511, 1, 1), (0, 511, 512, 1), (511, 0, 1, 512), (1, 1, 510, 510), (255, 127, 3, 5)],
)
def test_regions_at_the_borders_are_exact(
    engine: CudaEngine, full_picture: Callable[[int], np.ndarray], region: tuple[int, int, int, int]
) -> None:
    x, y, width, height = region
    assert difference(engine.render(random_pose(1), region), full_picture(1)[y : y + height, x : x + width]).max() <= 1


def test_a_region_evaluates_pixels_in_proportion_to_its_area() -> None:
    everything = np.ones((512, 512), np.bool_)
    full, part = plan_region(FULL_PICTURE, everything), plan_region(Region(200, 100, 64, 64), everything)
    assert full is not None
    assert part is not None
    assert [level.pixels for level in full.levels] == [128**2, 256**2, 512**2]
    assert [level.pixels for level in part.levels] == [18**2, 34**2, 64**2]


def test_a_plan_reads_what_upsampling_reads() -> None:
    """The levels' taps, applied to any features, give torch's own upsampling at the needed pixels."""
    visible = np.random.default_rng(0).random((512, 512)) < 0.01
    region = Region(0, 0, 512, 300)
    plan = plan_region(region, visible)
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
    character: Character, mask: Visibility, full_picture: Callable[[int], np.ndarray]
) -> None:
    engine = CudaEngine(replace(character, visibility=mask), device="cpu")
    visible = pixels_of(mask.anywhere)
    expected = np.where(visible[..., None], full_picture(0), 0)
    pixels = engine.render(random_pose(0))
    assert not pixels[~visible].any()
    assert difference(pixels, expected).max() <= 1
    part = engine.render(random_pose(0), (33, 77, 131, 59))
    assert not part[~visible[77:136, 33:164]].any()
    assert difference(part, expected[77:136, 33:164]).max() <= 1
    engine.set_visibility(None)
    np.testing.assert_array_equal(engine.render(random_pose(0)), full_picture(0))
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
    monkeypatch.delattr(sys.modules["tha4_core.engines.native"], "_native", raising=False)
    monkeypatch.setitem(sys.modules, "tha4_core.engines.native._native", None)
    monkeypatch.setattr(masks, "_running", {})
    monkeypatch.setattr(masks, "_FRAMES_BEFORE_MEASURING", 1)
    engine = CudaEngine(character, device="cpu")
    with caplog.at_level(logging.INFO):
        expected = engine.render(random_pose(0), HEAD)
        masks.measurement(character).wait()
    assert "is not measured, and all of it is computed: the native engine was not built" in caplog.text
    np.testing.assert_array_equal(engine.render(random_pose(0), HEAD), expected)


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


def test_more_regions_than_are_kept_stay_right(engine: CudaEngine, full_picture: Callable[[int], np.ndarray]) -> None:
    engine.render(random_pose(1), (0, 0, 8, 8))
    given_up = weakref.ref(engine._frames[Region(0, 0, 8, 8)])
    for x in list(range(200, 220, 2)) + list(range(200, 220, 5)):
        expected = full_picture(2)[100:120, x : x + 20]
        assert difference(engine.render(random_pose(2), (x, 100, 20, 20)), expected).max() <= 1
    assert len(engine._frames) == 8
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


def test_it_writes_into_the_given_array(engine: CudaEngine) -> None:
    out = np.full((192, 192, 4), 9, dtype=np.uint8)
    assert engine.render(neutral_pose(), HEAD, out) is out
    again = engine.render(neutral_pose(), HEAD)
    assert again is not out
    np.testing.assert_array_equal(out, again)
    assert not out[out[..., 3] == 0].any()


@pytest.mark.parametrize(
    "out", [np.empty((192, 191, 4), np.uint8), np.empty((192, 192, 4), np.int8), np.empty((384, 192, 4), np.uint8)[::2]]
)
def test_an_array_that_does_not_fit_is_refused(engine: CudaEngine, out: np.ndarray) -> None:
    with pytest.raises(ValueError, match="out must be"):
        engine.render(neutral_pose(), HEAD, out)


def test_a_bad_pose_or_region_is_refused(engine: CudaEngine) -> None:
    with pytest.raises(PoseError, match="this one has 44"):
        engine.render([0.0] * 44)
    with pytest.raises(RegionError, match="must lie inside"):
        engine.render(neutral_pose(), (500, 0, 20, 20))


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


def test_the_device_and_the_precision_are_told(character: Character) -> None:
    engine = create_engine(character, "cuda", threads=torch.get_num_threads(), device="cpu")
    assert isinstance(engine, CudaEngine)
    assert (engine.name, engine.device, engine.precision) == ("cuda", "cpu", "float32")
    with pytest.raises(EngineError, match="no precision named 'int4'; choose one of auto, float32, half"):
        on_cpu(character, precision="int4")


@pytest.mark.parametrize("device", ["toaster", "cuda:x"])
def test_a_device_that_is_no_name_is_refused(character: Character, device: str) -> None:
    with pytest.raises(EngineError, match=f"cannot use device '{device}'; give one as cuda:0"):
        create_engine(character, "cuda", device=device)


def test_a_device_of_another_kind_is_refused(character: Character) -> None:
    with pytest.raises(EngineError, match="runs on NVIDIA GPUs, not on device 'meta'"):
        create_engine(character, "cuda", device="meta")


def test_what_is_missing_for_cuda_is_said(character: Character, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: False)
    with pytest.raises(EngineError, match=r"was built without it; install one from https://pytorch\.org"):
        create_engine(character, "cuda")
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EngineError, match="PyTorch finds none; install or update its driver"):
        create_engine(character, "cuda", device="cuda:1")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(EngineError, match="no device 'cuda:2': PyTorch finds 2, cuda:0 to cuda:1"):
        create_engine(character, "cuda", device="cuda:2")
    monkeypatch.setattr(torch.ops.aten, "mm", object())
    with pytest.raises(EngineError, match=r"needs PyTorch 2\.8 or newer, but this is .*: pip install -U torch"):
        create_engine(character, "cuda")


def test_without_torch_the_sentence_says_what_to_install(character: Character, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in ("engine", "layers", "runner"):
        monkeypatch.delitem(sys.modules, f"tha4_core.engines.cuda.{name}", raising=False)
    with pytest.raises(EngineError, match=r"needs PyTorch with CUDA, which is not installed; install it from https"):
        create_engine(character, "cuda")


def _driver(init: int, devices: int) -> SimpleNamespace:
    """A stand-in for libcuda: what its two functions return."""

    def count(pointer: Any) -> int:
        pointer._obj.value = devices
        return 0

    return SimpleNamespace(cuInit=lambda _: init, cuDeviceGetCount=count)


def test_gpus_are_counted_by_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> SimpleNamespace:
        raise OSError("libcuda.so.1: cannot open shared object file")

    for library, count in (
        (missing, 0),
        (lambda _: _driver(100, 1), 0),  # CUDA_ERROR_NO_DEVICE
        (lambda _: _driver(0, 0), 0),
        (lambda _: _driver(0, 2), 2),
        (lambda _: SimpleNamespace(), 0),
    ):
        monkeypatch.setattr(ctypes, "CDLL", library)
        assert driver.nvidia_devices() == count


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("__version__ = '2.13.0'\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n", True),
        ("cuda = '12.8'\n", True),
        ("__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = '6.4'\n", False),
        (None, False),
    ],
)
def test_whether_torch_was_built_for_cuda_is_read_from_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, expected: bool
) -> None:
    if version is not None:
        (tmp_path / "version.py").write_text(version)
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    assert driver.torch_has_cuda() is expected


def test_the_installed_torch_is_judged_rightly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver.torch_has_cuda() == (torch.version.cuda is not None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert not driver.torch_has_cuda()


def test_auto_takes_cuda_where_there_is_a_gpu(character: Character, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(character: Character, _: int | None, device: str | None) -> CudaEngine:
        assert device in (None, "cuda:1")
        return on_cpu(character)

    monkeypatch.setattr(engines, "_ENGINES", {**engines._ENGINES, "cuda": create})
    monkeypatch.setattr(engines, "worth_trying", lambda: True)
    assert create_engine(character).name == "cuda"
    assert create_engine(character, device="cuda:1").name == "cuda"
    assert create_engine(character, device="cpu").name != "cuda"
    monkeypatch.setattr(engines, "worth_trying", lambda: False)
    assert create_engine(character).name != "cuda"


def test_auto_says_why_a_gpu_does_not_serve(
    character: Character, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "worth_trying", lambda: True)
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    name = create_engine(character).name
    assert name != "cuda"
    assert f"The {name} engine serves instead of the cuda engine: the cuda engine needs an NVIDIA GPU" in caplog.text


def test_auto_takes_another_engine_where_the_gpu_fails_at_the_first_frame(
    character: Character, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def create(character: Character, _: int | None, __: str | None) -> CudaEngine:
        engine = on_cpu(character)
        monkeypatch.setattr(engine, "render", fail)
        return engine

    def fail(*_: object) -> None:
        raise RuntimeError("CUDA error: no kernel image is available\nmore lines")

    monkeypatch.setattr(engines, "_ENGINES", {**engines._ENGINES, "cuda": create})
    monkeypatch.setattr(engines, "worth_trying", lambda: True)
    assert create_engine(character).name != "cuda"
    assert "failed on cpu: CUDA error: no kernel image is available." in caplog.text


def test_auto_imports_no_torch_where_the_native_engine_serves() -> None:
    pytest.importorskip("tha4_core.engines.native._native", reason="no compiler built the native engine")
    program = (
        "import sys\n"
        "from tests.synthetic import synthetic_character\n"
        "from tha4_core.engines import create_engine\n"
        "from tha4_core.engines.cuda import driver\n"
        "{replaced}\n"
        "assert create_engine(synthetic_character()).name == 'native'\n"
        "assert 'torch' not in sys.modules\n"
    )
    for replaced in (
        "driver.nvidia_devices = lambda: 0; driver.torch_has_cuda = lambda: True",  # no GPU
        "driver.nvidia_devices = lambda: 1; driver.torch_has_cuda = lambda: False",  # no torch, or one for CPUs
    ):
        done = subprocess.run(
            [sys.executable, "-c", program.format(replaced=replaced)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


class _FakeGraph:
    """Stands in for torch's CUDA graph: a capture notes the step, a replay runs it."""

    captures = 0
    error: RuntimeError | None = None

    def __init__(self) -> None:
        self.replays = 0

    def replay(self) -> None:
        self.replays += 1


@pytest.fixture
def fake_cuda(monkeypatch: pytest.MonkeyPatch) -> type[_FakeGraph]:
    @contextmanager
    def capture(graph: _FakeGraph, *, stream: object, capture_error_mode: str) -> Any:
        assert isinstance(graph, _FakeGraph)
        assert stream == "stream"
        assert capture_error_mode == "thread_local"
        yield
        if _FakeGraph.error is not None:
            raise _FakeGraph.error
        _FakeGraph.captures += 1

    _FakeGraph.captures = 0
    _FakeGraph.error = None
    waited = SimpleNamespace(record=lambda _: None, synchronize=lambda: None)
    plain_zeros, plain_empty = torch.zeros, torch.empty
    monkeypatch.setattr(torch.cuda, "CUDAGraph", _FakeGraph)
    monkeypatch.setattr(torch.cuda, "graph", capture)
    monkeypatch.setattr(torch.cuda, "Stream", lambda _: "stream")
    monkeypatch.setattr(torch.cuda, "stream", lambda _: nullcontext())
    monkeypatch.setattr(torch.cuda, "Event", lambda **_: waited)
    # Memory can be pinned only where there is a GPU.
    monkeypatch.setattr(torch, "zeros", lambda *args, **named: plain_zeros(*args, **{**named, "pin_memory": False}))
    monkeypatch.setattr(torch, "empty", lambda *args, **named: plain_empty(*args, **{**named, "pin_memory": False}))
    return _FakeGraph


def test_a_step_becomes_a_graph_once_it_is_called_often(fake_cuda: type[_FakeGraph]) -> None:
    ran = 0

    def step() -> None:
        nonlocal ran
        ran += 1

    graphs = runner.GraphRunner(torch.device("cpu"))
    with graphs.active():
        prepared = graphs.prepare(step)
        for _ in range(10):
            prepared()
    assert fake_cuda.captures == 1
    assert ran == 3 + 1  # three frames, and the capture
    assert prepared._graph.replays == 7  # type: ignore[attr-defined]


def test_a_capture_that_fails_costs_a_warning_and_no_frame(
    fake_cuda: type[_FakeGraph], caplog: pytest.LogCaptureFixture
) -> None:
    fake_cuda.error = RuntimeError("operation not permitted when stream is capturing\nmore")
    ran = []
    prepared = runner.GraphRunner(torch.device("cpu")).prepare(lambda: ran.append(1))
    for _ in range(8):
        prepared()
    assert len(ran) == 8 + 1
    (record,) = caplog.records
    assert "could not be captured (operation not permitted when stream is capturing); frames are" in record.message
    fake_cuda.error = torch.OutOfMemoryError("full")
    prepared = runner.GraphRunner(torch.device("cpu")).prepare(lambda: None)
    for _ in range(3):
        prepared()
    with pytest.raises(torch.OutOfMemoryError):
        prepared()


@pytest.mark.usefixtures("fake_cuda")
def test_a_pose_goes_to_the_device_and_a_frame_comes_back() -> None:
    graphs = runner.GraphRunner(torch.device("cpu"))
    graphs.upload(random_pose(0))
    np.testing.assert_array_equal(graphs.pose.numpy(), random_pose(0))
    frame = torch.arange(6 * 4, dtype=torch.uint8).view(2, 3, 4)
    np.testing.assert_array_equal(graphs.download(frame), frame.numpy())
