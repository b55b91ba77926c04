"""Expressions and the layers of a pose, as far as the picture that the bridge is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.godot.engine import SCENARIOS, Godot, Run
from tests.godot.fake_bridge import FakeBridge, describe_character


def play(godot: Godot, name: str, character: Path, address: str) -> Run:
    given = {"character": str(character), "address": address}
    return godot.run_scenario(SCENARIOS / f"{name}.gd", given).check()


def test_expressions_of_addon_file_and_node_reach_the_picture(
    godot: Godot, fake_bridge: FakeBridge, character: Path
) -> None:
    describe_character(character, {"custom": {"mouth_aaa": 0.8}, "joy": {"mouth_aaa": 0.6}})
    run = play(godot, "expressions", character, fake_bridge.address)
    assert run.value("early") == "custom", "set before the character was"
    assert run.value("custom") == "cc0007ff"
    assert run.value("listed") == "true"
    assert run.value("ended") == "joy"
    assert run.value("joy") == "990007ff", "the file's stands above the addon's"
    assert float(run.value("smile")) == 0.0
    assert run.value("mine") == "660007ff"
    assert run.value("base") == run.value("released") == "330007ff"
    assert run.value("code") == '["ff0007ff", 0.2]'
    assert not run.warnings


@pytest.mark.parametrize("expressions", [{}, {"rap": {"mouth_aaa": 1.0}}])
def test_an_expression_that_nobody_has_is_reported_once(
    godot: Godot, fake_bridge: FakeBridge, character: Path, expressions: object
) -> None:
    describe_character(character, expressions)
    run = play(godot, "unknown_expression", character, fake_bridge.address)
    assert run.value("expression") == "rapture"
    assert len(run.warnings) == 1
    assert "no expression named rapture" in run.warnings[0]


def test_animations_trees_and_tweens_key_everything(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    run = play(godot, "keyed", character, fake_bridge.address)
    assert run.value("moods") == '[&"joy", &"anger"]'
    assert float(run.value("depth")) == pytest.approx(0.6)
    assert run.values("tree") == ["0.000 -0.500 000007ff", "0.200 -0.250 330007ff", "0.800 0.500 cc0007ff"]
    assert run.value("tween") == "660007ff"
    assert not run.warnings
