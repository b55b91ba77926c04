"""Ctrl-C in a real process that only prepares a distillation."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

# A teacher that needs a tenth of a second for a face would be looked at for many seconds.
PROGRAM = """
import sys, time
from tests.moving_teacher import MovingTeacher
from tests.synthetic import synthetic_character
from tha4_core.distill import inputs
from tha4_core.distill.teachers import OpenedTeacher
from tools.distill import main

class Slow(MovingTeacher):
    def pose_face(self, poses):
        time.sleep(0.1 * len(poses))
        return super().pose_face(poses)

inputs.open_teacher = lambda *_: OpenedTeacher(Slow(), synthetic_character().image_png, 1e9, 5e9)
sys.exit(main(["-o", sys.argv[1], "--teacher", "slow", "--threads", "1"]))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends the signal that a terminal sends")
def test_ctrl_c_ends_the_search_for_what_moves_within_a_few_pictures(tmp_path: Path) -> None:
    output = tmp_path / "blob.tha4"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(output)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            assert process.stderr.readline() == "finding out what moves in the face\n"
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert said == (
        "\nstopping ...; again to end at once\n"
        "stopped; all that was learned is kept, and the same command goes on from here.\n"
    )
    assert [path.name for path in (tmp_path / "blob.distill").glob("[a-z]*")] == ["distillation.json"]
