from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tha4_core.character.test_single_file import members, refusal, rewrite
from tha4_core.character import Character, load_character, save_character
from tha4_core.engines import create_engine
from tha4_core.engines.native import masks
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.files.user_cache import CACHE_VARIABLE
from tha4_core.metrics import psnr
from tha4_core.pose import PARAMETERS, SIZE, Pose, neutral_pose, pose_from_names
from tha4_core.visibility import (
    EVERY_LEAN,
    LEANS,
    SHAPE,
    TILE_HEIGHT,
    TILE_WIDTH,
    Visibility,
    VisibilityError,
    lean_of,
    measure_visibility,
    sample_poses,
)

pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")


def to_pixels(tiles: np.ndarray) -> np.ndarray:
    return tiles.repeat(TILE_HEIGHT, axis=0).repeat(TILE_WIDTH, axis=1)


@pytest.fixture
def mask(character: Character) -> Visibility:
    random = np.random.default_rng(0)
    tiles = random.integers(0, EVERY_LEAN + 1, SHAPE, np.uint8)
    return Visibility(tiles, character.look, poses=10, seed=1, threshold=3, margin=2, teacher_poses=5)


def visible_in(visibility: Visibility, pose: Pose) -> np.ndarray:
    """The pixels, bool (512, 512), that a mask leaves of a pose's picture."""
    return to_pixels(visibility.tiles >> lean_of(pose) & 1) == 1


def to_tiles(pixels: np.ndarray) -> np.ndarray:
    return pixels.reshape(SHAPE[0], TILE_HEIGHT, SHAPE[1], TILE_WIDTH).any(axis=(1, 3))


#: A faint speck in every tile.
SPECKS = np.zeros((512, 512), np.uint8)
SPECKS[::TILE_HEIGHT, ::TILE_WIDTH] = 9


def blob_alpha(pose: Pose) -> np.ndarray:
    """A disc that head_y and neck_z move about."""
    y, x = np.ogrid[:512, :512]
    disc = (x - 256 - 40 * pose[40]) ** 2 + (y - 256 - 40 * pose[41]) ** 2 < 90**2
    return disc.astype(np.uint8) * 255


def test_sampled_poses_are_in_range_repeat_and_hold_the_extremes() -> None:
    poses = np.array(list(sample_poses(200, 5)))
    np.testing.assert_array_equal(poses, np.array(list(sample_poses(200, 5))))
    low = np.array([parameter.minimum for parameter in PARAMETERS])
    assert (poses >= low).all()
    assert (poses <= 1).all()
    corners = {tuple(pose[39:]) for pose in poses if not pose[:39].any()}
    assert len(corners) >= 64
    assert (poses[80:, :39].any(axis=0)).all()


def test_a_pose_leans_with_its_head_and_its_body() -> None:
    ways = [lean_of(pose_from_names({"neck_z": head, "body_z": body})) for body in (-1.0, 1.0) for head in (-1.0, 1.0)]
    assert ways == list(range(LEANS))
    assert lean_of(neutral_pose()) == 0


def test_measuring_finds_all_that_is_ever_seen() -> None:
    visibility = measure_visibility(blob_alpha, "x", poses=120)
    seen = np.zeros((512, 512), bool)
    for pose in sample_poses(120, visibility.seed):
        now = blob_alpha(pose) > 0
        seen |= now
        assert visible_in(visibility, pose)[now].all()
    # Not much more: the margin, and what tiles round it up to.
    assert to_pixels(visibility.anywhere).mean() < seen.mean() * 1.25
    assert visibility.anywhere[~to_tiles(seen)].mean() < 0.1


def test_what_is_seen_on_one_side_only_is_not_looked_for_on_the_other() -> None:
    visibility = measure_visibility(blob_alpha, "x", poses=120)
    up, down = (pose_from_names({"neck_z": way}) for way in (-1.0, 1.0))
    assert not visible_in(visibility, up)[375].any()
    assert visible_in(visibility, down)[375].any()
    assert visibility.share < visibility.anywhere.mean()


def test_nothing_is_lost_on_the_way_across() -> None:
    visibility = measure_visibility(blob_alpha, "x", poses=300)
    for way in np.linspace(-0.2, 0.2, 9):
        pose = pose_from_names({"neck_z": float(way), "body_z": -float(way)})
        assert visible_in(visibility, pose)[blob_alpha(pose) > 0].all()


def test_what_a_teacher_never_shows_is_no_part_of_its_student() -> None:
    student = measure_visibility(lambda pose: np.maximum(blob_alpha(pose), SPECKS), "x", poses=100)
    teacher = measure_visibility(blob_alpha, "x", poses=90, margin=8)
    assert student.share > 0.9
    both = student.within(teacher)
    np.testing.assert_array_equal(both.tiles, teacher.tiles)
    assert (both.poses, both.margin, both.teacher_poses) == (100, student.margin, 90)


def test_a_file_with_one_mask_has_it_for_all_poses(mask: Visibility) -> None:
    document = mask.to_json()
    del document["teacher_poses"]
    document |= {"version": 2, "tiles": document["tiles"][0]}
    old = Visibility.from_json(document, mask.character, "a file")
    np.testing.assert_array_equal(old.tiles, np.where(mask.tiles & 1, EVERY_LEAN, 0))


def test_what_is_fainter_than_the_threshold_does_not_count() -> None:
    faint = measure_visibility(lambda pose: blob_alpha(pose) // 128, "x", poses=5, threshold=2)
    assert not faint.tiles.any()


def test_json_and_back(mask: Visibility) -> None:
    again = Visibility.from_json(json.loads(json.dumps(mask.to_json())), mask.character, "a file")
    np.testing.assert_array_equal(again.tiles, mask.tiles)
    assert again.to_json() == mask.to_json()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "else"}, '"format" must be "tha4-visibility"'),
        ({"version": 1}, "a version that this program does not know; delete it"),
        ({"character": "0"}, "was measured on another character; delete it"),
        ({"poses": -1}, '"poses" must be a whole number'),
        ({"seed": True}, '"seed" must be a whole number'),
        ({"margin": 1.5}, '"margin" must be a whole number'),
        ({"teacher_poses": -1}, '"teacher_poses" must be a whole number'),
        ({"tiles": "ff"}, '"tiles" must be 4 masks'),
        ({"tiles": [["ff" * 8] * 128] * 3}, '"tiles" must be 4 masks'),
        ({"tiles": ["ff"] * 4}, '"tiles" must be masks of 128 rows of 16 hexadecimal digits'),
        ({"tiles": [["ff"] * 128] * 4}, '"tiles" must be masks of 128 rows'),
        ({"tiles": [["zz" * 8] * 128] * 4}, '"tiles" must be masks of 128 rows'),
        ({"tiles": [[5] * 128] * 4}, '"tiles" must be masks of 128 rows'),
        ({"tiles": [["ff" * 8] * 127 + ["ff"]] * 4}, '"tiles" must be masks of 128 rows'),
        ({"version": 2, "tiles": ["ff"] * 128}, '"tiles" must be masks of 128 rows'),
    ],
)
def test_a_wrong_mask_is_refused_in_a_sentence(mask: Visibility, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(VisibilityError, match=sentence):
        Visibility.from_json(mask.to_json() | change, mask.character, "a file")


def test_both_forms_of_a_character_keep_it_and_the_digest(
    character: Character, mask: Visibility, tmp_path: Path
) -> None:
    masked = replace(character, visibility=mask)
    save_character(masked, tmp_path / "a.tha4")
    save_character(load_character(tmp_path / "a.tha4"), tmp_path / "official")
    save_character(load_character(tmp_path / "official"), tmp_path / "b.tha4")
    assert (tmp_path / "a.tha4").read_bytes() == (tmp_path / "b.tha4").read_bytes()
    again = load_character(tmp_path / "b.tha4")
    assert again.digest == character.digest
    assert again.visibility is not None
    np.testing.assert_array_equal(again.visibility.tiles, mask.tiles)
    save_character(character, tmp_path / "official")
    assert load_character(tmp_path / "official").visibility is None


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{" * 5000, b'{"format": "tha4-visibility"}'])
def test_a_hostile_mask_in_a_file_is_one_sentence(
    character: Character, mask: Visibility, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "a.tha4"
    save_character(replace(character, visibility=mask), path)
    assert "visibility.json" in members(path)
    rewrite(path, {"visibility.json": data})
    assert "visibility.json" in refusal(path)


def test_a_masks_tiles_are_transparent_and_the_rest_is_as_before(character: Character, mask: Visibility) -> None:
    plain = NativeEngine(character, threads=2, skip_invisible=False)
    masked = NativeEngine(replace(character, visibility=mask), threads=2)
    poses = [pose_from_names({"neck_z": head, "body_z": body}) for head in (-0.4, 0.4) for body in (-0.4, 0.4)]
    assert {lean_of(pose) for pose in poses} == set(range(LEANS))
    for pose in [*poses, *list(sample_poses(90, 3))[-2:]]:
        expected = np.where(visible_in(mask, pose)[..., None], plain.render(pose), 0)
        np.testing.assert_array_equal(masked.render(pose), expected)
        np.testing.assert_array_equal(masked.render(pose, (33, 77, 131, 59)), expected[77:136, 33:164])
    masked.set_visibility(None)
    np.testing.assert_array_equal(masked.render(pose), plain.render(pose))


def test_a_body_that_does_not_move_is_still_seen_as_the_pose_leans(character: Character, mask: Visibility) -> None:
    """What is known of the last frame is not all that this one shows."""
    weights = dict(character.body_morpher)
    for name, weight in weights.items():
        if weight.ndim == 4 and weight.shape[1] > SIZE:
            weights[name] = np.array(weight)
            weights[name][:, -SIZE:] = 0.0
    still = replace(character, body_morpher=weights, visibility=None)
    visibility = replace(mask, character=still.look)
    plain, masked = NativeEngine(still, threads=1, skip_invisible=False), NativeEngine(still, threads=1)
    masked.set_visibility(visibility)
    for head in (-0.4, 0.4):
        pose = pose_from_names({"neck_z": head})
        expected = np.where(visible_in(visibility, pose)[..., None], plain.render(pose), 0)
        np.testing.assert_array_equal(masked.render(pose), expected)


def test_a_mask_is_measured_once_in_the_background_and_cached(
    character: Character, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(masks, "_running", {})
    monkeypatch.setattr(masks, "_FRAMES_BEFORE_MEASURING", 2)
    measured = 0
    go_on = threading.Event()

    def measure(character: Character, threads: int) -> Visibility:
        nonlocal measured
        measured += 1
        assert threads == 1
        go_on.wait(60)
        tiles = np.full(SHAPE, EVERY_LEAN, np.uint8)
        tiles[:64] = 0
        return Visibility(tiles, character.look, 1, 2, 3, 4)

    monkeypatch.setattr(masks, "measure", measure)
    pose = [0.5] * 45
    engines = [NativeEngine(character, threads=1), NativeEngine(character, threads=1)]
    full = engines[0].render(pose)
    assert measured == 0
    for engine in engines:
        for _ in range(3):
            np.testing.assert_array_equal(engine.render(pose), full)
    go_on.set()
    masks.measurement(character).wait()
    for engine in engines:
        assert not engine.render(pose)[:256].any()
        np.testing.assert_array_equal(engine.render(pose)[256:], full[256:])
    assert measured == 1
    assert not NativeEngine(character, threads=1).render(pose)[:256].any()
    (cached,) = (tmp_path / "cache" / "visibility").iterdir()
    for damage in (b"", b"{}", b"\xff" * 100, cached.read_bytes()[:-40]):
        cached.write_bytes(damage)
        assert masks.cached(character) is None
    assert not caplog.records


def test_a_cache_that_cannot_be_written_costs_a_warning_and_no_frame(
    character: Character, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    monkeypatch.setattr(
        masks, "measure", lambda *_, **__: Visibility(np.full(SHAPE, EVERY_LEAN, np.uint8), "x", 1, 2, 3, 4)
    )
    measurement = masks.Measurement(character)
    with caplog.at_level(logging.WARNING):
        measurement.wait()
    assert measurement.result is not None
    assert "could not be cached" in caplog.text


#: A published character and the rows of its picture that its mask is measured on: a tile's value is owed to the pixels
#: in and around it alone, and every frame of 768 has its price.
ROWS = 48
MEASURED = {"lambda_00": slice(96, 96 + ROWS), "lambda_01": slice(296, 296 + ROWS)}


@pytest.fixture(scope="module")
def measured(reference_character: Callable[[str], Character]) -> Callable[[str], tuple[NativeEngine, Visibility]]:
    """An engine that skips nothing, and the mask as it is measured by default, of one of MEASURED; once."""

    @cache
    def measure(name: str) -> tuple[NativeEngine, Visibility]:
        character, rows = reference_character(name), MEASURED[name]
        engine = NativeEngine(character, threads=1, skip_invisible=False)
        alpha = np.zeros((512, 512), np.uint8)

        def alpha_of(pose: Pose) -> np.ndarray:
            alpha[rows] = engine.render(pose, (0, rows.start, 512, ROWS))[..., 3]
            return alpha

        return engine, measure_visibility(alpha_of, character.look)

    return measure


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED)
def test_what_is_lost_on_poses_not_measured_on_cannot_be_seen(
    measured: Callable[[str], tuple[NativeEngine, Visibility]], name: str
) -> None:
    engine, visibility = measured(name)
    rows = MEASURED[name]
    assert visibility.share < 0.06  # of the whole picture, and so less than two thirds of these rows

    def lost(pose: Pose) -> int:
        alpha = engine.render(pose, (0, rows.start, 512, ROWS))[..., 3]
        return int(alpha[~visible_in(visibility, pose)[rows]].max())

    assert max(lost(pose) for pose in list(sample_poses(77 + 100, seed=7))[77:]) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED)
def test_pictures_match_the_references_with_and_without_what_cannot_be_seen(
    reference_character: Callable[[str], Character],
    measured: Callable[[str], tuple[NativeEngine, Visibility]],
    name: str,
) -> None:
    complete, visibility = measured(name)
    rows = MEASURED[name]
    region = (0, rows.start, 512, ROWS)
    reference = ReferenceEngine(reference_character(name))
    skipping = NativeEngine(reference_character(name), threads=1)
    skipping.set_visibility(visibility)
    for pose in list(sample_poses(80 + 8, seed=8))[80:]:  # anywhere and at all rotations' extremes, in turn
        expected = reference.render(pose, region)
        assert psnr(complete.render(pose, region), expected) >= 55
        assert psnr(skipping.render(pose, region), expected) >= 45


def test_a_characters_mask_is_measured_on_its_own_pictures(
    character: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masks, "measure_visibility", partial(measure_visibility, poses=3))
    visibility = masks.measure(character, threads=1)
    engine = NativeEngine(character, threads=1, skip_invisible=False)
    expected = measure_visibility(lambda pose: engine.render(pose)[..., 3], character.look, poses=3)
    assert visibility.to_json() == expected.to_json()
    assert visibility.anywhere.any()


def test_a_character_with_a_mask_is_measured_within_it(
    character: Character, mask: Visibility, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masks, "measure_visibility", partial(measure_visibility, poses=3, margin=0))
    within = masks.measure(replace(character, visibility=mask), threads=1)
    assert within.tiles.any()
    assert not (within.anywhere & ~mask.anywhere).any()
    assert (masks.measure(character, threads=1).anywhere & ~mask.anywhere).any()


def test_auto_uses_the_characters_mask(character: Character, mask: Visibility) -> None:
    engine = create_engine(replace(character, visibility=mask))
    assert not engine.render(neutral_pose())[~visible_in(mask, neutral_pose())].any()
