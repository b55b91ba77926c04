"""A bridge of one's own, in a process of its own, for as long as a ``with`` block."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import tempfile
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
    log_path: Path

    def log(self) -> str:
        """What it has said on stderr so far."""
        return self.log_path.read_text("utf-8", "replace")


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
    # A file, since a pipe that nobody reads fills up, and then the bridge waits for ever.
    with tempfile.TemporaryDirectory() as folder, (log_path := Path(folder) / "bridge.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            ready = re.match(r"bridge ready: address=(\S+) engine=(\S+) device=\S+ pid=(\d+)", line)
            if ready is None:
                process.wait()
                lines = log_path.read_text("utf-8", "replace").strip().splitlines() or ["it said nothing"]
                raise BridgeFailed(lines[-1].removeprefix("bridge: "))
            yield RunningBridge(ready[1], ready[2], int(ready[3]), process, log_path)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.communicate(timeout=10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
            if process.stdout is not None:
                process.stdout.close()
