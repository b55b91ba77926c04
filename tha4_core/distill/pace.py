"""How long a recipe is stretched, so that it comes to its end within the time that it is given.

Learning rates fall towards the end of a recipe; one that is cut off before it has learned less than a shorter one
could. The pace is measured once, kept in the run directory, and the same when a training goes on.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tha4_core.atomic import write_atomically
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.training import Training

_FILE: Final = "pace.json"
#: Steps that are timed, after a first one that fills stores and caches.
_STEPS: Final = 10
#: Part of the time that is planned for: later steps, and a busier machine, may be slower.
_PLANNED: Final = 0.8
#: Teacher's answers that the fast recipe's body takes in its own length. A face takes more, but they cost little.
_FRAMES: Final = 600
#: A recipe is not stretched beyond this, nor shortened below.
_LONGEST: Final = 8.0
_SHORTEST: Final = 0.005


def load_pace(folder: Path, network: str) -> float | None:
    """What :func:`save_pace` kept for a network; None if there is nothing. Raises DistillationError."""
    path = folder / _FILE
    try:
        pace = json.loads(path.read_text(encoding="utf-8")).get(network)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError):
        pace = "unreadable"
    if pace is not None and not (isinstance(pace, float) and _SHORTEST <= pace <= _LONGEST):
        raise DistillationError(f"{path} is damaged; delete {folder} to begin again.")
    return pace


def save_pace(folder: Path, network: str, pace: float) -> None:
    """Keep a network's pace beside the others'. Raises DistillationError."""
    path = folder / _FILE
    try:
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        write_atomically(path, (json.dumps({**known, network: pace}) + "\n").encode())
    except OSError as error:
        raise DistillationError(f"{path} could not be written: {error.strerror}.") from None


def measure_pace(new: Callable[[float], Training], seconds: float) -> float:
    """How long a recipe may be so that it takes ``seconds``: 1 is its own length.

    new: a training of a length. Takes some steps of one and throws it away; the teacher's answers are timed with the
    first of them, which asks for more than any other.
    """
    began = time.monotonic()
    training = new(1.0)
    training.step()
    frames, first = max(1, training.teacher_frames), time.monotonic() - began
    began, before = time.monotonic(), training.progress
    for _ in range(_STEPS):
        training.step()
    done = training.progress - before
    if done <= 0.0:
        return 1.0
    steps = (time.monotonic() - began) / done
    # However short a recipe is, it asks for about twice as many answers as its first step does.
    rest = _PLANNED * seconds - 2.0 * first
    return min(_LONGEST, max(_SHORTEST, rest / (steps + _FRAMES * first / frames)))
