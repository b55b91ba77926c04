"""Runs every check and test of the project on a fresh machine: ``python3 tools/run_tests.py [pytest's options]``.

Makes the virtual environment, fetches Godot unless ``GODOT`` names one, and Xvfb where apt-get may.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "tools", "distill", "rig", "dev")

from tools.environment.bootstrap import ROOT
from tools.environment.godot import ensure_godot, ensure_xvfb


def main() -> int:
    """Run pytest with what the tests need; its exit status."""
    environment = dict(os.environ)
    godot = ensure_godot(export_template=True)
    if godot:
        environment["GODOT"] = str(godot)
    else:
        print("no Godot: tests that need it cannot run; set GODOT to a Godot 4 executable.", file=sys.stderr)
    if sys.platform == "linux" and not ensure_xvfb():
        print("no Xvfb: tests that show pixels cannot run; install the package xvfb.", file=sys.stderr)
    return subprocess.call([sys.executable, "-m", "pytest", *sys.argv[1:]], cwd=ROOT, env=environment)


if __name__ == "__main__":
    sys.exit(main())
