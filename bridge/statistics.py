"""What a bridge counts, and how much memory its process takes."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from bridge.protocol import Header


@dataclass
class Statistics:
    """Counted since the start; PROTOCOL.md's ``stats`` says what each is.

    ready_at: monotonic seconds. render_times_ms: of the last frames.
    """

    frames: int = 0
    superseded: int = 0
    dropped: int = 0
    errors: int = 0
    ready_at: float = field(default_factory=time.monotonic)
    render_times_ms: deque[float] = field(default_factory=lambda: deque(maxlen=100))

    def count_frame(self, render_ms: float) -> None:
        self.frames += 1
        self.render_times_ms.append(render_ms)

    def fields(self) -> Header:
        """The fields of a ``stats`` answer that are counted here."""
        times = self.render_times_ms
        return {
            "uptime_s": time.monotonic() - self.ready_at,
            "frames": self.frames,
            "superseded": self.superseded,
            "dropped": self.dropped,
            "errors": self.errors,
            "render_ms_mean": sum(times) / len(times) if times else 0.0,
            "resident_bytes": resident_bytes(),
        }


def resident_bytes() -> int:
    """The process's memory; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
