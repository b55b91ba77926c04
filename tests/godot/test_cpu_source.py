"""The processor as a picture source inside a real Godot, against Python's native engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bridge.frames import frame_size, shrink
from tests.godot.engine import SCENARIOS, Godot, Run
from tests.synthetic import larger_picture, random_networks, synthetic_character
from tha4_core.built_in import character_path
from tha4_core.character import load_character, save_character
from tha4_core.character.larger_drawing import packed
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.picture.edges import fill_edges
from tha4_core.picture.region import Region
from tha4_core.pose import pose_from_names

pytestmark = pytest.mark.slow

WHOLE = Region(0, 0, 512, 512)
HEAD = Region(160, 48, 192, 192)
CUSTOM = Region(131, 20, 251, 333)
TINY = Region(511, 0, 1, 1)
POSES = np.stack(
    [
        pose_from_names({}),
        pose_from_names({"eye_happy_wink": 1.0, "mouth_aaa": 0.6, "head_y": -0.5, "neck_z": 0.4}),
        pose_from_names(
            {"head_x": 1.0, "head_y": 1.0, "neck_z": -1.0, "body_y": 1.0, "body_z": -1.0, "breathing": 1.0}
        ),
    ]
)
#: A character's number, a pose's, the region and the scale.
REQUESTS = (
    (0, 0, WHOLE, 1.0),
    (0, 1, WHOLE, 1.0),
    (0, 1, HEAD, 1.0),  # known from the picture before
    (0, 2, HEAD, 1.0),
    (0, 1, CUSTOM, 1.0),
    (0, 2, TINY, 0.01),
    (0, 2, CUSTOM, 0.5),
    (0, 0, WHOLE, 0.37),
    (1, 2, WHOLE, 1.0),
    (0, 2, WHOLE, 1.0),
    (1, 1, HEAD, 0.7),
    (2, 1, CUSTOM, 1.0),
    (3, 1, CUSTOM, 1.0),
    (4, 1, HEAD, 2.0),
    (4, 2, CUSTOM, 4.0),
    (4, 1, HEAD, 1.0),  # without the larger drawing again
    (0, 1, TINY, 4.0),  # which it does not have
)


@pytest.fixture(scope="module")
def characters(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One of ours, the same without a mask, and three made up: one with networks of another shape, one drawn larger."""
    folder = tmp_path_factory.mktemp("characters")
    ours = load_character(character_path("yunagi"))
    paths = [character_path("yunagi"), *(folder / f"{name}.tha4" for name in ("unmeasured", "blob", "other", "sharp"))]
    save_character(replace(ours, visibility=None), paths[1])
    save_character(synthetic_character(), paths[2])
    save_character(synthetic_character(networks=random_networks(0, summed=True)), paths[3])
    save_character(replace(synthetic_character(), drawing_hd_png=packed(larger_picture(2048), "it")), paths[4])
    return paths


@pytest.fixture(scope="module")
def played(godot: Godot, characters: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("requests")
    POSES.astype("<f4").tofile(folder / "poses")
    lines = [f"{number} {pose} {' '.join(map(str, region))} {scale}" for number, pose, region, scale in REQUESTS]
    (folder / "requests").write_text("\n".join(lines))
    options = {"poses": str(folder / "poses"), "requests": str(folder / "requests")}
    options["characters"] = ",".join(map(str, characters))
    return godot.run_scenario(SCENARIOS / "cpu_source.gd", options).check()


def expected(engine: NativeEngine, pose: int, region: Region, scale: float) -> NDArray[np.uint8]:
    """What a bridge sends."""
    pixels = engine.render(POSES[pose], region, scale=max(1, int(scale)))
    width, height = frame_size(region, scale)
    if scale < 1 and (width, height) != (region.width, region.height):
        small = np.empty((height, width, 4), np.uint8)
        shrink(pixels, small)
        pixels = small
    fill_edges(pixels)
    return pixels


def test_every_picture_is_that_of_the_bridge_byte_for_byte(played: Run, characters: list[Path]) -> None:
    engines = [NativeEngine(load_character(path), threads=1) for path in characters]
    for number, (character, pose, region, scale) in enumerate(REQUESTS):
        wanted = expected(engines[character], pose, region, scale)
        drawn = np.frombuffer((played.folder / f"{number}.rgba").read_bytes(), np.uint8)
        assert drawn.size == wanted.size, REQUESTS[number]
        assert (drawn.reshape(wanted.shape) == wanted).all(), REQUESTS[number]


def test_a_picture_says_what_it_shows_and_how_long_it_took(played: Run) -> None:
    sizes = [frame_size(region, scale) for _, _, region, scale in REQUESTS]
    assert played.values("picture") == [f"[true, true, ({width}, {height})]" for width, height in sizes]
    assert set(played.values("timed")) == {"true"}
    assert set(played.values("arrived")) == {"true"}
    assert set(played.values("kept")) == {"true"}


def test_it_calls_its_engine_as_the_bridge_does(played: Run) -> None:
    assert played.value("engine") == NativeEngine.name
    assert played.value("why_not") == ""


def test_a_picture_is_asked_for_once(played: Run) -> None:
    assert set(played.values("asked_again")) == {"false"}


def test_the_newest_of_the_poses_that_wait_is_drawn(played: Run) -> None:
    assert played.value("newest") == "[4]"


def test_a_node_that_is_drawn_large_is_sharp_and_its_texture_keeps_its_size(godot: Godot, tmp_path: Path) -> None:
    character = replace(synthetic_character(), drawing_hd_png=packed(larger_picture(1024), "it"))
    save_character(character, tmp_path / "sharp.tha4")
    run = godot.run_scenario(SCENARIOS / "sharp.gd", {"character": str(tmp_path / "sharp.tha4")}).check()
    assert run.value("small") == "[(512, 512), (512.0, 512.0), 1.0]"
    assert run.value("large") == "[(384, 384), (192.0, 192.0), 2.0]"
    assert run.value("small_again") == "[(192, 192), (192.0, 192.0), 1.0]"
    assert run.value("asked") == "[(768, 768), (192.0, 192.0), 4.0]"
    assert (run.value("same"), run.value("warnings")) == ("true", "[]")
    assert [warning for warning in run.warnings if "drawing of 1024 pixels, which is enlarged" not in warning] == []
    wanted = NativeEngine(character).render(pose_from_names({"mouth_aaa": 1.0, "head_y": -0.5}), HEAD, scale=2)
    fill_edges(wanted)
    assert (np.array(Image.open(run.folder / "large.png")) == wanted).all()


def test_with_the_last_character_its_threads_and_memory_go(played: Run) -> None:
    assert set(played.values("has_threads")) == {"true"}
    # A renderer takes about sixty.
    assert int(played.value("grown_megabytes")) < 60


def test_a_game_may_end_while_a_character_is_read(played: Run) -> None:
    assert played.value("quits") == "false"
    assert not played.warnings
