"""What the inspector shows of a character: sliders, whole poses, expressions, each one step of undo."""

from __future__ import annotations

import json

import pytest

from tests.godot.editor import HERO, SCENE, Editor
from tests.godot.engine import Run
from tha4_core.built_in import built_in_path
from tha4_core.character import load_character

pytestmark = pytest.mark.slow

SHIPPED = {"joy", "anger", "sorrow", "surprise", "wink", "viseme_aaa"}


@pytest.fixture(scope="module")
def run(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The probe's run: one for all that is asked here."""
    return editor.play("inspector", SCENE.format(address="tcp://127.0.0.1:1"), tmp_path_factory.mktemp("inspector"))


def step(run: Run, what: str) -> tuple[str, int, str]:
    """What a change led to, how many steps of undo it took, and the last one's name."""
    return run.value(what), int(run.value(f"{what} steps")), run.value(f"{what} name")


def test_a_drag_is_one_step_however_long_it_takes(run: Run) -> None:
    value, steps, name = step(run, "dragged")
    assert float(value) == pytest.approx(0.65, abs=0.15)
    assert (steps, name) == (1, "Set Mouth Aaa")


def test_another_drag_is_another_step_however_soon(run: Run) -> None:
    assert step(run, "dragged again") == ("1.0", 1, "Set Mouth Aaa")
    dragged = run.value("dragged")
    assert (run.value("undone"), run.value("undone twice"), run.value("redone")) == (dragged, "0.0", dragged)


def test_a_number_can_be_typed(run: Run) -> None:
    assert step(run, "typed") == ("0.25", 1, "Set Mouth Iii")
    # What is no number changes nothing, and what is too small is the smallest.
    assert step(run, "typed nonsense")[:2] == ('[0.0, "0.0"]', 1)
    assert run.value("typed undone") == "0.0"


def test_a_slider_of_both_directions_reaches_below_rest(run: Run) -> None:
    value, steps, name = step(run, "turned")
    assert float(value) == pytest.approx(-0.5, abs=0.2)
    assert (steps, name) == (1, "Set Head Y")


def test_both_sides_can_be_moved_together(run: Run) -> None:
    assert step(run, "both") == ("[1.0, 1.0]", 1, "Set Eye Wink")
    assert run.value("both undone") == "[0.0, 0.0]"


def test_a_group_is_put_at_rest_alone(run: Run) -> None:
    assert step(run, "mouth reset") == ("[0.0, 1.0]", 1, "Reset Mouth")


def test_random_poses_differ_are_within_range_and_one_step_each(run: Run) -> None:
    assert step(run, "random") == ("20", 20, "Random Pose")
    assert "out of range=" not in run.output
    assert run.value("random undone") == "true"


def test_the_whole_pose_is_put_at_rest(run: Run) -> None:
    assert run.value("reset") == "45"
    assert run.value("reset name") == "Reset Pose"
    assert run.value("nothing to reset") == run.value("nothing to save") == "true"
    assert run.value("reset undone") == "true"


def test_expressions_are_tried(run: Run) -> None:
    names = run.value("expressions").split(",")
    assert names[0] == "None"
    assert set(names) >= SHIPPED
    assert run.value("shown") == "anger"
    assert run.value("shown name") == "Show Expression anger"
    assert float(run.value("brow")) > 0.5
    assert run.value("hidden") == '[&"", 0]'


def test_a_pose_is_saved_as_an_expression_that_express_knows(run: Run) -> None:
    assert run.value("asked") == "true"
    assert run.value("saved") == "true"
    assert run.value("saved name") == "Save Expression grin"
    assert run.value("saved pose") == "eye_wink_left,eye_wink_right,mouth_aaa,head_y"
    assert run.value("same pose") == "true"
    assert run.value("forgotten") == "true"


def test_a_characters_credits_stand_above_its_properties_and_are_copied(run: Run) -> None:
    info = load_character(built_in_path(HERO)).info
    lines = [f"{info.name} by {info.author}, {info.licence}", *(credit.line() for credit in info.credits)]
    assert json.loads(run.value("credits")) == ["Credits", *lines]
    assert json.loads(run.value("copied")).splitlines() == lines
