"""A real bridge under attack, with a good client beside it: what that one feels, and what the bridge takes."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import psutil
import zmq

from bridge.client import BridgeClient
from tha4_core.built_in import built_in_path
from tha4_core.errors import UserError
from tha4_core.pose import NAMES, neutral_pose
from tools.environment.bridge_process import RunningBridge, hosting, running_bridge
from tools.fuzzing.attacks import ATTACKS
from tools.fuzzing.trial import random_of

#: What the good client looks at: a frame takes some milliseconds.
_REGION: Final = (224, 96, 64, 64)
_ANSWER_S: Final = 20.0
_EXPECTED_S: Final = 2.0


@dataclass
class BridgeTally:
    """How it went. attacks: how many of each. frames: pictures that the good client got. worst_s: the longest that it
    waited for one, and during which attack; usual_s: the median. memory, peak: of the bridge, bytes, at the beginning
    and at most. faults: number of the attack that showed it first, by what happened."""

    attacks: dict[str, int] = field(default_factory=dict)
    frames: int = 0
    usual_s: float = 0.0
    worst_s: float = 0.0
    worst_during: str = ""
    memory: int = 0
    peak: int = 0
    faults: dict[str, int] = field(default_factory=dict)


class GoodClient(threading.Thread):
    """Asks for one picture after another, and looks at each: it must be that of its pose."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.waits: list[tuple[float, str]] = []
        self.faults: list[str] = []
        self.during = "nothing"
        self._address = address
        self._ended = threading.Event()

    def stop(self) -> None:
        self._ended.set()
        self.join(2 * _ANSWER_S)

    def run(self) -> None:
        poses = [neutral_pose(), neutral_pose()]
        poses[1][NAMES.index("mouth_aaa")] = 1.0
        with BridgeClient(self._address, timeout=_ANSWER_S) as client:
            hero = client.load(built_in_path("yunagi"))
            expected = [client.render(hero, pose, _REGION).copy() for pose in poses]
            number = 0
            while not self._ended.is_set():
                number += 1
                started = time.perf_counter()
                try:
                    pixels = client.render(hero, poses[number % 2], _REGION)
                except UserError as error:
                    self.faults.append(f"a good client was refused: {str(error)[:100]}")
                    time.sleep(0.1)
                    continue
                self.waits.append((time.perf_counter() - started, self.during))
                if not np.array_equal(pixels, expected[number % 2]):
                    self.faults.append("a good client got a wrong picture")


def attacked(seed: int, seconds: float, only: str | None = None) -> Iterator[BridgeTally]:
    """Attack a bridge of one's own for so many seconds; the tally as it stands after each attack.

    only: one of ATTACKS; all in turn without. Raises BridgeFailed when the bridge does not start.
    """
    with running_bridge(*hosting(built_in_path("yunagi"))) as bridge:
        good = GoodClient(bridge.address)
        good.start()
        tally = BridgeTally()
        process = psutil.Process(bridge.pid)
        began, number = time.monotonic(), 0
        while not good.waits and time.monotonic() - began < _ANSWER_S:
            time.sleep(0.05)
        tally.memory = process.memory_info().rss
        while time.monotonic() - began < seconds and bridge.process.poll() is None:
            name = only or list(ATTACKS)[number % len(ATTACKS)]
            good.during = name
            with contextlib.suppress(OSError, zmq.ZMQError):  # the connection was closed, as it may be
                ATTACKS[name](bridge.address, random_of(f"bridge/{name}", seed, number))
            time.sleep(0.05)
            tally.attacks[name] = tally.attacks.get(name, 0) + 1
            _look(tally, good, process, number)
            number += 1
            yield tally
        good.stop()
        _end(tally, bridge, number)
        yield tally


def _look(tally: BridgeTally, good: GoodClient, process: psutil.Process, number: int) -> None:
    waits = list(good.waits)
    tally.frames = len(waits)
    if waits:
        tally.usual_s = float(np.median([seconds for seconds, _ in waits]))
        tally.worst_s, tally.worst_during = max(waits)
    for fault in good.faults:
        tally.faults.setdefault(fault, number)
    try:
        tally.peak = max(tally.peak, process.memory_info().rss)
    except psutil.NoSuchProcess:
        tally.faults.setdefault("the bridge ended", number)


def _end(tally: BridgeTally, bridge: RunningBridge, number: int) -> None:
    if bridge.process.poll() is not None:
        tally.faults.setdefault(f"the bridge ended with status {bridge.process.returncode}", number)
    for line in bridge.log().splitlines():
        if "A fault in" in line or "Traceback" in line or "could not be given" in line:
            tally.faults.setdefault(f"in the bridge's log: {line.strip()[-120:]}", number)
