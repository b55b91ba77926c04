"""Pictures of the addon in Godot's editor: ``python3 tools/editor_screenshots.py CHARACTER.tha4 [--to FOLDER]``.

Runs the real editor on a screen in memory, where the character moves without a bridge, and writes five WebP files:
the whole window, the inspector of a node and of its character, the bottom panel, and the setup page.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment(draws=True)

from PIL import Image

from tha4_core.character import load_character
from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tools.binaries.addon import require_host_extension
from tools.environment.bootstrap import ROOT
from tools.environment.godot import require_godot, require_screen, run_godot, virtual_display
from tools.output.picture_files import check_output, write_picture

PROJECT: Final = ROOT / "godot_addon"
PLUGIN: Final = ROOT / "tools" / "output" / "editor_screenshots.gd"
DEFAULT_FOLDER: Final = ROOT / "docs" / "editor"
SIZE: Final = (1600, 1000)
_TIMEOUT_S: Final = 600.0

_ADDON: Final = '"res://addons/anime_character/plugin.cfg"'
_CONFIGURATION: Final = """[plugin]

name="Screenshots"
description="Poses for pictures."
author="The anime-character authors"
version="1"
script="plugin.gd"
"""
_SCENE: Final = """[gd_scene format=3]

[ext_resource type="Script" path="res://addons/anime_character/animated_anime_character.gd" id="1"]
[ext_resource type="Resource" path="{character}" id="character"]

[node name="{name}" type="Node2D"]
script = ExtResource("1")
character = ExtResource("character")
offset = Vector2(400, 250)
"""


class EditorFailed(UserError):  # noqa: N818 - it names what happened
    """The editor did not run, or did not get as far as the pictures."""


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="editor_screenshots.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("character", type=Path, metavar="CHARACTER", help="a .tha4 file")
    parser.add_argument("--to", type=Path, default=DEFAULT_FOLDER, metavar="FOLDER", help="default %(default)s")
    options = parser.parse_args(arguments)
    try:
        check_output(options.to / "window.webp")
        pictures = take_screenshots(options.character.absolute())
        for name, picture in pictures.items():
            write_picture(options.to / f"{name}.webp", picture)
            print(options.to / f"{name}.webp")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def take_screenshots(character: Path) -> Mapping[str, Image.Image]:
    """The pictures by name, RGB: window, inspector, character, panel, setup. Raises UserError."""
    if character.suffix != ".tha4" or not character.is_file():
        raise UserError(f"{character} is no .tha4 file; tools/convert.py makes one of a character directory.")
    load_character(character)  # the editor would only say that it has no picture
    require_screen()
    godot = require_godot()
    require_host_extension()
    with tempfile.TemporaryDirectory(prefix="game_") as name:
        folder = Path(name)
        project = _make_project(folder, character)
        with virtual_display(f"{SIZE[0]}x{SIZE[1]}x24") as display:
            environment = _environment(folder) | {"DISPLAY": display, "SCREENSHOTS": str(folder)}
            command = [str(godot), "--audio-driver", "Dummy", "--path", str(project)]
            _run([*command, "--headless", "--import"], environment)
            _add_plugin(project)
            width, height = SIZE
            size = ["--windowed", "--resolution", f"{width}x{height}", "--position", "0,0"]
            output = _run([*command, "--rendering-driver", "opengl3", *size, "--editor", "hero.tscn"], environment)
        window = _read(folder / "window.png")
        return {
            "window": window,
            "inspector": window.crop(_box("inspector", output)),
            "character": _read(folder / "character.png").crop(_box("inspector", output)),
            "panel": window.crop(_box("panel", output)),
            "setup": _read(folder / "setup.png"),
        }


def _make_project(folder: Path, character: Path) -> Path:
    """A game of its own with the addon, the character, and the running Python's environment as its own."""
    project = folder / "game"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(".godot", "tests"))
    (project / "characters").mkdir()
    shutil.copyfile(character, project / "characters" / character.name)
    scene = _SCENE.format(name=character.stem.capitalize(), character=f"res://characters/{character.name}")
    (project / "hero.tscn").write_text(scene, encoding="utf-8")
    (project / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    return project


def _add_plugin(project: Path) -> None:
    """Has the editor's next run take the pictures."""
    plugin = project / "addons" / "screenshots"
    plugin.mkdir()
    shutil.copyfile(PLUGIN, plugin / "plugin.gd")
    (plugin / "plugin.cfg").write_text(_CONFIGURATION, encoding="utf-8")
    settings = project / "project.godot"
    text = settings.read_text(encoding="utf-8").replace(_ADDON, f'{_ADDON}, "res://addons/screenshots/plugin.cfg"')
    settings.write_text(text, encoding="utf-8")


def _environment(folder: Path) -> dict[str, str]:
    own = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "CACHE")}
    return dict(os.environ) | own | {"PATH": "/usr/local/bin:/usr/bin:/bin", "ANIME_CHARACTER_ENGINE": "cpu"}


def _run(command: list[str], environment: dict[str, str]) -> str:
    """What a program prints. Raises EditorFailed."""
    try:
        done = run_godot(command, environment, _TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise EditorFailed(
            f"the editor did not end within {_TIMEOUT_S:.0f} s; run tools/run_tests.py tests/godot to see why."
        ) from None
    errors = re.findall(r"^.*ERROR:.*$", done.stdout, re.MULTILINE)
    if done.returncode or errors:
        last = done.stdout.strip().rpartition("\n")[2]
        reason = errors[0].strip() if errors else f"it ended with code {done.returncode} ({last})"
        raise EditorFailed(f"the editor did not get as far as the pictures: {reason}.")
    return done.stdout


def _read(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        converted: Image.Image = picture.convert("RGB")
        return converted


def _box(name: str, output: str) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a part of the window, as the plugin printed it."""
    found = re.search(rf"^{name}=(\d+),(\d+),(\d+),(\d+)$", output, re.MULTILINE)
    if found is None:
        raise EditorFailed(
            f"the editor did not say where its {name} is; run tools/run_tests.py tests/godot to see why."
        )
    left, top, right, bottom = (int(number) for number in found.groups())
    return left, top, right, bottom


if __name__ == "__main__":
    sys.exit(main())
