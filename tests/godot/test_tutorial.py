"""What docs/TUTORIAL.md tells, followed to its end with the addon's package, where no other program can be found."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path

from tests.conftest import ROOT
from tests.godot.engine import SCENARIOS, Godot, fresh_project
from tools.demo_screenshots import CHARACTER, TUTORIAL_SCENE
from tools.package_addon import pack_addon

TUTORIAL = (ROOT / "docs/TUTORIAL.md").read_text(encoding="utf-8")


def test_its_scene_and_its_script_make_a_character_that_speaks_and_nods(godot: Godot, tmp_path: Path) -> None:
    game = fresh_project(godot.program, tmp_path)
    shutil.rmtree(game.project / "addons")
    with zipfile.ZipFile(io.BytesIO(pack_addon())) as archive:
        archive.extractall(game.project)
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
    nothing = {"PATH": str(tmp_path)}
    run = game.run_scenario(SCENARIOS / "tutorial.gd", extra_environment=nothing).check()
    assert run.value("expression") == "joy"
    assert float(run.value("mouth")) > 0.5
    assert run.value("animation") == "nod"
    assert run.value("engine") == "native"
    assert not run.warnings
    assert not run.values("failed")


def test_its_steps_need_no_python() -> None:
    steps, heading, _ = TUTORIAL.partition("## What to copy from")
    assert heading
    assert "python" not in steps.lower()


def test_every_picture_is_there_and_shown() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(demos/([^)]+)\)", TUTORIAL))
    assert shown == {path.name for path in (ROOT / "docs/demos").iterdir()}
