from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
import torch

from tests.conftest import ROOT
from tests.moving_teacher import MovingTeacher
from tha4_core.distill.stopping import StoppableTeacher, TrainingInterruptedError

PROGRAM = """
import time
from tha4_core.distill.stopping import stopping_on_signals
with stopping_on_signals() as stop:
    print("ready", flush=True)
    try:
        while True:
            time.sleep(0.01)
            if stop() and not {deaf}:
                print("ended after its step", flush=True)
                break
    except KeyboardInterrupt:
        print("ended at once", flush=True)
"""


def started(*, deaf: bool) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(deaf=deaf)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_the_first_ctrl_c_is_answered_and_ends_after_the_step() -> None:
    process = started(deaf=False)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (out, errors) == ("ended after its step\n", "\nstopping ...; again to end at once\n")


def test_the_second_ctrl_c_ends_at_once() -> None:
    process = started(deaf=True)
    process.send_signal(signal.SIGINT)
    time.sleep(1.5)  # within a second it is the same one
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "ended at once\n"


def test_a_teacher_is_broken_off_before_its_next_picture() -> None:
    inner, asked = MovingTeacher(), [False]
    teacher = StoppableTeacher(inner, lambda: asked[0])
    pose = torch.zeros(1, 45)
    assert torch.equal(teacher.pose_face(pose), inner.pose_face(pose))
    assert torch.equal(teacher.image, inner.image)
    asked[0] = True
    for call in (teacher.pose, teacher.pose_face):
        with pytest.raises(TrainingInterruptedError):
            call(pose)
    assert inner.asked == [2, 0]
