"""Adam (Kingma and Ba 2014, https://arxiv.org/abs/1412.6980): torch's, to the last bit."""

from __future__ import annotations

from typing import Final

import torch

from tha4_core.distill.stepping import Stepper

_BETA_1: Final = 0.9
_BETA_2: Final = 0.999
_EPSILON: Final = 1e-8


class Adam(Stepper):
    """Steps of about ``lr`` in every weight, against the mean of its gradients."""

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            pairs = [(weight, weight.grad) for weight in group["params"] if weight.grad is not None]
            if not pairs:
                continue
            weights, gradients = map(list, zip(*pairs, strict=True))
            for weight in weights:
                if weight not in self.state:
                    beside = {name: torch.zeros_like(weight) for name in ("exp_avg", "exp_avg_sq")}
                    self.state[weight] = {"step": torch.tensor(0.0), **beside}
            states = [self.state[weight] for weight in weights]
            means = [state["exp_avg"] for state in states]
            squares = [state["exp_avg_sq"] for state in states]
            for state in states:
                state["step"] += 1
            # Weights that had no gradient in a step are behind the others.
            counts = [float(state["step"]) for state in states]
            torch._foreach_lerp_(means, gradients, 1 - _BETA_1)
            torch._foreach_mul_(squares, _BETA_2)
            torch._foreach_addcmul_(squares, gradients, gradients, 1 - _BETA_2)
            roots = torch._foreach_sqrt(squares)
            torch._foreach_div_(roots, [(1 - _BETA_2**count) ** 0.5 for count in counts])
            torch._foreach_add_(roots, _EPSILON)
            torch._foreach_addcdiv_(weights, means, roots, [-group["lr"] / (1 - _BETA_1**count) for count in counts])
