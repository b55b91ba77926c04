"""Tries of the engine inside Godot: ``godot_addon/tests/fuzz_engine.gd``, in processes that may crash alone.

Two kinds: the extension as it is built for this machine, and one with the compiler's checkers of memory and undefined
behaviour.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tha4_core.built_in import DEFAULT, character_path
from tha4_core.errors import UserError
from tools.binaries.addon import ADDON, BIN, require_host_extension
from tools.binaries.building import Line, build
from tools.binaries.compilers import system_compiler, with_checks
from tools.binaries.sources import GODOT_EXTENSION
from tools.binaries.targets import host_target
from tools.environment.godot import require_godot
from tools.fuzzing.trial import Tally

#: What ``tools/fuzz.py`` calls the two kinds.
PLAIN: Final = "game"
SANITIZED: Final = "game-sanitized"
#: Of one process.
_TRIES: Final = 100
_PATIENCE_S: Final = 600.0
_CHECKS: Final = "address,undefined"
# Godot opens libraries with a flag that the checker of memory refuses; this takes it away.
_WITHOUT_DEEP_BINDING: Final = """
#define _GNU_SOURCE
#include <dlfcn.h>
void* dlopen(const char* name, int flags) {
    void* (*next)(const char*, int) = (void* (*)(const char*, int))dlsym(RTLD_NEXT, "dlopen");
    return next(name, flags & ~RTLD_DEEPBIND);
}
"""


class GameTrial:
    """A copy of the Godot project, imported, in which tries are made. Raises UserError where that cannot be had."""

    def __init__(self, kind: str, folder: Path, imported: Path | None = None) -> None:
        """kind: ``PLAIN`` or ``SANITIZED``. folder: an empty one. imported: the project, where the engine has imported
        it already."""
        self._kind = kind
        self._godot = require_godot()
        self._project = folder / "project"
        self._environment = os.environ | {
            f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "CACHE")
        }
        require_host_extension()
        if imported:
            shutil.copytree(imported, self._project)
        else:
            shutil.copytree(ADDON.parents[1], self._project, ignore=shutil.ignore_patterns(".godot"))
            self._run("--import")
        if kind == SANITIZED:
            self._sanitize(folder)

    def tries(self, seed: int, first: int, count: int) -> Tally:
        """Make so many tries of a seed, from number ``first`` on."""
        arguments = [f"--seed={seed}", f"--first={first}", f"--count={count}"]
        started = time.monotonic()
        done = self._run(
            "--script", "res://tests/fuzz_engine.gd", "--", *arguments, f"--character={character_path(DEFAULT)}"
        )
        tally = Tally(self._kind, seconds=time.monotonic() - started)
        numbers = [int(number) for number in re.findall(r"^try=(\d+)$", done.stdout, re.MULTILINE)]
        tally.tries = len(numbers)
        for number, what in re.findall(r"^fault=(\d+): (.*)$", done.stdout, re.MULTILINE):
            tally.faults.setdefault(what, int(number))
        counts = dict(re.findall(r"^(taken|refused)=(\d+)$", done.stdout, re.MULTILINE))
        tally.taken, tally.refused = int(counts.get("taken", 0)), int(counts.get("refused", 0))
        if done.returncode or len(counts) < 2:
            report = re.search(r"^(SUMMARY: .*|.*runtime error: .*|SCRIPT ERROR: .*)$", done.stdout, re.MULTILINE)
            what = report[1] if report else f"Godot ended with {done.returncode}"
            tally.faults.setdefault(what, numbers[-1] if numbers else first)
        return tally

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command: list[str | Path] = [self._godot, "--headless", "--audio-driver", "Dummy"]
        command += ["--path", self._project, *arguments]
        try:
            return subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                env=self._environment,
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            # Bytes, whatever the encoding.
            return subprocess.CompletedProcess(command, -1, bytes(error.stdout or b"").decode("utf-8", "replace"))

    def _sanitize(self, folder: Path) -> None:
        """Put an extension with the checkers in the place of the other, and see that Godot can load it."""
        target = host_target()
        compiler = system_compiler(target) if target else None
        if target is None or compiler is None or target.system != "linux":
            raise UserError("the checkers of memory need Linux and a C++ compiler (Debian: apt install g++).")
        checked = with_checks(compiler, _CHECKS)
        line = Line("the extension with checkers of memory")
        build(GODOT_EXTENSION, checked, self._project / BIN.relative_to(ADDON.parents[1]) / target.extension, line)
        line.end()
        (folder / "dlopen.c").write_text(_WITHOUT_DEEP_BINDING)
        checked.run(
            ["-x", "c", "-shared", "-fPIC", str(folder / "dlopen.c"), "-o", str(folder / "dlopen.so")], "dlopen"
        )
        runtime = subprocess.run(
            [*compiler.command, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
        )
        # What stays allocated when Godot ends is Godot's.
        self._environment |= {
            "LD_PRELOAD": f"{folder / 'dlopen.so'} {runtime.stdout.strip()}",
            "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0",
        }


def tried(kind: str, seed: int, seconds: float) -> Iterator[Tally]:
    """Make tries for so long; what all have shown so far, after each process. Raises UserError."""
    whole = Tally(kind)
    deadline = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="game") as folder:
        trial = GameTrial(kind, Path(folder))
        while time.monotonic() < deadline:
            part = trial.tries(seed, whole.tries, _TRIES)
            if part.tries == 0:
                raise UserError(f"Godot makes no tries: {next(iter(part.faults), 'nobody knows why')}.")
            whole.add(part)
            yield whole
