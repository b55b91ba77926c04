"""What Ctrl-C does to a command. Uses nothing but Python's own library."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

#: The exit status of a command that was interrupted, as shells count it: 128 and the signal's number.
INTERRUPTED: Final = 130


def end_in_a_line_when_interrupted() -> None:
    """Let a ``KeyboardInterrupt`` that nobody handles end this process with one line and :data:`INTERRUPTED`.

    By then all ``with`` and ``finally`` are done: bridges and screens of the command's own have ended.
    """
    sys.excepthook = _end


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    # Whoever asks again while Python tidies up wants it to end now.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.stderr is not None:
        # A terminal shows ^C, or how far a command was, on the line that is begun.
        print("\ninterrupted." if sys.stderr.isatty() else "interrupted.", file=sys.stderr, flush=True)
    raise SystemExit(INTERRUPTED)


def run_through(
    command: Sequence[str], folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> int:
    """Run a program in the foreground, which is interrupted along with us and ends as it sees fit; its exit status."""
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
