"""A node on the graphics card through what a game and its window do to it, with software Vulkan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.godot.engine import SCENARIOS, Godot, Run
from tests.godot.vulkan import SEPARATE, unexpected_errors
from tha4_core.character import load_character
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.pose import pose_from_names

pytestmark = pytest.mark.slow

#: As in the scenario.
X, Y, SIDE = 232, 112, 32


@pytest.fixture(scope="module")
def lived(godot: Godot, display: str, light_file: Path) -> Run:
    return godot.on(display, *SEPARATE).run_scenario(SCENARIOS / "gpu_life.gd", {"character": str(light_file)})


def test_nothing_is_complained_about_to_the_end_of_the_game(lived: Run) -> None:
    # RIDs that are left are errors.
    assert unexpected_errors(lived) == [], lived.output
    assert lived.code == 0
    assert not lived.values("failed")


def test_it_goes_on_in_a_window_that_is_resized(lived: Run) -> None:
    assert lived.value("resized") == "gpu"


def test_minimised_it_waits_with_one_picture_and_goes_on_when_it_is_restored(lived: Run) -> None:
    assert lived.value("minimised_frames") == "0"
    assert (lived.value("minimised_queue"), lived.value("minimised_shows")) == ("1", "false")
    assert lived.value("restored") == "gpu"


def test_it_leaves_the_tree_in_the_middle_of_a_picture_and_comes_back(lived: Run) -> None:
    assert lived.value("left_shows_something") == "true"
    assert (lived.value("came_back"), lived.value("same_texture")) == ("gpu", "true")


def test_its_pictures_are_right_afterwards(lived: Run, light_file: Path) -> None:
    engine = ReferenceEngine(load_character(light_file))
    for moment, mouth in {"restored": 0.99, "came_back": 0.5}.items():
        wanted = engine.render(pose_from_names({"mouth_aaa": mouth}))[Y : Y + SIDE, X : X + SIDE]
        seen = np.array(Image.open(lived.folder / f"{moment}.png"))
        assert psnr(seen[None], wanted[None]) > 70.0, moment


def test_a_change_of_scene_leaves_nothing_on_the_card(lived: Run) -> None:
    assert min(map(int, lived.values("used_bytes"))) > 1 << 20
    assert int(lived.value("grown_bytes")) <= 0


def test_one_that_goes_while_it_is_loaded_leaves_nothing_either(lived: Run) -> None:
    assert len(lived.values("freed_ms")) == 3
    assert int(lived.value("grown_bytes_loading")) <= 0
