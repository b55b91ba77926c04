"""The real editor, run from Python: one for all tests of a session, in which probes work as parts of a plugin."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.godot.engine import Godot, Run, RunningGodot, copy_project
from tha4_core.built_in import built_in_path
from tools.environment.godot import STARTS, aborted_at_start, virtual_display

#: Which of our own characters ``res://hero.tha4`` and ``res://dragged.tha4`` are.
HERO, OTHER = "yunagi", "kohaku"
PROBES = Path(__file__).resolve().parent / "editor_probes"
SCENE = """[gd_scene format=3]

[ext_resource type="Script" path="res://addons/anime_character/animated_anime_character.gd" id="1"]
[ext_resource type="Resource" path="res://hero.tha4" id="hero"]

[node name="Hero" type="Node2D"]
offset = Vector2(300, 300)
script = ExtResource("1")
character = ExtResource("hero")
bridge_address = "{address}"
"""
_PLUGIN = """[plugin]

name="Probe"
description="What tests do in the editor."
author="The anime-character authors"
version="1"
script="host.gd"
"""
_ADDON = '"res://addons/anime_character/plugin.cfg"'


class Editor:
    """An editor with a window, in a project of its own, since it writes into it, with the characters :data:`HERO` and
    :data:`OTHER`. It starts when the first probe is to be played, and again after one that ended it.
    """

    def __init__(self, godot: Godot, folder: Path) -> None:
        self.project = folder / "project"
        self._godot = copy_project(godot, folder)
        self._asked = folder / "asked.json"
        self._running: RunningGodot | None = None
        self._told = 0
        self._stack = ExitStack()
        for name, file in ((HERO, "hero.tha4"), (OTHER, "dragged.tha4")):
            shutil.copyfile(built_in_path(name), self.project / file)
        plugin = self.project / "addons" / "probe"
        plugin.mkdir()
        for script in PROBES.glob("*.gd"):
            shutil.copyfile(script, plugin / script.name)
        (plugin / "plugin.cfg").write_text(_PLUGIN, encoding="utf-8")
        settings = (self.project / "project.godot").read_text(encoding="utf-8")
        assert _ADDON in settings
        self._settings = settings.replace(_ADDON, f'{_ADDON}, "res://addons/probe/plugin.cfg"')

    def play(
        self,
        probe: str,
        scene: str,
        output: Path,
        options: Mapping[str, str] | None = None,
        environment: Mapping[str, str | None] | None = None,
    ) -> Run:
        """Opens a scene, lets ``editor_probes/<probe>.gd`` play to its end, and makes sure that it did.

        scene: what its file says, or the ``res://`` path of one that the project has.
        The probe sees each option through ``option(name)``, and ``output`` as ``option("output")``. environment:
        variables of the editor, and of what it starts, for as long; None takes one away.
        """
        if self._running is None or self._running.process.poll() is not None:
            self._running, self._told = self._start(), 0
        path = scene
        if not scene.startswith("res://"):
            path = f"res://probe_{probe}.tscn"
            (self.project / f"probe_{probe}.tscn").write_text(scene, encoding="utf-8")
        given = {"output": str(output), "scene": path} | dict(options or {})
        variables = {f"PROBE_{name.upper()}": value for name, value in given.items()} | dict(environment or {})
        self._ask({"probe": probe, "scene": path, "environment": variables})
        self._running.wait_for("probe=ended")
        text = self._running.output
        run = Run(0, text[self._told :], output)
        self._told = len(text)
        return run.check()

    def close(self) -> None:
        """Ends the editor, and makes sure that it ends well."""
        with self._stack:
            if self._running is not None and self._running.process.poll() is None:
                self._ask({})
                run = self._running.wait()
                Run(run.code, run.output[self._told :], run.folder).check()

    def _ask(self, what: Mapping[str, object]) -> None:
        """The editor looks for this file, and takes it away."""
        written = self._asked.with_suffix(".new")
        written.write_text(json.dumps(what), encoding="utf-8")
        written.replace(self._asked)

    def _start(self) -> RunningGodot:
        """An editor that has scanned its project; started again when the engine's own fault ends it at its start."""
        self._stack.close()
        self._asked.unlink(missing_ok=True)
        (self.project / "project.godot").write_text(self._settings, encoding="utf-8")
        display = self._stack.enter_context(virtual_display("1600x1000x24"))
        for _ in range(STARTS):
            environment = {"PROBE_ASKED": str(self._asked)}
            running = self._godot.on(display).start("--editor", extra_environment=environment)
            self._stack.callback(running.stop)
            if running.says("probe=ready") or not aborted_at_start(running.wait().code, running.output):
                break
        return running
