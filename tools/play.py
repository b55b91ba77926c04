"""Shows a character alive: ``python3 tools/play.py``, or ``--character PATH`` for another than the project's own.

Opens the addon's demos in Godot when there is a display: the gallery with the character that is given, else their menu.
The character is played inside Godot; by a bridge with ``--engine bridge``, where the addon's library cannot be built,
and where the character is a directory. Without a display a bridge renders an animated preview instead, and it says
where that is. On a fresh machine it makes what it needs first.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment, has_native_engine

    enter_environment(draws=True)
    if not has_native_engine() or (
        any(Path(argument).is_dir() or argument.endswith((".yaml", ".yml")) for argument in sys.argv[1:])
    ):
        # The slower engine, and the official form of a character, need it.
        enter_environment("torch")

from PIL import Image

from bridge.client import BridgeClient
from tha4_core.built_in import DEFAULT, character_path
from tha4_core.character import load_character
from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tools.binaries.addon import ensure_host_extension
from tools.environment.bootstrap import ROOT
from tools.environment.bridge_process import RunningBridge, hosting, running_bridge
from tools.environment.godot import ensure_godot, has_display
from tools.output.picture_files import check_output, write_animation
from tools.poses.preview_motion import preview_poses

PROJECT = ROOT / "godot_addon"
GALLERY = "res://demo/gallery/gallery.tscn"
DEFAULT_PREVIEW = ROOT / "output" / "preview.webp"
#: Godot's options for an engine: the project's own renderer, Compatibility, computes nothing on the graphics card.
RENDERER = {"gpu": ("--rendering-method", "forward_plus")}
PREVIEW_FRAMES = 48
PREVIEW_FRAMES_PER_SECOND = 12


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="play.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--character",
        metavar="CHARACTER",
        help="a .tha4 file, a character directory, or a name of ours, as yunagi or kohaku_light; default: yunagi",
    )
    parser.add_argument(
        "--engine",
        choices=("auto", "gpu", "cpu", "bridge"),
        default="auto",
        help="what plays it in the demos: the graphics card, the processor, or a bridge; default: what there is",
    )
    parser.add_argument("--preview", type=Path, metavar="FILE", help="write an animated WebP there; open no window")
    options = parser.parse_args(arguments)
    try:
        character = character_path(options.character or DEFAULT).absolute()
        if options.preview is not None:
            check_output(options.preview, animated=True)
        godot = ensure_godot() if options.preview is None and has_display() else None
        if godot and _plays_inside(options.engine, character):
            load_character(character)  # what is wrong with it is said here, not in a window
            return _open_demos(
                godot, options.character and character, [f"--engine={options.engine}"], RENDERER.get(options.engine, ())
            )
        with running_bridge(*hosting(character)) as bridge:
            print(f"bridge at {bridge.address}, engine {bridge.engine}")
            if godot:
                return _open_demos(godot, options.character and character, [f"--address={bridge.address}"])
            return _write_preview(bridge, character, options.preview or DEFAULT_PREVIEW)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _plays_inside(engine: str, character: Path) -> bool:
    """Whether the demos can do without a bridge; builds the addon's library for it, and says why a bridge plays."""
    if engine == "bridge" or not character.exists():
        return False
    if character.is_dir() or character.suffix in (".yaml", ".yml"):
        print("a bridge plays the character, as it is a directory; tools/convert.py makes a .tha4 file of it")
        return False
    why = "there is no C++ compiler"
    try:
        if ensure_host_extension():
            return True
    except UserError as error:
        why = str(error).removesuffix(".")
    if engine == "gpu":
        return True
    print(f"a bridge plays the character, as the addon's library was not built: {why}", file=sys.stderr)
    return False


def _open_demos(godot: Path, character: Path | None, told: Sequence[str], renderer: Sequence[str] = ()) -> int:
    """Run the gallery with a character, or the demos' menu, until the window is closed; Godot's exit status.

    told: what plays it, as options of the demos. renderer: options of Godot.
    """
    project = ["--path", str(PROJECT), *renderer]
    subprocess.run([godot, "--headless", *project, "--import"], capture_output=True, check=False)
    print("opening the demos in Godot; close the window to end")
    scene, given = ([GALLERY], [f"--character={character}"]) if character else ([], [])
    return subprocess.call([godot, *project, *scene, "--", *given, *told])


def _write_preview(bridge: RunningBridge, character: Path, path: Path) -> int:
    """Render a loop through the bridge, as a game would, into an animated WebP."""
    frames: list[Image.Image] = []
    poses = preview_poses(PREVIEW_FRAMES)
    with BridgeClient(bridge.address, timeout=60.0) as client:
        hosted = client.load(character)
        for number, pose in enumerate(poses, 1):
            frames.append(Image.fromarray(client.render(hosted, pose)))
            if sys.stdout.isatty():
                print(f"\rframe {number} of {PREVIEW_FRAMES}", end="\n" if number == len(poses) else "", flush=True)
    write_animation(path, frames, PREVIEW_FRAMES_PER_SECOND)
    print(f"no window was opened; the animated preview is {path} (any web browser shows it)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
