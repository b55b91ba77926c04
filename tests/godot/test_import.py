"""Character files in a game's project: imported, shown by the editor, dragged onto a node."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.godot.editor import OTHER, Editor
from tests.godot.engine import SCENARIOS, Godot, Run, fresh_project
from tests.synthetic import synthetic_character
from tha4_core.built_in import built_in_path
from tha4_core.character import Character, CharacterInfo, load_character, save_character
from tha4_core.picture.region import Region

SCENE = """[gd_scene format=3]

[ext_resource type="Script" path="res://addons/anime_character/animated_anime_character.gd" id="1"]

[node name="Hero" type="Node2D"]
position = Vector2(300, 300)
script = ExtResource("1")
bridge_address = "tcp://127.0.0.1:1"
"""


@pytest.fixture(scope="module")
def hero() -> Character:
    info = CharacterInfo(
        name="Ünïcode 猫",
        author="A. Nobody",
        licence="CC0-1.0",
        head_view=Region(100, 20, 256, 256),
        provenance={"teacher": "rig", "training": {"steps": 10}},
        quality={"psnr": 31.5},
        expressions={"joy": {"mouth_raised_corner": 1.0}},
    )
    return replace(synthetic_character(), info=info)


@pytest.fixture(scope="module")
def project(godot: Godot, hero: Character, tmp_path_factory: pytest.TempPathFactory) -> Godot:
    """With a good file, one that changes later, and a broken one; not imported yet."""
    own = fresh_project(godot.program, tmp_path_factory.mktemp("game"))
    (own.project / "heroes").mkdir()
    for name in ("hero", "changing"):
        save_character(hero, own.project / "heroes" / f"{name}.tha4")
    data = (own.project / "heroes" / "hero.tha4").read_bytes()
    (own.project / "broken.tha4").write_bytes(data[:100_000])
    return own


@pytest.fixture(scope="module")
def first_import(project: Godot) -> Run:
    return import_files(project)


@pytest.fixture(scope="module")
def imported(project: Godot, first_import: Run) -> Run:  # noqa: ARG001
    """A game in which both have been imported; it tells what the good one has become."""
    return project.run_scenario(SCENARIOS / "imported.gd").check()


def import_files(project: Godot) -> Run:
    run = project.run("--import")
    assert run.code == 0, run.output
    return run


def test_a_file_becomes_a_resource_that_holds_all_of_it(project: Godot, hero: Character, imported: Run) -> None:
    file = project.project / "heroes" / "hero.tha4"
    told = imported.value
    assert (told("name"), told("author"), told("licence")) == ("Ünïcode 猫", "A. Nobody", "CC0-1.0")
    assert told("head_view") == "[P: (100, 20), S: (256, 256)]"
    assert json.loads(told("expressions")) == hero.info.expressions
    assert json.loads(told("provenance")) == hero.info.provenance
    assert json.loads(told("quality")) == hero.info.quality
    assert told("sha256") == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (imported.folder / "file.tha4").read_bytes() == file.read_bytes()
    np.testing.assert_array_equal(np.array(Image.open(imported.folder / "picture.png")), hero.image)
    assert told("from_file") == "true"


def test_it_is_compact_and_says_nothing_of_the_machine_that_imported_it(project: Godot, imported: Run) -> None:
    assert imported.value("source") == ""
    assert imported.value("described") == "res://heroes/hero.tha4"
    (resource,) = (project.project / ".godot" / "imported").glob("hero.tha4-*.res")
    assert resource.stat().st_size < (project.project / "heroes" / "hero.tha4").stat().st_size


def test_a_broken_file_is_one_sentence_and_harms_no_other(first_import: Run, imported: Run) -> None:
    assert not first_import.warnings
    assert first_import.errors == [
        "ERROR: res://broken.tha4 is not a character file, or is damaged or cut short; copy it again.",
        "ERROR: Error importing 'res://broken.tha4'.",
    ]
    assert imported.value("name") == "Ünïcode 猫"


def test_a_file_that_changes_is_imported_again(project: Godot, hero: Character, imported: Run) -> None:
    assert imported.value("changing") == hero.info.name
    file = project.project / "heroes" / "changing.tha4"
    save_character(replace(hero, info=replace(hero.info, name="Other")), file)
    # The editor looks at the time first, in whole seconds.
    os.utime(file, (time.time() + 2, time.time() + 2))
    import_files(project)
    assert project.run_scenario(SCENARIOS / "imported.gd").check().value("changing") == "Other"


@pytest.mark.slow
def test_the_editor_shows_it_takes_it_by_mouse_and_by_name_and_imports_it_again(editor: Editor, tmp_path: Path) -> None:
    character, other = load_character(built_in_path(OTHER)), synthetic_character()
    save_character(other, tmp_path / "other.tha4")
    run = editor.play("import", SCENE, tmp_path, {"other": str(tmp_path / "other.tha4")})
    assert run.value("offered") == "res://dragged.tha4"
    assert run.value("dropped") == "res://dragged.tha4"
    np.testing.assert_array_equal(np.array(Image.open(tmp_path / "before.png")), character.image)
    np.testing.assert_array_equal(
        np.array(Image.open(tmp_path / "after.png")), other.image, "the node shows the new one"
    )
    for name in ("file_thumbnail.png", "resource_thumbnail.png"):
        thumbnail = Image.open(tmp_path / name).convert("RGBA")
        expected = Image.fromarray(character.image).resize(thumbnail.size, Image.Resampling.LANCZOS)
        difference = np.abs(np.array(thumbnail, int) - np.array(expected, int))[np.array(expected)[..., 3] == 255]
        assert len(difference) > 500
        assert difference.mean() < 8
