"""Ending a distillation from outside: Ctrl-C and SIGTERM ask for it, and a training ends cleanly after a snapshot."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from torch import Tensor

from tha4_core.picture.region import Region
from tha4_core.teacher.interface import CharacterTeacher, TeacherOutput

#: Seconds within which a signal that comes again is the same.
_SAME_SECONDS: Final = 1.0


class TrainingInterruptedError(Exception):
    """The distillation was asked to end; what it had learned is in its snapshots."""


def end_if(stop: Callable[[], bool]) -> None:
    """Raise TrainingInterruptedError when ``stop`` says so."""
    if stop():
        raise TrainingInterruptedError


class StoppableTeacher:
    """A teacher that asks ``stop`` before it poses anything: whatever waits for a slow one ends within one answer.

    Both poses raise TrainingInterruptedError then, besides what the teacher's own do.
    """

    def __init__(
        self, teacher: CharacterTeacher, stop: Callable[[], bool], notify: Callable[[int], None] | None = None
    ) -> None:
        """notify: told after each answer how many poses have been asked for."""
        self._teacher = teacher
        self._stop = stop
        self._notify = notify
        self._asked = 0

    @property
    def image(self) -> Tensor:
        return self._teacher.image

    @property
    def provenance(self) -> dict[str, str]:
        return self._teacher.provenance

    def pose(self, poses: Tensor, region: Region | None = None) -> TeacherOutput:
        end_if(self._stop)
        output = self._teacher.pose(poses, region)
        self._answered(len(poses))
        return output

    def pose_face(self, poses: Tensor) -> Tensor:
        end_if(self._stop)
        faces = self._teacher.pose_face(poses)
        self._answered(len(poses))
        return faces

    def _answered(self, count: int) -> None:
        self._asked += count
        if self._notify is not None:
            self._notify(self._asked)


class StopRequest:
    """Whether somebody asked the distillation to end."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked


@contextmanager
def stopping_on_signals() -> Iterator[StopRequest]:
    """Ask for an end on SIGINT and SIGTERM while the block runs; a later Ctrl-C ends at once, as it always does.

    The first one is answered on standard error: a step of a training, or a slow teacher's picture, is finished first.
    Within a second it is the same Ctrl-C: programs that start others pass it on to them, which then have it twice.

    Outside the main thread, where signals cannot be handled, nothing asks.
    """
    request = StopRequest()
    first = [0.0]

    def ask(number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if request.asked and number != signal.SIGTERM and now - first[0] > _SAME_SECONDS:
            raise KeyboardInterrupt
        if not request.asked:
            request.asked, first[0] = True, now
            _answer(number)

    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, ask) for number in _asking()}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _asking() -> list[signal.Signals]:
    """SIGINT and SIGTERM, and what Windows sends for Ctrl-Break."""
    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    return [signal.Signals[name] for name in names if name in signal.Signals.__members__]


def _answer(number: int) -> None:
    """Say that the signal was heard; one process of several does."""
    if os.environ.get("RANK", "0") != "0":
        return
    again = "" if number == signal.SIGTERM else "; again to end at once"
    with contextlib.suppress(OSError):
        # Not by way of sys.stderr: the signal may have come while that was being written to.
        os.write(2, f"\nstopping ...{again}\n".encode())
