"""A node that goes from the graphics card to the processor and back while it plays, with software Vulkan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.godot.engine import SCENARIOS, Godot, Run
from tests.godot.vulkan import FORWARD_PLUS
from tha4_core.character import load_character
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.pose import pose_from_names

pytestmark = pytest.mark.slow

#: As in the scenario.
X, Y, SIDE = 232, 112, 32
GPU_MOMENTS = ("gpu", "gpu_again", "hurry")
MOMENTS = ("gpu", "cpu", "gpu_again", "hurry", "failed_over")


@pytest.fixture(scope="module")
def played(godot: Godot, display: str, light_file: Path) -> Run:
    options = {"character": str(light_file)}
    return godot.on(display, *FORWARD_PLUS).run_scenario(SCENARIOS / "gpu_hand_over.gd", options).check()


def test_each_engine_plays_when_it_is_asked_for(played: Run) -> None:
    engines = [played.value(f"{moment}_engine") for moment in MOMENTS]
    assert engines == ["gpu", "native", "gpu", "gpu", "native"]


def test_each_draws_the_right_pixels(played: Run, light_file: Path) -> None:
    engine = ReferenceEngine(load_character(light_file))
    for moment in MOMENTS:
        mouth = 0.2 if moment == "failed_over" else 0.7
        picture = engine.render(pose_from_names({"mouth_aaa": mouth, "head_y": -0.4}))[Y : Y + SIDE, X : X + SIDE]
        seen = np.array(Image.open(played.folder / f"{moment}.png"))
        assert psnr(seen[None], picture[None]) > (70.0 if moment in GPU_MOMENTS else 50.0), moment


def test_the_last_picture_stays_until_the_next_engine_has_drawn(played: Run) -> None:
    for moment in ("cpu", "gpu_again", "hurry"):
        assert played.value(f"{moment}_kept") == "true", moment
    for moment in ("cpu", "gpu_again", "hurry", "failing"):
        assert played.value(f"{moment}_shown_meanwhile") == "true", moment


def test_one_texture_shows_them_all(played: Run) -> None:
    for moment in MOMENTS:
        assert (played.value(f"{moment}_shown"), played.value(f"{moment}_texture")) == ("true", "true"), moment


def test_a_card_that_fails_is_one_sentence_told_by_each_node_and_printed_once(played: Run) -> None:
    said = played.values("failed")
    assert (len(said), len(played.warnings)) == (3, 1), played.output
    for sentence in said:
        assert "its driver does not take the shader tile" in sentence
        assert sentence.endswith(" The processor plays instead.")
    assert played.values("other") == ["native", "native"]


def test_the_processor_in_disguise_is_left_out_without_a_word(played: Run) -> None:
    assert (played.value("auto"), played.value("auto_warnings")) == ("native", "[]")


def test_nothing_is_left_on_the_card(played: Run) -> None:
    assert "RID" not in played.output
    assert "leaked" not in played.output
