"""A character that moves inside the game and the editor, with no bridge and no set-up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.godot.editor import SCENE, Editor
from tests.godot.engine import SCENARIOS, Godot, Run
from tha4_core.built_in import DEFAULT, character_path, default_character
from tha4_core.engines import create_engine
from tha4_core.metrics import psnr
from tha4_core.pose import pose_from_names

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def played(godot: Godot) -> Run:
    return godot.run_scenario(SCENARIOS / "inside.gd", {"character": str(character_path(DEFAULT))}).check()


def test_the_processor_plays_it_where_there_is_no_graphics_card(played: Run) -> None:
    assert (played.value("engine"), played.value("playing")) == ("native", "2")
    assert played.value("measured") == "true"
    assert played.value("head") == "(96, 96)"
    assert played.value("warnings") == "[]"


def test_its_picture_is_the_engines(played: Run) -> None:
    seen = np.array(Image.open(played.folder / "posed.png"))
    expected = create_engine(default_character()).render(pose_from_names({"mouth_aaa": 1.0, "head_y": -0.5}))
    visible = expected[..., 3] > 0
    assert psnr(seen[visible][None], expected[visible][None]) > 50.0


def test_a_change_of_engine_keeps_picture_and_texture(played: Run) -> None:
    assert played.value("same") == played.value("stays") == "true"


def test_an_engine_that_cannot_be_had_is_told_at_each_beginning_and_printed_once(played: Run) -> None:
    assert (played.value("forced"), played.value("again")) == ("native", "native")
    assert (len(played.values("failed")), len(played.warnings)) == (2, 1)
    assert played.value("failed").endswith(" The processor plays instead.")


def test_in_the_editor_it_moves_without_set_up(editor: Editor, tmp_path: Path) -> None:
    run = editor.play("inside", SCENE.replace('bridge_address = "{address}"\n', ""), tmp_path)
    assert run.value("panel") == "Hero is played by the processor, in Godot."
    assert run.value("bridge") == "false", "nothing is said of a bridge"
    assert run.value("connections") == "0"
    assert run.value("warnings") == "[]"
