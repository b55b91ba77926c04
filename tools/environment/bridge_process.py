"""A bridge of one's own, in a process of its own, for as long as a ``with`` block."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tha4_core.errors import UserError
from tools.environment.bootstrap import ROOT


class BridgeFailed(UserError):  # noqa: N818 - it names what happened
    """The bridge did not start; the sentence is its own."""


@dataclass(frozen=True)
class RunningBridge:
    """address: where it listens, as ``tcp://127.0.0.1:5747``. engine, pid: as in its ready line."""

    address: str
    engine: str
    pid: int
    process: subprocess.Popen[str]


def hosting(character: Path) -> tuple[str, ...]:
    """Options of a bridge that has ``character`` loaded when it is ready, and lets clients load it by its path."""
    root = character if character.is_dir() else character.parent
    return ("--character", str(character), "--root", str(root))


@contextlib.contextmanager
def running_bridge(*options: str, address: str = "tcp://127.0.0.1:*") -> Iterator[RunningBridge]:
    """Start ``python -m bridge`` with ``options`` on a free port, wait until it is ready, stop it at the end.

    Raises BridgeFailed with the bridge's own last line when it does not start.
    """
    command: Sequence[str] = (sys.executable, "-m", "bridge", "--address", address, "--log-level", "warning", *options)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
    )
    try:
        assert process.stdout is not None
        ready = re.match(r"bridge ready: address=(\S+) engine=(\S+) device=\S+ pid=(\d+)", process.stdout.readline())
        if ready is None:
            _, errors = process.communicate()
            lines = errors.strip().splitlines() or ["it said nothing"]
            raise BridgeFailed(lines[-1].removeprefix("bridge: "))
        yield RunningBridge(ready[1], ready[2], int(ready[3]), process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
