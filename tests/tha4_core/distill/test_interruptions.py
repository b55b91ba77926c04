"""A training that is killed at any moment goes on as if nothing had been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tha4_core.distill.snapshots import load_snapshot

PROGRAM = "tests.tha4_core.distill.tiny_distillation"
KILLS = 10


def start(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", PROGRAM, str(folder)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(folder: Path) -> str:
    process = start(folder)
    out, errors = process.communicate(timeout=500)
    assert process.returncode == 0, errors
    return out


@pytest.mark.slow
def test_kill_9_at_ten_random_moments_changes_nothing(tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    expected = finished(tmp_path / "whole")
    moments = random.Random(4)
    folder, kills, reached = tmp_path / "killed", 0, []
    while kills < KILLS:
        before = shown(folder)
        process = start(folder)
        # Wait until it trains; then the moment is anything from the middle of a step to the middle of a snapshot.
        while shown(folder) == before and process.poll() is None:
            time.sleep(0.002)
        time.sleep(moments.uniform(0.0, 0.25))
        if process.poll() is not None:  # it was through before it could be killed
            break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
        reached.append(shown(folder))
    assert kills == KILLS
    assert reached == sorted(reached)  # nothing learned was lost
    assert finished(folder) == expected


def shown(folder: Path) -> int:
    """Examples in the newest snapshots of both networks."""
    total = 0
    for name in ("face", "body"):
        snapshot = load_snapshot(folder / name) if (folder / name).is_dir() else None
        total += snapshot["training"]["examples"] if snapshot else 0
    return total
