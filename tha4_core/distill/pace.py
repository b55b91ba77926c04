"""How long a recipe is, so that it comes to its end within the time that it is given, and how much is in a step of it.

Learning rates fall towards the end of a recipe; one that is cut off before it has learned less than a shorter one
could. The pace is found once, kept in the run directory, and the same when a training goes on, wherever it does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

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


class Pace(NamedTuple):
    """length: of a recipe, 1 being its own. poses: so many times the recipe's poses in a step, and so many times fewer
    steps: a GPU takes several times a step's points in the time of one."""

    length: float = 1.0
    poses: int = 1


def load_pace(folder: Path, network: str) -> Pace | None:
    """What :func:`save_pace` kept for a network; None if there is nothing. Raises DistillationError."""
    path = folder / _FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get(network)
        return None if found is None else _pace_of(found)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError):
        raise DistillationError(f"{path} is damaged; delete {folder} to begin again.") from None


def save_pace(folder: Path, network: str, pace: Pace) -> None:
    """Keep a network's pace beside the others'. Raises DistillationError."""
    path = folder / _FILE
    try:
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        write_atomically(path, (json.dumps({**known, network: pace}) + "\n").encode())
    except OSError as error:
        raise DistillationError(f"{path} could not be written: {error.strerror}.") from None


def _pace_of(found: Any) -> Pace:
    """What stands in the file: two numbers, or a length alone. Raises ValueError."""
    length, poses = found if isinstance(found, list) and len(found) == 2 else (found, 1)
    if type(length) is not float or not _SHORTEST <= length <= _LONGEST or type(poses) is not int or poses < 1:
        raise ValueError("no pace")
    return Pace(length, poses)


def measure_length(new: Callable[[float], Training], seconds: float) -> float:
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
