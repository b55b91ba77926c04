"""Ending a training from outside: Ctrl-C and SIGTERM ask for it, and it ends cleanly after a snapshot."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

#: Seconds within which a signal that comes again is the same.
_SAME_SECONDS: Final = 1.0


class TrainingInterruptedError(Exception):
    """The training was asked to end; what it had learned is in its snapshots."""


class StopRequest:
    """Whether somebody asked the training to end."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked


@contextmanager
def stopping_on_signals() -> Iterator[StopRequest]:
    """Ask for an end on SIGINT and SIGTERM while the block runs; a later SIGINT ends at once, as it always does.

    Within a second it is the same Ctrl-C: programs that start others pass it on to them, which then have it twice.

    Outside the main thread, where signals cannot be handled, nothing asks.
    """
    request = StopRequest()
    first = [0.0]

    def ask(number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if request.asked and number == signal.SIGINT and now - first[0] > _SAME_SECONDS:
            raise KeyboardInterrupt
        if not request.asked:
            request.asked, first[0] = True, now

    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
