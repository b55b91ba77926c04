"""The real editor, run from Python: a project of its own, and a probe that works in it as a plugin."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.godot.engine import Godot, Run, install_project
from tha4_core.character import Character, save_character
from tools.environment.godot import virtual_display

PROBES = Path(__file__).resolve().parent / "editor_probes"
SCENE = """[gd_scene format=3]

[ext_resource type="Script" path="res://addons/anime_character/animated_anime_character.gd" id="1"]
[ext_resource type="Resource" path="res://hero.tha4" id="hero"]

[node name="Hero" type="Node2D"]
offset = Vector2(300, 300)
script = ExtResource("1")
character = ExtResource("hero")
bridge_address = "{address}"
"""
_PLUGIN = """[plugin]

name="Probe"
description="What a test does in the editor."
author="The anime-character authors"
version="1"
script="{probe}.gd"
"""


def editor_with(probe: str, godot: Godot, folder: Path, hero: Character) -> Godot:
    """A project of its own, since an editor writes into it; with an imported ``res://hero.tha4``, and with
    ``editor_probes/<probe>.gd`` beside the addon.
    """
    own = install_project(godot.program, folder)
    save_character(hero, own.project / "hero.tha4")
    own.run("--import").check()
    add_probe(probe, own.project)
    return own


def add_probe(probe: str, project: Path) -> None:
    """Enables ``editor_probes/<probe>.gd`` as a plugin of a project."""
    plugin = project / "addons" / "probe"
    plugin.mkdir()
    for script in ("probe", probe):
        shutil.copyfile(PROBES / f"{script}.gd", plugin / f"{script}.gd")
    (plugin / "plugin.cfg").write_text(_PLUGIN.format(probe=probe), encoding="utf-8")
    settings = project / "project.godot"
    text = settings.read_text(encoding="utf-8")
    addon = '"res://addons/anime_character/plugin.cfg"'
    assert addon in text
    settings.write_text(text.replace(addon, f'{addon}, "res://addons/probe/plugin.cfg"'), encoding="utf-8")


def run_probe(editor: Godot, scene: str, output: Path, options: dict[str, str] | None = None) -> Run:
    """Opens ``scene`` in the editor, lets the probe play to its end, and makes sure that it did so without errors.

    The probe sees each option through ``option(name)``, and ``output`` as ``option("output")``.
    """
    (editor.project / "probe.tscn").write_text(scene, encoding="utf-8")
    given = {"output": str(output)} | (options or {})
    environment = {f"PROBE_{name.upper()}": value for name, value in given.items()}
    with virtual_display("1600x1000x24") as display:
        run = editor.on(display).run("--editor", "res://probe.tscn", extra_environment=environment)
    return run.check()
