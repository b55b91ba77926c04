"""Ending a training from outside: Ctrl-C and SIGTERM ask for it, and it ends cleanly after a snapshot."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


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
    """Ask for an end on SIGINT and SIGTERM while the block runs; a second SIGINT ends at once, as it always does.

    Outside the main thread, where signals cannot be handled, nothing asks.
    """
    request = StopRequest()

    def ask(number: int, _: FrameType | None) -> None:
        if request.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        request.asked = True

    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
