"""Adam (Kingma and Ba 2014, https://arxiv.org/abs/1412.6980): torch's, to the last bit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import torch
from torch import Tensor

from tha4_core.distill.stepping import Stepper

_BETA_1: Final = 0.9
_BETA_2: Final = 0.999
_EPSILON: Final = 1e-8


class Adam(Stepper):
    """Steps of about ``lr`` in every weight, against the mean of its gradients."""

    def __init__(self, groups: Iterable[dict[str, Any]]) -> None:
        super().__init__(groups)
        self._gathered: list[list[Tensor]] = [[] for _ in self.param_groups]

    @torch.no_grad()
    def gather(self) -> None:
        for number, group in enumerate(self.param_groups):
            weights = self._gathered[number] = [weight for weight in group["params"] if weight.grad is not None]
            if not weights:
                continue
            for weight in weights:
                if weight not in self.state:
                    beside = {name: torch.zeros_like(weight) for name in ("exp_avg", "exp_avg_sq")}
                    self.state[weight] = {"step": torch.tensor(0.0), **beside}
            gradients = [weight.grad for weight in weights if weight.grad is not None]
            squares = [self.state[weight]["exp_avg_sq"] for weight in weights]
            torch._foreach_lerp_([self.state[weight]["exp_avg"] for weight in weights], gradients, 1 - _BETA_1)
            torch._foreach_mul_(squares, _BETA_2)
            torch._foreach_addcmul_(squares, gradients, gradients, 1 - _BETA_2)

    @torch.no_grad()
    def move(self) -> None:
        for weights, group in zip(self._gathered, self.param_groups, strict=True):
            if not weights:
                continue
            states = [self.state[weight] for weight in weights]
            for state in states:
                state["step"] += 1
            # Weights that had no gradient in a step are behind the others.
            counts = [float(state["step"]) for state in states]
            means = [state["exp_avg"] for state in states]
            roots = torch._foreach_sqrt([state["exp_avg_sq"] for state in states])
            torch._foreach_div_(roots, [(1 - _BETA_2**count) ** 0.5 for count in counts])
            torch._foreach_add_(roots, _EPSILON)
            torch._foreach_addcdiv_(weights, means, roots, [-group["lr"] / (1 - _BETA_1**count) for count in counts])
