"""What docs/TUTORIAL.md tells, followed to its end."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.conftest import ROOT
from tests.godot.engine import SCENARIOS, Godot, fresh_project
from tools.demo_screenshots import CHARACTER, TUTORIAL_SCENE

TUTORIAL = (ROOT / "docs/TUTORIAL.md").read_text(encoding="utf-8")


def test_its_scene_and_its_script_make_a_character_that_speaks_and_nods(godot: Godot, tmp_path: Path) -> None:
    game = fresh_project(godot.program, tmp_path)
    shutil.copyfile(CHARACTER, game.project / "hero.tha4")
    (script,) = re.findall(r"```gdscript\n(.*?)```", TUTORIAL, re.DOTALL)
    (game.project / "room.gd").write_text(script, encoding="utf-8")
    room = '[node name="Room" type="Node2D"]\n'
    assert room in TUTORIAL_SCENE
    scene = TUTORIAL_SCENE.replace(room, room + 'script = ExtResource("room")\n').replace(
        '\n[ext_resource type="Script"',
        '\n[ext_resource type="Script" path="res://room.gd" id="room"]\n[ext_resource type="Script"',
        1,
    )
    (game.project / "room.tscn").write_text(scene, encoding="utf-8")
    assert not game.run("--import").check().warnings
    run = game.run_scenario(SCENARIOS / "tutorial.gd").check()
    assert run.value("expression") == "joy"
    assert float(run.value("mouth")) > 0.5
    assert run.value("animation") == "nod"
    assert run.value("engine") == "native"
    assert not run.warnings
    assert not run.values("failed")


def test_every_picture_is_there_and_shown() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(demos/([^)]+)\)", TUTORIAL))
    assert shown == {path.name for path in (ROOT / "docs/demos").iterdir()}
