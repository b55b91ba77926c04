"""What a character costs in a running Godot, by what plays it, for tools/bench.py."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tha4_core.errors import UserError
from tools.binaries.addon import ensure_host_extension
from tools.environment.bootstrap import ROOT
from tools.environment.bridge_process import hosting, running_bridge
from tools.environment.godot import has_display, virtual_display

_TIMEOUT_S = 600
OPENGL: Final = ("--rendering-driver", "opengl3", "--rendering-method", "gl_compatibility")
VULKAN: Final = ("--rendering-driver", "vulkan", "--rendering-method", "mobile")


@dataclass(frozen=True)
class Source:
    """What makes a character's pictures. engine: as a node calls it. drawing: with what Godot draws meanwhile."""

    title: str
    engine: str
    drawing: Sequence[str] = OPENGL


SOURCES: Final = (Source("GPU", "gpu", VULKAN), Source("CPU", "cpu"), Source("bridge", "bridge"))


@dataclass(frozen=True)
class Timing:
    """A row: seconds of each repetition. is_rate: how many of them there are in a second is of interest."""

    name: str
    seconds: Sequence[float]
    is_rate: bool = False


@dataclass(frozen=True)
class BenchProject:
    """The Godot project, imported, and a display to run its measuring scripts on."""

    godot: Path
    folder: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        """The engine's command line in this project."""
        return [str(self.godot), "--audio-driver", "Dummy", "--path", str(self.folder), *arguments]

    def script(self, name: str, source: Source, **options: object) -> list[str]:
        """The command line that runs ``godot_addon/tests/<name>.gd`` with a window."""
        given = [f"--{option}={value}" for option, value in ({"engine": source.engine} | options).items()]
        return self.command(*source.drawing, "--script", f"res://tests/{name}.gd", "--", *given)


@contextlib.contextmanager
def bench_project(godot: Path) -> Iterator[BenchProject]:
    """A copy of the project, as the engine writes its cache into it, with the library for this machine where that can
    be built. Raises UserError when there is no display.
    """
    ensure_host_extension()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        shutil.copytree(ROOT / "godot_addon", folder / "project", ignore=shutil.ignore_patterns(".godot"))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANIME_CHARACTER_")}
        for kind in ("CONFIG", "DATA", "CACHE"):
            environment[f"XDG_{kind}_HOME"] = str(folder / kind.lower())
        if not has_display():
            environment["DISPLAY"] = stack.enter_context(virtual_display())
        project = BenchProject(godot, folder / "project", environment)
        imported = project.command("--headless", "--import")
        subprocess.run(imported, capture_output=True, env=environment, check=False)
        yield project


@dataclass(frozen=True)
class Bench:
    """What to measure: a script, and what it is given. paths: files that it reads, and a bridge loads before."""

    script: str
    frames: int
    paths: Mapping[str, Path]


def measure_source(project: BenchProject, source: Source, bench: Bench, notes: list[str]) -> Iterator[Timing]:
    """The rows of one script with one source, as they are measured. notes: what the script remarks is added.

    Raises UserError when Godot fails, or when this machine has no such source.
    """
    options: dict[str, object] = {"frames": bench.frames, **bench.paths}
    with contextlib.ExitStack() as stack:
        if source.engine == "bridge":
            bridge = stack.enter_context(running_bridge(*hosting(bench.paths["character"])))
            options |= {"address": bridge.address, "bridge": bridge.pid}
        yield from _rows(project, project.script(bench.script, source, **options), notes)


def sources_table(measured: Mapping[str, Sequence[Timing]]) -> Iterator[str]:
    """Lines of a Markdown table: a column for each source by its title, a row for each name. In a cell: the median,
    what 95 of 100 stay below, and the longest."""
    names = list(dict.fromkeys(timing.name for timings in measured.values() for timing in timings))
    cells = {title: {timing.name: _cell(timing) for timing in timings} for title, timings in measured.items()}
    yield _line(["median / p95 / longest, in ms", *measured])
    yield _line(["---"] * (len(measured) + 1))
    for name in names:
        yield _line([name, *(cells[title].get(name, "") for title in measured)])


def _cell(timing: Timing) -> str:
    if not timing.seconds:
        return "none"
    times = (statistics.median(timing.seconds), float(np.percentile(timing.seconds, 95)), max(timing.seconds))
    text = " / ".join(f"{1000 * seconds:.2f}" if seconds < 0.1 else f"{1000 * seconds:.0f}" for seconds in times)
    if timing.is_rate:
        text += f" ({len(timing.seconds) / sum(timing.seconds):.1f} a second)"
    return text


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rows(project: BenchProject, command: list[str], notes: list[str]) -> Iterator[Timing]:
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
                    yield Timing(row["name"], [value / 1000.0 for value in row["milliseconds"]], row["rate"])
                elif line.startswith("note="):
                    notes.append(line.removeprefix("note=").strip())
            code = godot.wait()
        finally:
            clock.cancel()
            godot.kill()
        if late.is_set():
            raise UserError(f"Godot did not finish its measurement within {_TIMEOUT_S} s.")
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace").strip()
        if code or "SCRIPT ERROR" in said:
            raise UserError(f"Godot failed at its measurement: {_why(said) or f'it ended with {code}'}")


def _why(said: str) -> str:
    """The first complaint; without one, whatever was said last."""
    lines = said.splitlines()
    complaints = [line for line in lines if line.startswith(("ERROR:", "SCRIPT ERROR:"))]
    return next(iter(complaints or lines[-1:]), "")
