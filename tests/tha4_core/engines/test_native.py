from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.synthetic import synthetic_character
from tests.tha4_core.engines.test_reference import poses, regions
from tha4_core.character import Character
from tha4_core.character.networks import NAMED
from tha4_core.engines import EngineError
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.engines.native.renderer import ISA_VARIABLE, PRECISION_VARIABLE
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr, signal_to_noise
from tha4_core.picture.region import RegionError
from tha4_core.pose import PoseError, neutral_pose

library = pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")
SUPPORTED = library.supported()
#: Every kernel that runs here.
KERNELS = [(isa, "float32") for isa in SUPPORTED] + [(isa, "fixed16") for isa in SUPPORTED if isa.startswith("avx")]


@pytest.fixture(scope="module")
def character() -> Character:
    """Random weights: they use all of the networks, and answers are of a size for which errors can be bounded."""
    return synthetic_character()


@pytest.fixture(scope="module")
def light() -> Character:
    """The same picture with networks of a ninth of the work, where their widths prove nothing."""
    return synthetic_character(networks=NAMED["light"])


def random_pose(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    pose = random.uniform(0, 1, 45).astype(np.float32)
    pose[37:44] = random.uniform(-1, 1, 7)
    return pose


@pytest.fixture(scope="module")
def engine(character: Character) -> NativeEngine:
    return NativeEngine(character, threads=2)


@pytest.fixture(scope="module")
def reference(character: Character) -> ReferenceEngine:
    return ReferenceEngine(character)


@pytest.fixture(scope="module")
def expected_picture(reference: ReferenceEngine) -> np.ndarray:
    return reference.render(random_pose(0))


@pytest.mark.parametrize(("isa", "precision"), KERNELS)
def test_every_kernel_matches_the_reference(
    character: Character, expected_picture: np.ndarray, isa: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ISA_VARIABLE, isa)
    monkeypatch.setenv(PRECISION_VARIABLE, precision)
    engine = NativeEngine(character, threads=2)
    assert (engine.isa, engine.precision) == (isa, precision)
    assert psnr(engine.render(random_pose(0)), expected_picture) > (70 if precision == "float32" else 50)


@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_it_matches_the_reference_on_published_characters(
    reference_character: Callable[[str], Character], golden: Callable[[str], dict[str, np.ndarray]], name: str
) -> None:
    character = reference_character(name)
    reference = ReferenceEngine(character)
    poses = golden(name)["poses"][[1, 5, 6]]  # mixed, and both extremes of all rotations
    expected = [reference.render(pose) for pose in poses]
    for isa, precision in KERNELS:
        if isa != SUPPORTED[0]:
            continue
        engine = NativeEngine(character, threads=2, isa=isa, precision=precision, skip_invisible=False)
        for pose, picture in zip(poses, expected, strict=True):
            pixels = engine.render(pose)
            if precision == "float32":
                assert signal_to_noise(pixels, picture, peak=255) > 72
            assert psnr(pixels, picture) > (72 if precision == "float32" else 56)


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="the system does not list the processor's features")
def test_the_instruction_sets_are_those_that_the_system_lists() -> None:
    features = set(Path("/proc/cpuinfo").read_text().split())
    expected = {
        "avx512": {"avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"} <= features,
        "avxvnni": {"avx2", "fma", "avx_vnni"} <= features,
        "avx2": {"avx2", "fma"} <= features,
        "neon": platform.machine() == "aarch64",
        "portable": True,
    }
    assert [isa for isa, runs in expected.items() if runs] == SUPPORTED


@pytest.mark.parametrize(("isa", "precision"), KERNELS)
def test_kernels_of_different_instruction_sets_agree(character: Character, isa: str, precision: str) -> None:
    pose = random_pose(3)
    pixels = NativeEngine(character, threads=2, isa=isa, precision=precision).render(pose)
    best = NativeEngine(character, threads=2, precision=precision).render(pose)
    difference = np.abs(pixels.astype(int) - best) * np.maximum(pixels, best)[..., 3:] / 255
    assert difference.max() <= 1


@settings(max_examples=100, deadline=None)
@given(region=regions(), pose=st.integers(0, 3))
def test_a_region_is_exactly_that_rectangle_of_the_full_picture(
    character: Character, region: tuple[int, int, int, int], pose: int
) -> None:
    x, y, width, height = region
    engine, full = _region_engine(character), _full_picture(character, pose)
    # Another pose in between, so that nothing is left over from the last example.
    engine.render(random_pose(99), (0, 0, 1, 1))
    np.testing.assert_array_equal(engine.render(random_pose(pose), region), full[y : y + height, x : x + width])


@pytest.mark.slow
@pytest.mark.parametrize(("networks", "count"), [("light", 10_000), ("published", 1_000)])
def test_thousands_of_regions_are_exactly_those_rectangles(networks: str, count: int) -> None:
    random = np.random.default_rng(10_000)
    character = synthetic_character(networks=NAMED[networks])
    engine, other = (NativeEngine(character, threads=1, skip_invisible=False) for _ in range(2))
    pictures = [other.render(random_pose(pose)) for pose in range(10)]
    for index in range(count):
        pose = index % 10
        width, height = (int(size) for size in np.ceil(512 ** random.random(2) ** 2))  # most are small, and quick
        x, y = int(random.integers(0, 513 - width)), int(random.integers(0, 513 - height))
        pixels = engine.render(random_pose(pose), (x, y, width, height))
        np.testing.assert_array_equal(pixels, pictures[pose][y : y + height, x : x + width])


_ENGINES: dict[str, NativeEngine] = {}
_PICTURES: dict[int, np.ndarray] = {}


def _region_engine(character: Character) -> NativeEngine:
    if character.look not in _ENGINES:
        _ENGINES[character.look] = NativeEngine(character, threads=2, skip_invisible=False)
    return _ENGINES[character.look]


def _full_picture(character: Character, pose: int) -> np.ndarray:
    if pose not in _PICTURES:
        _PICTURES[pose] = NativeEngine(character, threads=2, skip_invisible=False).render(random_pose(pose))
    return _PICTURES[pose]


@pytest.mark.parametrize(
    "region",
    [(0, 0, 1, 1), (511, 511, 1, 1), (0, 511, 512, 1), (511, 0, 1, 512), (1, 1, 510, 510), (255, 127, 3, 5)],
)
@pytest.mark.parametrize(("isa", "precision"), KERNELS)
def test_regions_at_borders_are_exact(
    character: Character, isa: str, precision: str, region: tuple[int, int, int, int]
) -> None:
    x, y, width, height = region
    full = NativeEngine(character, threads=2, isa=isa, precision=precision).render(random_pose(1), (x, 0, width, 512))
    part = NativeEngine(character, threads=2, isa=isa, precision=precision).render(random_pose(1), region)
    np.testing.assert_array_equal(part, full[y : y + height])


def test_the_number_of_threads_changes_no_byte(character: Character) -> None:
    pictures = [NativeEngine(character, threads=threads).render(random_pose(4)) for threads in (1, 2, 3)]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    np.testing.assert_array_equal(pictures[0], pictures[2])


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), regions(), st.booleans()),
        min_size=2,
        max_size=6,
    )
)
def test_what_is_kept_between_frames_is_never_stale(
    light: Character, steps: list[tuple[int, int, tuple[int, int, int, int], bool]]
) -> None:
    """Poses that share face or body parameters, in any order and any regions; the caller spoils what it was given."""
    engine = _region_engine(light)
    for face, body, region, spoil in steps:
        pose = random_pose(face)
        pose[39:] = random_pose(10 + body)[39:]
        key = 100 + 10 * face + body
        if key not in _PICTURES:
            _PICTURES[key] = NativeEngine(light, threads=2).render(pose)
        x, y, width, height = region
        out = engine.render(pose, region)
        np.testing.assert_array_equal(out, _PICTURES[key][y : y + height, x : x + width])
        if spoil:
            out[...] = 77


def _blind_to_face(character: Character) -> Character:
    """The character with a body that ignores the 39 face parameters."""
    weights = {name: array.copy() for name, array in character.body_morpher.items()}
    for level, features in enumerate((0, 180, 90)):
        weights[f"siren_layers.{level}.0.linear.weight"][:, features + 2 : features + 41] = 0
    return replace(character, body_morpher=weights)


def test_a_body_that_ignores_the_face_is_not_evaluated_for_a_change_of_the_face(character: Character) -> None:
    blind = _blind_to_face(character)
    engine, fresh = NativeEngine(blind, threads=1), NativeEngine(blind, threads=1)
    first, second = random_pose(5), random_pose(6)
    second[39:] = first[39:]
    engine.render(first)
    np.testing.assert_array_equal(engine.render(second), fresh.render(second))
    face_only, full = min(_time(engine, [first, second])), min(_time(engine, [random_pose(7), random_pose(8)]))
    assert face_only * 3 < full


def test_the_same_frame_again_is_free(character: Character) -> None:
    engine = NativeEngine(character, threads=1)
    engine.render(random_pose(5))
    again = min(_time(engine, [random_pose(5)] * 5))
    assert again * 20 < min(_time(engine, [random_pose(7), random_pose(8)]))


def test_it_counts_the_multiply_adds_of_a_frame(character: Character) -> None:
    engine = NativeEngine(character, threads=2, skip_invisible=False)
    engine.render(random_pose(0))
    face = 128 * 128 * (7 * 128 * 128 + 128 * 4)
    body = 128**2 * (360 * 360 + 360 * 180 + 180 * 180) + 256**2 * (180 * 180 + 180 * 90 + 90 * 90)
    body += 512**2 * (2 * 90 * 90 + 90 * 7)
    assert body <= engine.multiply_adds <= face + body
    engine.render(random_pose(0))
    assert engine.multiply_adds == 0


def test_of_the_coarser_levels_only_what_a_region_reads_is_computed(character: Character) -> None:
    weights = {name: array.copy() for name, array in character.body_morpher.items()}
    for name in ("last_linear.weight", "last_linear.bias"):
        weights[name][:2] = 0  # no flow: a region away from the face reads nothing of it
    engine = NativeEngine(replace(character, body_morpher=weights), threads=2, skip_invisible=False)
    engine.render(random_pose(0), (0, 320, 192, 192))
    # One pixel more on the two sides that are not the picture's.
    expected = 49**2 * (360 * 360 + 360 * 180 + 180 * 180) + 97**2 * (180 * 180 + 180 * 90 + 90 * 90)
    assert engine.multiply_adds == expected + 192**2 * (2 * 90 * 90 + 90 * 7)


@pytest.mark.parametrize("isa", SUPPORTED)
def test_a_layers_speed_is_measured(isa: str) -> None:
    peak, layer = library.speed(isa, False, 90)
    assert peak > 0
    assert layer > 0
    with pytest.raises(ValueError, match="no such layer"):
        library.speed(isa, False, 514)


def _time(engine: NativeEngine, sequence: list[np.ndarray]) -> list[float]:
    import time

    times = []
    for pose in sequence * 3:
        start = time.perf_counter()
        engine.render(pose)
        times.append(time.perf_counter() - start)
    return times[len(sequence) :]


def test_it_writes_into_the_given_array(engine: NativeEngine) -> None:
    out = np.full((192, 192, 4), 9, dtype=np.uint8)
    assert engine.render(neutral_pose(), (160, 48, 192, 192), out) is out
    np.testing.assert_array_equal(out, engine.render(neutral_pose(), (160, 48, 192, 192)))


@pytest.mark.parametrize(
    "out", [np.empty((192, 191, 4), np.uint8), np.empty((192, 192, 4), np.int8), np.empty((384, 192, 4), np.uint8)[::2]]
)
def test_an_array_that_does_not_fit_is_refused(engine: NativeEngine, out: np.ndarray) -> None:
    with pytest.raises(ValueError, match="out must be"):
        engine.render(neutral_pose(), (160, 48, 192, 192), out)


def test_a_bad_pose_or_region_is_refused(engine: NativeEngine) -> None:
    with pytest.raises(PoseError, match="this one has 44"):
        engine.render([0.0] * 44)
    with pytest.raises(RegionError, match="must lie inside"):
        engine.render(neutral_pose(), (500, 0, 20, 20))


def test_transparent_pixels_are_all_zero(engine: NativeEngine) -> None:
    pixels = engine.render(neutral_pose())
    assert not pixels[pixels[..., 3] == 0].any()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"device": "cuda:0"}, "runs on the CPU, not on device 'cuda:0'"),
        ({"isa": "mmx"}, "no instruction set named 'mmx'; set THA4_NATIVE_ISA to one of avx512, avxvnni, avx2, neon,"),
        ({"precision": "int4"}, "no precision named 'int4'; choose one of auto, float32, fixed16"),
        ({"isa": "portable", "precision": "fixed16"}, "fixed16 is not to be had with portable"),
    ],
)
def test_what_is_not_there_is_refused(character: Character, options: dict[str, str], sentence: str) -> None:
    with pytest.raises(EngineError, match=sentence):
        NativeEngine(character, **options)  # type: ignore[arg-type]


def test_an_instruction_set_of_another_processor_is_refused(
    character: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = "avx2" if "neon" in SUPPORTED else "neon"
    monkeypatch.setenv(ISA_VARIABLE, foreign)
    with pytest.raises(EngineError, match=f"cannot run {foreign}; set THA4_NATIVE_ISA to one of"):
        NativeEngine(character)


@pytest.mark.skipif(KERNELS[-1][1] != "fixed16", reason="this processor has no 16-bit arithmetic")
@pytest.mark.parametrize(("least", "chosen"), [(45.0, "fixed16"), (90.0, "float32")])
def test_sixteen_bits_are_chosen_only_where_the_picture_stays_the_same(
    character: Character, least: float, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = library.published_trial()
    trial.least_psnr = least
    monkeypatch.setattr(library, "published_trial", lambda: trial)
    assert NativeEngine(character).precision == chosen
    assert NativeEngine(character, precision="fixed16").precision == "fixed16"


@pytest.mark.parametrize("scale", [1e3, 1e30])
@pytest.mark.parametrize("isa", SUPPORTED)
def test_absurd_weights_give_a_picture_and_no_crash(character: Character, isa: str, scale: float) -> None:
    weights = {name: (array * np.float32(scale)).astype(np.float32) for name, array in character.body_morpher.items()}
    weights = {name: np.nan_to_num(array) for name, array in weights.items()}
    engine = NativeEngine(replace(character, body_morpher=weights), threads=2, isa=isa)
    assert engine.precision == "float32"
    assert engine.render(random_pose(0), (0, 0, 64, 64)).shape == (64, 64, 4)


@settings(max_examples=20, deadline=None)
@given(pose=poses())
def test_it_agrees_with_the_reference_on_any_pose(
    character: Character, reference: ReferenceEngine, pose: np.ndarray
) -> None:
    region = (180, 60, 48, 48)
    expected = reference.render(pose, region)
    assert psnr(_region_engine(character).render(pose, region), expected) > 54


def test_many_engines_live_and_end_side_by_side(character: Character) -> None:
    expected = NativeEngine(character, threads=1).render(random_pose(0), (100, 100, 64, 64))
    for _ in range(5):
        for engine in [NativeEngine(character, threads=3) for _ in range(3)]:
            np.testing.assert_array_equal(engine.render(random_pose(0), (100, 100, 64, 64)), expected)
