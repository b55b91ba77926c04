"""The README's first command where there is a display."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.godot.engine import Godot


@pytest.mark.slow
def test_with_a_display_the_demo_opens_and_shows_the_character(
    lambda_00: Path, drawing_godot: Godot, tmp_path: Path
) -> None:
    # Godot as the user has it, save that it closes its own window after a while.
    wrapper = tmp_path / "godot"
    options = "--rendering-driver opengl3 --audio-driver Dummy --resolution 640x360 --quit-after 120"
    wrapper.write_text(f'#!/bin/sh\nexec "{drawing_godot.program}" {options} "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    environment = drawing_godot.environment(tmp_path) | {"GODOT": str(wrapper)}
    done = subprocess.run(
        [sys.executable, "tools/play.py", "--character", str(lambda_00)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "opening the demos in Godot" in done.stdout
    assert "ERROR" not in done.stdout + done.stderr
