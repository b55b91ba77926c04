"""Shows a character alive: ``python3 tools/play.py``, or ``--character PATH`` for another than the project's own.

Opens the addon's demos in Godot when there is a display: the gallery with the character that is given, else their
menu. The engine inside Godot plays, built for this machine on the way; where there is no compiler for it, and for a
character's directory, a bridge is started. Without a display an animated preview is rendered instead. On a fresh
machine it makes what it needs first.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
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
PREVIEW_FRAMES = 48
PREVIEW_FRAMES_PER_SECOND = 12


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="play.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--character",
        metavar="CHARACTER",
        help="a .tha4 file, a character directory, or a name of ours, yunagi or kohaku; default: yunagi",
    )
    parser.add_argument("--preview", type=Path, metavar="FILE", help="write an animated WebP there; open no window")
    options = parser.parse_args(arguments)
    try:
        character = character_path(options.character or DEFAULT).absolute()
        if options.preview is not None:
            check_output(options.preview, animated=True)
        godot = ensure_godot() if options.preview is None and has_display() else None
        given = options.character and character
        if godot and character.is_file() and character.suffix == ".tha4" and _has_extension():
            load_character(character)  # what is wrong with it is said here, not in a window
            return _open_demos(godot, given)
        with running_bridge(*hosting(character)) as bridge:
            print(f"bridge at {bridge.address}, engine {bridge.engine}")
            if godot:
                return _open_demos(godot, given, f"--address={bridge.address}")
            return _write_preview(bridge, character, options.preview or DEFAULT_PREVIEW)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _has_extension() -> bool:
    """Whether Godot's own engine for the processor is there, built now if need be."""
    try:
        return ensure_host_extension()
    except UserError as error:
        print(f"{str(error).removesuffix('.')}; a bridge plays instead.", file=sys.stderr)
        return False


def _open_demos(godot: Path, character: Path | None, *bridge: str) -> int:
    """Run the gallery with a character, or the demos' menu, until the window is closed; Godot's exit status.

    bridge: the argument that says where one is; without, the engine inside the game plays.
    """
    project = ["--path", str(PROJECT)]
    subprocess.run([godot, "--headless", *project, "--import"], capture_output=True, check=False)
    print("opening the demos in Godot; close the window to end")
    scene, given = ([GALLERY], [f"--character={character}"]) if character else ([], [])
    return subprocess.call([godot, *project, *scene, "--", *given, *bridge])


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
