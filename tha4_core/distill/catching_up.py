"""A training that cannot end in its time at the pace it goes now takes fewer steps, each for several of the recipe's.

How long a recipe is, is found at its beginning (:mod:`.pace`). A machine that has more to do later, or gets hot, would
cut it off in the middle: learning rates still high, or nothing learned but the coarse movement.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol, runtime_checkable

from tha4_core.distill.training import Training

#: The pace is that of the last so many steps, and is known after so many that ask the teacher for nothing.
_LAST: Final = 200
_FEWEST: Final = 20
#: What is left of the time is never thought of as less than this part of it, however long the teacher may take.
_LEAST_SHARE: Final = 0.25
#: The sentence is said when the steps left are so many times too many.
_WORTH_SAYING: Final = 1.1


@runtime_checkable
class PacedTraining(Training, Protocol):
    """A training whose recipe may be shortened while it goes on."""

    @property
    def frames_left(self) -> int:
        """How many poses its teacher will still be asked for."""

    def pass_over(self, steps: int) -> None:
        """Go on as after so many further steps of the recipe: phase and learning rates are of then. No further than its
        end."""


class _Step(NamedTuple):
    seconds: float
    gained: float
    frames: int


class CatchingUp:
    """Passes over steps of a recipe after each one that was taken, as many as bring its end into its time."""

    def __init__(self, training: PacedTraining, seconds: float, say: Callable[[str], None]) -> None:
        """seconds: of the whole training, as :class:`.training_loop.Limits` has them. say: told once, when it begins
        to."""
        self._training = training
        self._seconds = seconds
        self._say = say
        self._told = False
        self._steps: deque[_Step] = deque(maxlen=_LAST)
        self._progress, self._frames = training.progress, training.teacher_frames
        self._frame_seconds = 0.0
        self._owed = 0.0

    def after_step(self, taken: float, elapsed: float) -> None:
        """taken: seconds of the step; elapsed: of the training so far."""
        training = self._training
        gained, frames = training.progress - self._progress, training.teacher_frames - self._frames
        self._steps.append(_Step(taken, gained, frames))
        ratio = self._too_many(self._seconds - elapsed)
        if ratio > _WORTH_SAYING and not self._told:
            self._told = True
            self._say("steps take longer here than at the beginning: the rest is shortened, to end in the time given")
        self._owed = self._owed + ratio - 1.0 if ratio > 1.0 else 0.0
        passed = int(self._owed)
        if passed:
            self._owed -= passed
            training.pass_over(passed)
        self._progress, self._frames = training.progress, training.teacher_frames

    def _too_many(self, left: float) -> float:
        """How many times more steps the recipe still has than can be taken in ``left`` seconds; 1 or less: none."""
        plain = [step for step in self._steps if step.frames == 0]
        gained = sum(step.gained for step in plain)
        if len(plain) < _FEWEST or gained <= 0.0:
            return 1.0
        seconds = sum(step.seconds for step in plain)
        asking = [step for step in self._steps if step.frames]
        if asking:
            alone = sum(step.seconds for step in asking) - len(asking) * seconds / len(plain)
            self._frame_seconds = max(0.0, alone) / sum(step.frames for step in asking)
        for_steps = left - self._training.frames_left * self._frame_seconds
        needed = (1.0 - self._training.progress) * seconds / gained
        return needed / max(for_steps, _LEAST_SHARE * left, 1e-9)
