"""What is remembered of a training besides its state: how long it took, and how good it was when."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple


class Point(NamedTuple):
    """One measurement during a training.

    seconds: of training, measuring left out. psnr: dB on held-out poses. loss: of the last step. multiply_adds:
    without the teacher.
    """

    seconds: float
    examples: int
    teacher_frames: int
    multiply_adds: float
    psnr: float
    loss: float


@dataclass
class TrainingLog:
    """The course of one network's training; part of every snapshot, so that it, too, survives an interruption."""

    seconds: float = 0.0
    points: list[Point] = field(default_factory=list)

    def to_state(self) -> dict[str, Any]:
        """Plain numbers and lists."""
        return {**asdict(self), "points": [list(point) for point in self.points]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TrainingLog:
        return cls(float(state["seconds"]), [Point(*point) for point in state["points"]])
