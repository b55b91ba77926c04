"""Runs every check and test of the project on a fresh machine: ``python3 tools/run_tests.py [pytest's options]``.

``--all-platforms`` also builds for every system, and runs what can be run under Wine and QEMU; zig's first build takes
minutes a system.

Makes the virtual environment, fetches Godot unless ``GODOT`` names one, what the tests of web pages need of npm, and
Xvfb and Chromium where apt-get may. Tests run in as many processes as there are cores, up to four; ``-n 0`` runs them
in one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    # Zig, which also compiles the engine for browsers.
    enter_environment("torch", "tools", "distill", "rig", "onnx", "cast", "dev", "binaries")

from tha4_core.console import make_output_safe
from tools.environment.bootstrap import ROOT
from tools.environment.emulators import ensure_arm64, ensure_wine
from tools.environment.godot import ensure_godot, ensure_xvfb
from tools.environment.interruption import run_through
from tools.environment.web import ensure_chromium, ensure_node, ensure_node_packages

ALL_PLATFORMS: Final = "--all-platforms"
#: Tells the tests of that option.
ALL_PLATFORMS_VARIABLE: Final = "ANIME_CHARACTER_ALL_PLATFORMS"
#: Each holds torch and, for a while, a teacher: a gigabyte or two.
_MOST_PROCESSES: Final = 4
#: Options that say how many processes there are, or want to see or talk to the one that there is.
_OWN_PROCESSES: Final = ("-n", "--numprocesses", "--dist", "--pdb", "--trace", "-s", "--capture")


def main() -> int:
    """Run pytest with what the tests need; its exit status."""
    make_output_safe()
    environment = dict(os.environ)
    godot = ensure_godot(export_template=True)
    if godot:
        environment["GODOT"] = str(godot)
    else:
        print("no Godot: tests that need it cannot run; set GODOT to a Godot 4 executable.", file=sys.stderr)
    if sys.platform == "linux" and not ensure_xvfb():
        print("no Xvfb: tests that show pixels cannot run; install the package xvfb.", file=sys.stderr)
    if not (ensure_node() and ensure_node_packages()):
        print(
            "no Node, or none of its packages: tests of web pages cannot run; see tests/package.json.", file=sys.stderr
        )
    if not ensure_chromium():
        print("no Chromium: tests of web pages cannot run; install the package chromium.", file=sys.stderr)
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    arguments = [argument for argument in sys.argv[1:] if argument != ALL_PLATFORMS]
    if len(arguments) < len(sys.argv) - 1:
        environment[ALL_PLATFORMS_VARIABLE] = "1"
        for what, found in (("Wine", ensure_wine()), ("QEMU for arm64", ensure_arm64())):
            if found is None:
                print(f"no {what}: what needs it is built and not run.", file=sys.stderr)
    processes = processes_for(arguments, cores)
    if processes > 1:
        # Whoever is done takes over tests from the others' far ends: files stay together, and so do their fixtures.
        arguments = ["-n", str(processes), "--dist", "worksteal", *arguments]
        # Threads of several processes that wait for each other's cores are slower than one thread each.
        environment.setdefault("OMP_NUM_THREADS", str(cores // processes))
    return run_through([sys.executable, "-m", "pytest", *arguments], ROOT, environment)


def processes_for(arguments: Sequence[str], cores: int) -> int:
    """How many processes to ask pytest for: one where its ``arguments`` have a say in that, or name a single file."""
    if any(argument.split("=")[0] in _OWN_PROCESSES or argument[:2] == "-n" for argument in arguments):
        return 1
    paths = [path for path in (ROOT / argument.split("::")[0] for argument in arguments) if path.exists()]
    if len(paths) == 1 and paths[0].is_file():
        return 1  # starting others takes longer
    return min(cores, _MOST_PROCESSES)


if __name__ == "__main__":
    sys.exit(main())
