"""Takes the pictures of ``docs/demos``: ``python3 tools/demo_screenshots.py``.

The demos and the tutorial's steps in the editor, as a real Godot shows them on a screen in memory, moved by the
engine inside Godot. Run it after a change of what they look like, and look at the pictures before they are committed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment(draws=True)

from PIL import Image

from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tools.binaries.addon import require_host_extension
from tools.environment.bootstrap import ROOT
from tools.environment.godot import require_godot, require_screen, run_godot, virtual_display
from tools.output.picture_files import check_place, write_bytes
from tools.package_addon import ADDON, PROJECT

DEFAULT_OUTPUT = ROOT / "docs" / "demos"
CHARACTER = PROJECT / "demo" / "characters" / "yunagi.tha4"
TUTORIAL_PLUGIN = PROJECT / "tests" / "tutorial_editor"
#: The widest that a picture in the documentation is, in pixels, and how well it is kept.
WIDTH = 960
QUALITY = 82
_TIMEOUT_S = 600.0
# An editor that quits may remark that something of its own was not freed.
_ERROR = re.compile(r"^.*(?:SCRIPT ERROR|ERROR:)(?!.*at exit).*$", re.MULTILINE)

#: What the tutorial makes: a project whose only scene has a character, its helpers, and an animation of one parameter.
_TUTORIAL_PROJECT = """config_version=5

[application]

config/name="My game"
run/main_scene="res://room.tscn"

[display]

window/size/viewport_width=800
window/size/viewport_height=600

[editor_plugins]

enabled=PackedStringArray("res://addons/anime_character/plugin.cfg", "res://addons/tutorial_editor/plugin.cfg")

[rendering]

renderer/rendering_method="gl_compatibility"
environment/defaults/default_clear_color=Color(0.36, 0.32, 0.5, 1)
"""
TUTORIAL_SCENE = """[gd_scene format=3]

[ext_resource type="Script" path="res://addons/anime_character/animated_anime_character.gd" id="node"]
[ext_resource type="Script" path="res://addons/anime_character/life/anime_blink.gd" id="blink"]
[ext_resource type="Script" path="res://addons/anime_character/life/anime_breath.gd" id="breath"]
[ext_resource type="Script" path="res://addons/anime_character/life/anime_lip_sync.gd" id="lip_sync"]
[ext_resource type="Resource" path="res://hero.tha4" id="hero"]

[sub_resource type="Animation" id="nod"]
resource_name = "nod"
length = 1.2
tracks/0/type = "value"
tracks/0/imported = false
tracks/0/enabled = true
tracks/0/path = NodePath("Hero:head_x")
tracks/0/interp = 2
tracks/0/loop_wrap = true
tracks/0/keys = {
"times": PackedFloat32Array(0, 0.35, 0.7, 1.1),
"transitions": PackedFloat32Array(1, 1, 1, 1),
"update": 0,
"values": [0.0, -0.8, 0.15, 0.0]
}

[sub_resource type="AnimationLibrary" id="library"]
_data = {
&"nod": SubResource("nod")
}

[node name="Room" type="Node2D"]

[node name="Hero" type="Node2D" parent="."]
position = Vector2(400, 300)
script = ExtResource("node")
character = ExtResource("hero")
expression = &"joy"

[node name="Blink" type="Node" parent="Hero"]
script = ExtResource("blink")

[node name="Breath" type="Node" parent="Hero"]
script = ExtResource("breath")

[node name="LipSync" type="Node" parent="Hero"]
script = ExtResource("lip_sync")

[node name="Animation" type="AnimationPlayer" parent="."]
libraries = {
&"": SubResource("library")
}
"""


class ScreenshotError(UserError):
    """Godot could not be run, or complained while it was."""


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="demo_screenshots.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=DEFAULT_OUTPUT, metavar="FOLDER", help="for the pictures")
    options = parser.parse_args(arguments)
    try:
        for path in take_screenshots(options.output):
            print(path)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def take_screenshots(folder: Path) -> list[Path]:
    """Take all pictures and write them as WebP into ``folder``; their paths. Raises UserError."""
    check_place(folder / "any.webp")
    if not CHARACTER.is_file():
        raise ScreenshotError(f"{CHARACTER} is missing; the demos show it.")
    require_screen()
    godot = require_godot()
    require_host_extension()
    with tempfile.TemporaryDirectory() as temporary:
        raw = Path(temporary) / "pictures"
        raw.mkdir()
        environment = _environment(Path(temporary), raw)
        _take_of_demos(godot, environment, raw)
        _take_of_editor(godot, environment, Path(temporary) / "game")
        return [_keep(picture, folder) for picture in sorted(raw.glob("*.png"))]


def _environment(folder: Path, output: Path) -> dict[str, str]:
    """Variables for Godot: its own user folders, so that what a person has set does not show."""
    own = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "CACHE")}
    return os.environ | own | {"ANIME_CHARACTER_ENGINE": "cpu", "TUTORIAL_OUTPUT": str(output)}


def _take_of_demos(godot: Path, environment: dict[str, str], output: Path) -> None:
    _run([godot, "--headless", "--path", PROJECT, "--import"], environment)
    script = ["--script", "res://tests/take_screenshots.gd", "--", f"--output={output}"]
    with _screen("1280x720", environment) as drawing:
        _run([godot, *drawing, "--path", PROJECT, *script], environment)


def _take_of_editor(godot: Path, environment: dict[str, str], game: Path) -> None:
    """Make the tutorial's project, and take the pictures of the editor that has it open."""
    shutil.copytree(ADDON, game / "addons" / ADDON.name)
    shutil.copytree(TUTORIAL_PLUGIN, game / "addons" / TUTORIAL_PLUGIN.name)
    shutil.copyfile(CHARACTER, game / "hero.tha4")
    (game / "project.godot").write_text(_TUTORIAL_PROJECT, encoding="utf-8")
    (game / "room.tscn").write_text(TUTORIAL_SCENE, encoding="utf-8")
    _run([godot, "--headless", "--path", game, "--import"], environment)
    with _screen("1440x900", environment) as drawing:
        _run([godot, "--editor", *drawing, "--path", game, "res://room.tscn"], environment)


@contextlib.contextmanager
def _screen(size: str, environment: dict[str, str]) -> Iterator[list[str]]:
    """A screen in memory; the options that make Godot fill it. ``environment`` names it meanwhile."""
    with virtual_display(f"{size}x24") as display:
        environment["DISPLAY"] = display
        yield ["--rendering-driver", "opengl3", "--windowed", "--resolution", size, "--position", "0,0"]


def _run(command: Sequence[str | Path], environment: dict[str, str]) -> None:
    """Run Godot to its end. Raises ScreenshotError when it complains: exit codes do not tell."""
    try:
        done = run_godot([command[0], "--audio-driver", "Dummy", *command[1:]], environment, _TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ScreenshotError(f"Godot could not be run: {error}.") from error
    errors = _ERROR.findall(done.stdout)
    if errors or done.returncode:
        raise ScreenshotError(f"Godot ended with {done.returncode}: {errors[0] if errors else 'it gave no reason.'}")


def _keep(picture: Path, folder: Path) -> Path:
    """Write one picture as a small WebP; where it is."""
    target = folder / f"{picture.stem}.webp"
    image = Image.open(picture).convert("RGB")
    height = round(image.height * WIDTH / image.width)
    smaller = image.resize((WIDTH, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    smaller.save(buffer, format="WEBP", quality=QUALITY, method=6)
    write_bytes(target, buffer.getvalue())
    return target


if __name__ == "__main__":
    sys.exit(main())
