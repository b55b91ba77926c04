"""What a character costs in a running Godot, for tools/bench.py."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tha4_core.errors import UserError
from tools.environment.bootstrap import ROOT
from tools.environment.bridge_process import hosting, running_bridge
from tools.environment.godot import has_display, virtual_display

_TIMEOUT_S = 600


@dataclass(frozen=True)
class BenchProject:
    """The Godot project, imported, and a display to run its measuring scripts on."""

    godot: Path
    folder: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        """The engine's command line in this project."""
        return [str(self.godot), "--audio-driver", "Dummy", "--path", str(self.folder), *arguments]

    def script(self, name: str, **options: object) -> list[str]:
        """The command line that runs ``godot_addon/tests/<name>.gd`` with a window."""
        given = [f"--{option}={value}" for option, value in options.items()]
        return self.command("--rendering-driver", "opengl3", "--script", f"res://tests/{name}.gd", "--", *given)


@contextlib.contextmanager
def bench_project(godot: Path) -> Iterator[BenchProject]:
    """A copy of the project, as the engine writes its cache into it. Raises UserError when there is no display."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        shutil.copytree(ROOT / "godot_addon", folder / "project", ignore=shutil.ignore_patterns(".godot"))
        environment = dict(os.environ)
        for kind in ("CONFIG", "DATA", "CACHE"):
            environment[f"XDG_{kind}_HOME"] = str(folder / kind.lower())
        if not has_display():
            environment["DISPLAY"] = stack.enter_context(virtual_display())
        project = BenchProject(godot, folder / "project", environment)
        imported = project.command("--headless", "--import")
        subprocess.run(imported, capture_output=True, env=environment, check=False)
        yield project


def measure_in_godot(project: BenchProject, character: Path, frames: int) -> Iterator[tuple[str, list[float]]]:
    """How long a picture takes: rows of a name and seconds of each, as they are measured.

    Raises UserError when Godot fails.
    """
    with running_bridge(*hosting(character)) as bridge:
        yield from _rows(project, project.script("bench", character=character, address=bridge.address, frames=frames))


def measure_main_thread(project: BenchProject, character: Path, frames: int) -> Iterator[tuple[str, list[float]]]:
    """What a character costs the game's main thread: rows of a name and seconds of each frame. ``frames``: with a new
    picture, a row. Raises UserError when Godot fails.
    """
    with running_bridge() as bridge:
        options = {"character": character, "address": bridge.address, "bridge": bridge.pid, "frames": frames}
        yield from _rows(project, project.script("bench_main_thread", **options))


def _rows(project: BenchProject, command: list[str]) -> Iterator[tuple[str, list[float]]]:
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=complaints,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            env=project.environment,
        ) as godot,
    ):
        assert godot.stdout is not None
        late = threading.Event()

        def end() -> None:
            late.set()
            godot.kill()

        clock = threading.Timer(_TIMEOUT_S, end)
        clock.start()
        try:
            for line in godot.stdout:
                if line.startswith("row="):
                    row = json.loads(line.removeprefix("row="))
                    yield row["name"], [value / 1000.0 for value in row["milliseconds"]]
            code = godot.wait()
        finally:
            clock.cancel()
            godot.kill()
        if late.is_set():
            raise UserError(f"Godot did not finish its measurement within {_TIMEOUT_S} s.")
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace").strip()
        if code or "SCRIPT ERROR" in said:
            raise UserError(f"Godot failed at its measurement: {said.splitlines()[-1:] or f'it ended with {code}'}")
