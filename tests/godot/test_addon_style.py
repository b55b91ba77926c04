"""The addon's source: formatted, without lint, without warnings, its generated part up to date."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.godot.editor import PROBES, Editor
from tests.godot.engine import ADDON_PROJECT, SCENARIOS, Godot, copy_project
from tests.godot.test_pixels import free_address
from tools.editor_screenshots import PLUGIN
from tools.generate_gdscript import TARGET, generate, main

#: Every warning that a project can turn into an error, but for what typed code full of Variants cannot avoid.
STRICT = (
    "untyped_declaration",
    "unassigned_variable",
    "unassigned_variable_op_assign",
    "unused_variable",
    "unused_local_constant",
    "unused_private_class_variable",
    "unused_parameter",
    "unused_signal",
    "shadowed_variable",
    "shadowed_variable_base_class",
    "shadowed_global_identifier",
    "unreachable_code",
    "unreachable_pattern",
    "standalone_expression",
    "standalone_ternary",
    "incompatible_ternary",
    "redundant_await",
    "narrowing_conversion",
    "int_as_enum_without_cast",
    "int_as_enum_without_match",
    "enum_variable_without_default",
    "confusable_identifier",
    "confusable_local_declaration",
    "confusable_local_usage",
    "confusable_capture_reassignment",
    "static_called_on_instance",
    "missing_tool",
    "deprecated_keyword",
    "empty_file",
    "integer_division",
)

#: Scripts of tests and tools that belong to no project of their own.
BESIDE = (SCENARIOS, PROBES, SCENARIOS.parent / "exported_game", SCENARIOS.parent / "players_game", PLUGIN)


def tool(name: str, *arguments: str) -> None:
    """Runs a tool of gdtoolkit on the project and on the scripts of tests and tools, with the project's settings."""
    program = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert program, f"{name} is not installed; it comes with gdtoolkit (pip install -e '.[dev]')"
    run = subprocess.run(
        [program, *arguments, ".", *map(str, BESIDE)],
        cwd=ADDON_PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_it_is_formatted() -> None:
    # What it would look at besides is whether the formatter itself makes mistakes.
    tool("gdformat", "--check", "--fast")


def test_it_is_free_of_lint() -> None:
    tool("gdlint")


def test_the_parameters_are_those_of_the_pose_module() -> None:
    assert TARGET.read_text(encoding="utf-8") == generate(), "run: python tools/generate_gdscript.py"
    assert main(["--check"]) == 0


def test_a_changed_parameter_file_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "parameters.gd"
    changed.write_text(generate() + "# changed\n", encoding="utf-8")
    monkeypatch.setattr("tools.generate_gdscript.TARGET", changed)
    assert main(["--check"]) == 1
    assert "python tools/generate_gdscript.py" in capsys.readouterr().err
    assert main([]) == 0
    assert changed.read_text(encoding="utf-8") == generate()


def own_programs() -> dict[str, str]:
    """An environment in which a bridge that a scene starts is this Python's."""
    return {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def test_it_imports_without_errors_and_warnings(godot: Godot, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(ADDON_PROJECT, project, ignore=shutil.ignore_patterns(".godot"))
    settings = project / "project.godot"
    strict = "".join(f"gdscript/warnings/{name}=2\n" for name in STRICT)
    text = settings.read_text(encoding="utf-8")
    rules = '"res://addons": 1'
    assert rules in text
    text = text.replace(rules, rules + ',\n"res://scenarios": 0')
    settings.write_text(text.replace("gdscript/warnings/untyped_declaration=1\n", strict), encoding="utf-8")
    strict_godot = Godot(godot.program, project, tmp_path)
    run = strict_godot.run("--import").check()
    assert not run.warnings
    run = strict_godot.run("--editor", "--quit-after", "60", extra_environment=own_programs()).check()
    assert not run.warnings
    # An import leaves alone what no scene needs.
    run = strict_godot.run_scenario(SCENARIOS / "load_all.gd").check()
    assert not run.warnings
    assert int(run.value("loaded")) == len(list((project / "addons/anime_character").rglob("*.gd")))


def test_the_strict_settings_do_notice_a_warning(godot: Godot, tmp_path: Path) -> None:
    own = copy_project(godot, tmp_path)
    settings = own.project / "project.godot"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("untyped_declaration=1", "untyped_declaration=2"), encoding="utf-8")
    check = ("--check-only", "--script", "res://addons/anime_character/settings.gd")
    assert not own.run(*check).check().warnings
    script = own.project / "addons/anime_character/settings.gd"
    script.write_text(script.read_text(encoding="utf-8") + "\n\nvar untyped = 1\n", encoding="utf-8")
    assert own.run(*check).errors


def test_its_own_tests_pass(godot: Godot) -> None:
    run = godot.run("--script", "res://tests/run_tests.gd")
    assert run.code == 0, run.output
    assert ", 0 failed" in run.output


def test_the_demos_menu_opens_without_arguments(godot: Godot) -> None:
    given = own_programs() | {"ANIME_CHARACTER_ADDRESS": free_address()}
    assert not godot.run("--quit-after", "20", extra_environment=given).check().warnings


def test_the_editor_opens_the_demos(editor: Editor, tmp_path: Path) -> None:
    assert editor.play("menu", "res://demo/menu.tscn", tmp_path).value("open") == "Menu"
