"""The published schedules as data: learning rates and loss weights by examples shown (DISTILLATION.md A.2, A.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tha4_core.distill.losses import BodyWeights


class Phase(NamedTuple):
    """What holds until so many examples have been shown. weights: of the body's terms; the face has none."""

    until: int
    learning_rate: float
    weights: BodyWeights | None = None


_FIRST: Final = BodyWeights(flow=0.5, warped=0.25, direct=2.0, final=0.25)
_SECOND: Final = BodyWeights(flow=5.0, warped=2.5, direct=1.0, final=1.0)
_THIRD: Final = BodyWeights(flow=1.0, warped=1.0, direct=1.0, final=10.0)
#: The three phases of the body's loss weights (paper, Table 3).
BODY_WEIGHTS: Final = (_FIRST, _SECOND, _THIRD)

FACE_PHASES: Final = (
    Phase(200_000, 1e-4),
    Phase(500_000, 1e-4 / 3),
    Phase(800_000, 1e-5),
    Phase(1_000_000, 1e-4 / 30),
)
BODY_PHASES: Final = (
    Phase(200_000, 1e-4, _FIRST),
    Phase(400_000, 3e-5, _FIRST),
    Phase(600_000, 3e-5, _SECOND),
    Phase(800_000, 1e-5, _SECOND),
    Phase(1_300_000, 1e-5, _THIRD),
    Phase(1_500_000, 3e-6, _THIRD),
)


def phase_at(phases: Sequence[Phase], examples: int) -> Phase:
    """The phase of the step before which ``examples`` have been shown; the last one from its end on."""
    return next((phase for phase in phases if examples < phase.until), phases[-1])


def scaled(phases: Sequence[Phase], examples: int) -> tuple[Phase, ...]:
    """The same schedule over ``examples`` in all."""
    total = phases[-1].until
    return tuple(phase._replace(until=phase.until * examples // total) for phase in phases)


def only(phases: Sequence[Phase], numbers: Sequence[int]) -> tuple[Phase, ...]:
    """A body's schedule as long as before with only some of its three phases, of which the kept ones get longer.

    numbers: 1, 2, 3 as in the paper's Table 3 and 7. Learning rates stay where they were.
    """
    kept = [BODY_WEIGHTS[number - 1] for number in numbers]
    thirds: dict[BodyWeights, int] = {}
    start = 0
    for phase in phases:
        assert phase.weights is not None
        thirds[phase.weights] = thirds.get(phase.weights, 0) + phase.until - start
        start = phase.until
    total, length = phases[-1].until, sum(thirds[weights] for weights in kept)
    ends: list[tuple[int, BodyWeights]] = []
    end = 0
    for weights in kept:
        end += thirds[weights]
        ends.append((end * total // length, weights))
    # Both kinds of borders: where the weights change, and where the learning rate does.
    borders = sorted({*(end for end, _ in ends), *(phase.until for phase in phases)})
    return tuple(
        Phase(
            border,
            phase_at(phases, border - 1).learning_rate,
            next(weights for end, weights in ends if border <= end),
        )
        for border in borders
    )
