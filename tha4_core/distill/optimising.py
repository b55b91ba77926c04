"""How the fast recipes change weights: Muon for hidden matrices, Adam for the rest, an average kept of the way.

Muon (Jordan et al. 2024) takes steps whose singular values are all alike: where Adam's steps in these networks of
sines are nearly of rank one, its steps use the whole matrix, and it learns several times as fast. It is meant for
matrices between hidden layers; first layers, heads and biases go to Adam.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from tha4_core.distill.adam import Adam
from tha4_core.distill.muon import Muon
from tha4_core.distill.stepping import Stepper


class Group(NamedTuple):
    """Weights that are changed at one pace. matrices: with Muon at ``muon_rate``; others: with Adam."""

    matrices: Sequence[nn.Parameter]
    others: Sequence[nn.Parameter]
    muon_rate: float
    adam_rate: float


class Optimiser:
    """Muon and Adam side by side, their learning rates multiplied by one schedule."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._parts: tuple[Stepper, ...] = (
            Muon({"params": group.matrices, "lr": group.muon_rate} for group in groups),
            Adam({"params": group.others, "lr": group.adam_rate} for group in groups),
        )
        self._rates = [[entry["lr"] for entry in part.param_groups] for part in self._parts]

    def gather(self, loss: Tensor) -> None:
        """Find out where ``loss`` falls. After its first time it asks nothing of the processor (:mod:`.repeating`)."""
        for part in self._parts:
            part.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for part in self._parts:
            part.gather()

    def move(self, factor: float) -> None:
        """One step there, at ``factor`` times each group's rate."""
        for part, rates in zip(self._parts, self._rates, strict=True):
            for entry, rate in zip(part.param_groups, rates, strict=True):
                entry["lr"] = rate * factor
            part.move()

    def state(self) -> list[dict[str, Any]]:
        return [part.state_dict() for part in self._parts]

    def load_state(self, state: Sequence[dict[str, Any]]) -> None:
        for part, saved in zip(self._parts, state, strict=True):
            part.load_state_dict(saved)


def rising_then_falling(step: int, steps: int, warm_up: int) -> float:
    """What learning rates are multiplied by: straight up from 0 over ``warm_up`` steps, times half a cosine to 0."""
    return min(1.0, (step + 1) / warm_up) * 0.5 * (1.0 + math.cos(math.pi * step / steps))


def numbers(names: Sequence[str], values: Tensor) -> dict[str, float]:
    """Losses (n,) as plain numbers by their names, fetched from their device together."""
    return dict(zip(names, values.tolist(), strict=True))


class Average:
    """An exponential moving average of weights, as long as ``horizon`` steps, and shorter near the beginning."""

    def __init__(self, parameters: Iterable[Tensor], horizon: int) -> None:
        self._parameters = [parameter.detach() for parameter in parameters]
        self.values = [parameter.clone() for parameter in self._parameters]
        self._horizon = horizon
        self._steps = 0

    def update(self) -> None:
        self._steps += 1
        share = max(1.0 / self._horizon, min(1.0, 9.0 / (9.0 + self._steps)))
        torch._foreach_lerp_(self.values, self._parameters, share)

    def state(self) -> dict[str, Any]:
        return {"values": [value.clone() for value in self.values], "steps": self._steps}

    def load_state(self, state: dict[str, Any]) -> None:
        for value, saved in zip(self.values, state["values"], strict=True):
            value.copy_(saved)
        self._steps = int(state["steps"])
