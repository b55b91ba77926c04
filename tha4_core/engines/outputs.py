"""The student networks' own answers, by the fastest way there is here, where no gradients are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from tha4_core.character import Character
from tha4_core.engines.native.outputs import NativeOutputs
from tha4_core.engines.native.renderer import is_built
from tha4_core.engines.reference import ReferenceEngine, RegionOutput, core_count
from tha4_core.pose import Pose


class StudentOutputs(Protocol):
    """Both networks of one character; one thread at a time."""

    def outputs(self, pose: Pose | Sequence[float], region: Sequence[int] | None = None) -> RegionOutput:
        """The body morpher's outputs for a region, before any conversion to bytes."""

    def face(self, pose: Pose | Sequence[float]) -> Tensor:
        """The face morpher's whole output, float32 (4, 128, 128)."""


def student_outputs(character: Character, device: str = "cpu", threads: int | None = None) -> StudentOutputs:
    """The native engine's on the CPU, where it was built, else torch's; equal up to rounding of float32.

    threads: how many work on a pose on the CPU; None: as many as there are cores. Raises EngineError.
    """
    threads = threads or core_count()
    if device == "cpu" and is_built():
        return NativeOutputs(character, threads)
    return ReferenceEngine(character, threads=threads, device=device)
