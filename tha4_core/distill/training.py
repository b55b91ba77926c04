"""What a recipe for training one network is to the code around it: snapshots, progress, evaluation, reports."""

from __future__ import annotations

from typing import Any, Protocol

from torch import nn


class Training(Protocol):
    """The training of one network of a student, the face morpher or the body morpher.

    All that decides how it goes on is in ``state``: with the same state, teacher and settings the same steps follow,
    to the last bit on the CPU with the same number of threads. Random numbers come from generators in the state.
    """

    @property
    def examples(self) -> int:
        """How many training examples the network has been shown."""

    @property
    def progress(self) -> float:
        """How much of the recipe is done, 0 to 1; the training is over at 1."""

    @property
    def phase(self) -> str:
        """What the recipe is doing now, in a few words for a person."""

    @property
    def teacher_frames(self) -> int:
        """How many poses the teacher has been asked for."""

    @property
    def multiply_adds(self) -> float:
        """What has been computed so far, forward and backward, without the teacher."""

    def step(self) -> dict[str, float]:
        """Take one optimiser step; the values of the loss, by term, ``loss`` being what was minimised.

        What its teacher raises leaves the training as it was before the step.
        """

    def network(self) -> nn.Module:
        """The network as it would be exported now, in evaluation mode (averaged weights, where a recipe averages)."""

    def state(self) -> dict[str, Any]:
        """Tensors, numbers, strings, and lists and dictionaries of them: what torch saves and loads as weights only."""

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from there. Raises ValueError when it is another recipe's or another setting's."""
