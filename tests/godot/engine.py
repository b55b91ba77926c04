"""A real Godot, run from Python: finding it, a display for it, a project of its own, one scenario at a time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.environment.godot import STARTS, aborted_at_start

ADDON_PROJECT = ROOT / "godot_addon"
SCENARIOS = Path(__file__).resolve().parent / "scenarios"

#: After so many seconds a run counts as hung. A machine that is busy with other work may take minutes for one.
PATIENCE_S = 600.0

#: What Godot writes when something is wrong. Exit codes do not tell.
_ERROR = re.compile(r"^.*(?:SCRIPT ERROR|ERROR:|Parse Error).*$", re.MULTILINE)
_WARNING = re.compile(r"^.*WARNING:.*$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One run of Godot that has ended.

    output: stdout and stderr together. folder: where the scenario wrote its files.
    """

    code: int
    output: str
    folder: Path

    @property
    def errors(self) -> list[str]:
        return _ERROR.findall(self.output)

    @property
    def warnings(self) -> list[str]:
        return _WARNING.findall(self.output)

    def check(self) -> Run:
        """This run, after making sure that it ended well and without errors."""
        assert not self.errors, self.output
        assert self.code == 0, f"Godot ended with {self.code}\n{self.output}"
        return self

    def value(self, name: str) -> str:
        """What the scenario printed as ``name=value``; the last time, if several."""
        found = re.findall(rf"^{re.escape(name)}=(.*)$", self.output, re.MULTILINE)
        assert found, f"the scenario printed no {name}=...\n{self.output}"
        return str(found[-1])

    def values(self, name: str) -> list[str]:
        """Everything printed as ``name=value``, in order."""
        return re.findall(rf"^{re.escape(name)}=(.*)$", self.output, re.MULTILINE)


@dataclass
class Godot:
    """The engine with an imported copy of ``godot_addon``; every run has its own user folders."""

    program: Path
    project: Path
    folder: Path
    display: str | None = None
    drawing: tuple[str, ...] = ("--rendering-driver", "opengl3")

    def on(self, display: str, *drawing: str) -> Godot:
        """The same engine, drawing on a display instead of running headless. drawing: arguments that say with what;
        OpenGL without any."""
        return Godot(self.program, self.project, self.folder, display, drawing or self.drawing)

    def environment(self, folder: Path) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANIME_CHARACTER_")}
        for name in ("CONFIG", "DATA", "CACHE"):
            environment[f"XDG_{name}_HOME"] = str(folder / name.lower())
        if self.display:
            environment["DISPLAY"] = self.display
        return environment

    def command(self, *arguments: str) -> list[str]:
        if self.display:
            display = [*self.drawing, "--windowed", "--resolution", "1280x720", "--position", "0,0"]
        else:
            display = ["--headless"]
        return [str(self.program), "--audio-driver", "Dummy", *display, "--path", str(self.project), *arguments]

    def start(
        self, *arguments: str, folder: Path | None = None, extra_environment: dict[str, str] | None = None
    ) -> RunningGodot:
        """Starts Godot and returns at once. folder: a fresh one for this run."""
        folder = folder or self.new_folder()
        process = subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=self.environment(folder) | (extra_environment or {}),
        )
        return RunningGodot(process, folder / "output")

    def new_folder(self) -> Path:
        """A folder for one run, with the folder ``output`` in it."""
        folder = Path(tempfile.mkdtemp(prefix="run", dir=self.folder))
        (folder / "output").mkdir()
        return folder

    def run(
        self, *arguments: str, timeout_s: float = PATIENCE_S, extra_environment: dict[str, str] | None = None
    ) -> Run:
        """Runs Godot to its end, an editor that the engine's own fault ends at its start once more."""
        for _ in range(STARTS):
            run = self.start(*arguments, extra_environment=extra_environment).wait(timeout_s)
            if not aborted_at_start(run.code, run.output):
                break
        return run

    def start_scenario(
        self,
        scenario: Path,
        options: dict[str, str] | None = None,
        extra_environment: dict[str, str] | None = None,
    ) -> RunningGodot:
        """Starts a GDScript that extends ``Scenario`` (scenarios/scenario.gd) in the project.

        It sees each option through ``option(name)``, and writes its files where ``output_file(name)`` says.
        """
        for source in (scenario, SCENARIOS / "scenario.gd"):
            target = self.project / "scenarios" / source.name
            target.parent.mkdir(exist_ok=True)
            # Not while another run may be reading it.
            if not target.is_file() or target.read_bytes() != source.read_bytes():
                shutil.copyfile(source, target)
        folder = self.new_folder()
        user = [f"--{name}={value}" for name, value in ({"output": str(folder / "output")} | (options or {})).items()]
        return self.start(
            "--script",
            f"res://scenarios/{scenario.name}",
            "--",
            *user,
            folder=folder,
            extra_environment=extra_environment,
        )

    def run_scenario(
        self,
        scenario: Path,
        options: dict[str, str] | None = None,
        timeout_s: float = PATIENCE_S,
        extra_environment: dict[str, str] | None = None,
    ) -> Run:
        """Runs a scenario to its end; see :meth:`start_scenario`."""
        return self.start_scenario(scenario, options, extra_environment).wait(timeout_s)


class RunningGodot:
    """A run that has not ended yet. Its output is read on a thread, so that it never fills up and blocks."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self._lines: list[str] = []
        self._read = 0
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self._lines)

    def wait_for(self, text: str, timeout_s: float = PATIENCE_S) -> None:
        """Waits for the next line of output that contains ``text``."""
        if not self.says(text, timeout_s):
            pytest.fail(f"Godot did not say {text!r}:\n{self.output}")

    def says(self, text: str, timeout_s: float = PATIENCE_S) -> bool:
        """Waits for the next line of output that contains ``text``; whether it came before the end."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            while True:
                while self._read < len(self._lines):
                    self._read += 1
                    if text in self._lines[self._read - 1]:
                        return True
                if self._ended or time.monotonic() > deadline:
                    return False
                self._news.wait(0.5)

    def wait(self, timeout_s: float = PATIENCE_S) -> Run:
        """The run, when it has ended."""
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()
            pytest.fail(f"Godot did not end within {timeout_s} s:\n{self.output}")
        self._reader.join(5)
        return Run(self.process.returncode, self.output, self.folder)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _collect(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                with self._news:
                    self._lines.append(line)
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


def fresh_project(program: Path, folder: Path, *plugins: Path) -> Godot:
    """A game developer's project, which holds nothing but the addon and is not imported yet.

    plugins: folders of more plugins to enable.
    """
    project = folder / "project"
    addons = project / "addons"
    shutil.copytree(ADDON_PROJECT / "addons" / "anime_character", addons / "anime_character")
    for plugin in plugins:
        shutil.copytree(plugin, addons / plugin.name)
    enabled = ", ".join(f'"res://addons/{name}/plugin.cfg"' for name in sorted(path.name for path in addons.iterdir()))
    (project / "project.godot").write_text(
        'config_version=5\n\n[application]\n\nconfig/name="A game"\n\n'
        f"[editor_plugins]\n\nenabled=PackedStringArray({enabled})\n\n"
        '[rendering]\n\nrenderer/rendering_method="gl_compatibility"\n',
        encoding="utf-8",
    )
    return Godot(program, project, folder)


def copy_project(godot: Godot, folder: Path) -> Godot:
    """A project of a test's own, with all that the engine has imported already."""
    shutil.copytree(godot.project, folder / "project")
    return Godot(godot.program, folder / "project", folder)


def install_project(program: Path, folder: Path) -> Godot:
    """A copy of the Godot project with everything imported."""
    project = folder / "project"
    shutil.copytree(ADDON_PROJECT, project, ignore=shutil.ignore_patterns(".godot"))
    godot = Godot(program, project, folder)
    run = godot.run("--import")
    assert run.code == 0, run.output
    return godot
