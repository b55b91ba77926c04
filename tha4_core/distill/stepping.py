"""What the optimisers have in common: weights in groups, and what is remembered of each weight.

States are in the form of ``torch.optim``'s, so trainings that it began go on. Its own class is not used: making one
imports torch's compiler, more than a second of every training's beginning (4.5 s where its files are read first).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from torch import Tensor


class Stepper(ABC):
    """Weights that are changed by their gradients."""

    def __init__(self, groups: Iterable[dict[str, Any]]) -> None:
        """groups: ``params`` and ``lr`` of each."""
        self.param_groups = [{**group, "params": list(group["params"])} for group in groups]
        self.state: dict[Tensor, dict[str, Any]] = {}

    @abstractmethod
    def gather(self) -> None:
        """Take what the next step needs from the gradients of all weights that have one.

        After its first time it asks nothing of the processor, so that a GPU can repeat it (:mod:`.repeating`).
        """

    @abstractmethod
    def move(self) -> None:
        """Change the weights of the last :meth:`gather`, at their groups' ``lr``."""

    def step(self) -> None:
        """Change every weight that has a gradient, at its group's ``lr``."""
        self.gather()
        self.move()

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for weight in self._weights():
            weight.grad = None

    def state_dict(self) -> dict[str, Any]:
        """What :meth:`load_state_dict` goes on from; weights are numbered, and tensors are not copied."""
        numbers = {weight: number for number, weight in enumerate(self._weights())}
        groups = [{**group, "params": [numbers[weight] for weight in group["params"]]} for group in self.param_groups]
        return {"state": {numbers[weight]: state for weight, state in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on from a state of as many weights in as many groups, moved to where they are.

        Raises ValueError on another number of them.
        """
        groups = saved["param_groups"]
        if [len(group["params"]) for group in groups] != [len(group["params"]) for group in self.param_groups]:
            raise ValueError("the state is of other weights")
        for group, other in zip(self.param_groups, groups, strict=True):
            group["lr"] = other["lr"]
        numbers = [number for group in groups for number in group["params"]]
        weights = dict(zip(numbers, self._weights(), strict=True))
        self.state = {
            weights[number]: {name: _beside(weights[number], name, value) for name, value in state.items()}
            for number, state in saved["state"].items()
        }

    def _weights(self) -> list[Tensor]:
        return [weight for group in self.param_groups for weight in group["params"]]


def _beside(weight: Tensor, name: str, value: Any) -> Any:
    """A remembered value where its weight is; the number of steps is wanted by the processor."""
    if not isinstance(value, Tensor):
        return value
    return value.clone() if name == "step" else value.detach().to(weight.device, weight.dtype, copy=True)
