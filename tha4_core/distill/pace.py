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

from tha4_core.distill.errors import DistillationError, not_written
from tha4_core.distill.stopping import end_if
from tha4_core.distill.training import Training
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_file

_FILE: Final = "pace.json"
_MAX_BYTES: Final = 64 << 10
#: At least so many steps are timed, and for such a part of the time, after a first one that fills stores and caches;
#: but for no longer than so many seconds, which tell it well.
_STEPS: Final = 5
_MEASURED_SHARE: Final = 0.005
_MEASURED_SECONDS: Final = 30.0
#: Part of the time that is planned for: later steps, and a busier machine, may be slower.
_PLANNED: Final = 0.9
#: Part of it that the teacher may take. A slow one, as the official networks on a processor, could take all of it.
_TEACHER_SHARE: Final = 1.0 / 3.0
#: A recipe is not stretched beyond this, nor shortened below.
_LONGEST: Final = 8.0
_SHORTEST: Final = 0.005


class Pace(NamedTuple):
    """length: of a recipe, 1 being its own. poses: so many times the recipe's poses in a step, and so many times fewer
    steps: a GPU takes several times a step's points in the time of one. frames: for how many answers the teacher is
    asked altogether; None: as many as the length says. kept: how many of them a body keeps in memory at once; None: as
    many as any machine has room for."""

    length: float = 1.0
    poses: int = 1
    frames: int | None = None
    kept: int | None = None


def load_pace(folder: Path, network: str) -> Pace | None:
    """What :func:`save_pace` kept for a network; None if there is nothing. Raises DistillationError."""
    path = folder / _FILE
    if not path.exists():
        return None
    try:
        found = _known(path).get(network)
        return None if found is None else _pace_of(found)
    except (FileError, ValueError, RecursionError):
        raise DistillationError(f"{path} is damaged; delete {folder} to begin again.") from None


def save_pace(folder: Path, network: str, pace: Pace) -> None:
    """Keep a network's pace beside the others'. Raises DistillationError."""
    path = folder / _FILE
    try:
        known = _known(path) if path.exists() else {}
        write_atomically(path, (json.dumps({**known, network: pace}) + "\n").encode())
    except OSError as error:
        raise not_written(path, error) from None


def _known(path: Path) -> dict[str, Any]:
    document = json.loads(read_file(path, _MAX_BYTES, "no pace is"))
    if not isinstance(document, dict):
        raise ValueError("no paces by network")
    return document


def _pace_of(found: Any) -> Pace:
    """What stands in the file: three or four values, or a length alone. Raises ValueError."""
    length, poses, *counts = found if isinstance(found, list) and len(found) in (3, 4) else (found, 1)
    known = type(length) is float and _SHORTEST <= length <= _LONGEST and type(poses) is int and poses > 0
    if not known or not all(count is None or (type(count) is int and count > 0) for count in counts):
        raise ValueError("no pace")
    return Pace(length, poses, *counts)


def measure_pace(
    new: Callable[[Pace], Training],
    pace: Pace,
    seconds: float,
    fewest_frames: int,
    most_frames: int,
    stop: Callable[[], bool] = lambda: False,
) -> Pace:
    """``pace`` with the length and the frames that fill ``seconds``.

    new: a training at a pace. Takes some steps of one and throws it away. The first of them asks for many more answers
    than the others, which tells how long an answer takes. Raises TrainingInterruptedError when ``stop`` says so.
    """
    began = time.monotonic()
    training = new(pace)
    training.step()
    end_if(stop)
    first, answers = time.monotonic() - began, training.teacher_frames
    began, before, steps = time.monotonic(), training.progress, 0
    measured = min(_MEASURED_SECONDS, _MEASURED_SHARE * seconds)
    while steps < _STEPS or time.monotonic() - began < measured:
        training.step()
        end_if(stop)
        steps += 1
    taken, done = time.monotonic() - began, training.progress - before
    if done <= 0.0:
        return pace
    step, more_answers = taken / steps, (training.teacher_frames - answers) / steps
    answer = max(0.0, first - step) / max(1.0, answers - more_answers)
    whole = max(0.0, step - more_answers * answer) * steps / done  # seconds of a recipe's steps at its own length
    rest = max(0.0, _PLANNED * seconds - first - taken)
    affordable = _TEACHER_SHARE * rest / max(answer, 1e-9)
    frames = round(min(float(most_frames), max(float(fewest_frames), affordable)))
    length = (rest - frames * answer) / max(whole, 1e-9)
    return pace._replace(length=min(_LONGEST, max(_SHORTEST, length)), frames=frames)
