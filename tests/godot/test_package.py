"""The addon's package, installed into an empty project as a game developer does."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.godot.engine import SCENARIOS, Godot
from tools.package_addon import pack_addon

EMPTY = """config_version=5

[application]

config/name="A game"
"""
ENABLED = '\n[editor_plugins]\n\nenabled=PackedStringArray("res://addons/anime_character/plugin.cfg")\n'


def test_it_installs_into_an_empty_project(godot: Godot, tmp_path: Path) -> None:
    project = tmp_path / "game"
    project.mkdir()
    settings = project / "project.godot"
    settings.write_text(EMPTY, encoding="utf-8")
    with zipfile.ZipFile(io.BytesIO(pack_addon())) as archive:
        archive.extractall(project)
    game = Godot(godot.program, project, tmp_path)
    # First the files are there, then the plugin is enabled in the project settings, and the editor looks at all again.
    assert not game.run("--import").check().warnings
    settings.write_text(EMPTY + ENABLED, encoding="utf-8")
    assert not game.run("--editor", "--quit-after", "30").check().warnings
    run = game.run_scenario(SCENARIOS / "installed.gd").check()
    assert run.value("node") == "res://addons/anime_character/animated_anime_character.gd"
    assert "joy" in run.value("expressions").split(",")
    assert run.value("mouth_aaa") == "1.0"
    assert float(run.value("smile")) > 0.5
    assert not run.warnings


@pytest.mark.parametrize("place", ["addons/third_party/anime_character", "addons/faces"])
def test_it_works_in_another_folder(godot: Godot, tmp_path: Path, place: str) -> None:
    project = tmp_path / "game"
    (project / place).parent.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(pack_addon())) as archive:
        archive.extractall(tmp_path / "unpacked")
    (tmp_path / "unpacked" / "addons" / "anime_character").rename(project / place)
    settings = EMPTY + ENABLED.replace("addons/anime_character", place)
    (project / "project.godot").write_text(settings, encoding="utf-8")
    game = Godot(godot.program, project, tmp_path)
    assert not game.run("--import").check().warnings
    run = game.run_scenario(SCENARIOS / "installed.gd").check()
    assert run.value("node") == f"res://{place}/animated_anime_character.gd"
    assert len(run.value("expressions").split(",")) == 20
    assert float(run.value("smile")) > 0.5
    assert not run.warnings
