"""What a character costs in a running Godot, for tools/bench.py."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tha4_core.errors import UserError
from tools.bootstrap import ROOT
from tools.bridge_process import hosting, running_bridge
from tools.godot import has_display, virtual_display

_TIMEOUT_S = 600


def measure_in_godot(godot: Path, character: Path, frames: int) -> list[tuple[str, list[float]]]:
    """Run ``godot_addon/tests/bench.gd`` on a display against a bridge of its own.

    Rows of a name and seconds of each frame. Raises UserError when there is no display, or Godot fails.
    """
    # A copy: the engine writes its cache into the project.
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(ROOT / "godot_addon", project, ignore=shutil.ignore_patterns(".godot"))
        environment = dict(os.environ)
        for kind in ("CONFIG", "DATA", "CACHE"):
            environment[f"XDG_{kind}_HOME"] = str(Path(folder) / kind.lower())
        base = [str(godot), "--audio-driver", "Dummy", "--path", str(project)]
        subprocess.run([*base, "--headless", "--import"], capture_output=True, env=environment, check=False)
        with running_bridge(*hosting(character)) as bridge:
            options = [f"--character={character}", f"--address={bridge.address}", f"--frames={frames}"]
            command = [*base, "--rendering-driver", "opengl3", "--script", "res://tests/bench.gd", "--", *options]
            if has_display():
                return _rows(command, environment)
            with virtual_display() as display:
                return _rows(command, environment | {"DISPLAY": display})


def _rows(command: list[str], environment: dict[str, str]) -> list[tuple[str, list[float]]]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise UserError(f"Godot did not finish its measurement within {_TIMEOUT_S} s.") from None
    if done.returncode:
        raise UserError(f"Godot failed at its measurement: {done.stderr.strip().splitlines()[-1:]}")
    rows = [json.loads(line.removeprefix("row=")) for line in done.stdout.splitlines() if line.startswith("row=")]
    return [(row["name"], [value / 1000.0 for value in row["milliseconds"]]) for row in rows]
