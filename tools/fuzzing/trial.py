"""Tries of one kind in a process of their own, so that a hang, a crash or a flood of memory ends only that.

    python -m tools.fuzzing.trial KIND SEED FIRST SECONDS

makes and reads inputs for so long, from the try FIRST on, and prints a :class:`Tally` as a line of JSON every second.
Try N of a kind and a seed is always the same input.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import psutil

from tha4_core.errors import UserError
from tools.environment.bootstrap import ROOT

#: A try that takes longer counts as hanging.
HANGS_AFTER_S: Final = 30.0
#: What a process of tries may take of memory, bytes; a reader that wants more has a fault.
MOST_MEMORY: Final = 4 << 30
_SPEAKS_EVERY_S: Final = 1.0
_START_S: Final = 120.0


@dataclass
class Tally:
    """How tries went. slowest_s, slowest: the longest one and its number. grown: the most bytes that one try added to
    the largest resident size so far, and grown_at which. faults: the first try that showed it, by what happened."""

    kind: str
    tries: int = 0
    taken: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    slowest: int = 0
    peak: int = 0
    grown: int = 0
    grown_at: int = 0
    faults: dict[str, int] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Count tries of another process, too."""
        self.tries += other.tries
        self.taken += other.taken
        self.refused += other.refused
        self.seconds += other.seconds
        if other.slowest_s > self.slowest_s:
            self.slowest_s, self.slowest = other.slowest_s, other.slowest
        if other.grown > self.grown:
            self.grown, self.grown_at = other.grown, other.grown_at
        self.peak = max(self.peak, other.peak)
        self.faults = other.faults | self.faults


def attempt(
    once: Callable[[Random], Callable[[], object]], seed: int, number: int, tally: Tally, process: psutil.Process
) -> None:
    """Try number ``number``: counted as taken, refused in one sentence, or a fault. Only the reading is timed."""
    read = once(random_of(tally.kind, seed, number))
    started = time.perf_counter()
    try:
        read()
        tally.taken += 1
    except UserError as error:
        tally.refused += 1
        if flaw := flaw_of(str(error)):
            tally.faults.setdefault(f"{flaw}: {_place(error)}", number)
    except Exception as error:
        tally.faults.setdefault(_place(error), number)
    elapsed = time.perf_counter() - started
    tally.tries += 1
    tally.seconds += elapsed
    if elapsed > tally.slowest_s:
        tally.slowest_s, tally.slowest = elapsed, number
    resident = process.memory_info().rss
    if tally.peak and resident - tally.peak > tally.grown:
        tally.grown, tally.grown_at = resident - tally.peak, number
    tally.peak = max(tally.peak, resident)


def random_of(kind: str, seed: int, number: int) -> Random:
    """Where all chance of one try comes from."""
    return Random(f"{kind}/{seed}/{number}")


def flaw_of(sentence: str) -> str:
    """What keeps an error's text from being one sentence for people; empty if nothing does."""
    if "\n" in sentence or "\r" in sentence:
        return "more than one line"
    if not sentence.endswith((".", "?")):
        return "no full stop"
    if len(sentence) > 1500:
        return "too long to be read"
    return ""


def _place(error: Exception) -> str:
    """What was raised and where, the same text for the same fault."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT) and "fuzzing" not in frame.filename]
    frame = (ours or frames)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno} ({frame.name})"


def run_tries(kind: str, seed: int, first: int, seconds: float) -> None:
    """What the process does. See the module."""
    from tools.fuzzing.kinds import KINDS

    _limit_memory()
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        once = KINDS[kind](Path(folder))
        tally, number = Tally(kind), first
        began = spoken = time.monotonic()
        # Said before it is tried: a try that kills the process is known.
        print(json.dumps({"at": number}), flush=True)
        while time.monotonic() - began < seconds:
            attempt(once, seed, number, tally, process)
            number += 1
            if time.monotonic() - spoken > _SPEAKS_EVERY_S or tally.tries == 1:
                spoken = time.monotonic()
                print(json.dumps(asdict(tally) | {"at": number}), flush=True)
        print(json.dumps(asdict(tally) | {"at": number}), flush=True)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def watched(kind: str, seed: int, seconds: float) -> Iterator[Tally]:
    """Have a kind tried for so many seconds, in as many processes as it takes; the tally as it stands, now and then.

    A process that hangs or dies is a fault of about the try that it had come to, and the next begins behind it.
    """
    ends, first = time.monotonic() + seconds, 0
    total = Tally(kind)
    while (left := ends - time.monotonic()) > 0:
        arguments = [sys.executable, "-m", "tools.fuzzing.trial", kind, str(seed), str(first), f"{left:.3f}"]
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        watch = _Watch(process)
        tally = Tally(kind)
        assert process.stdout is not None
        with process, process.stdout as lines:
            for line in lines:
                watch.heard()
                values = json.loads(line)
                first = values.pop("at")
                if values:
                    tally = Tally(**values)
                    yield _sum(total, tally)
            status = process.wait()
        watch.stop()
        if status != 0 or watch.hung:
            what = f"no end after {HANGS_AFTER_S:g} s" if watch.hung else f"the process ended with status {status}"
            tally.faults.setdefault(f"{what}, at about try {first}", first)
            # Where in the last second it happened is not known.
            first += max(1, tally.tries)
        total = _sum(total, tally)
        yield total


def _sum(one: Tally, other: Tally) -> Tally:
    total = Tally(one.kind)
    total.add(one)
    total.add(other)
    return total


class _Watch:
    """Kills a process that has not been heard for too long."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.hung = False
        self._process = process
        self._done = threading.Event()
        self._deadline = time.monotonic() + _START_S
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def heard(self) -> None:
        self._deadline = time.monotonic() + HANGS_AFTER_S

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            if time.monotonic() > self._deadline:
                self.hung = True
                self._process.kill()
                return


if __name__ == "__main__":
    run_tries(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
