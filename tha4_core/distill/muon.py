"""Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon), in the arithmetic that is fast here.

It takes steps whose singular values are all alike: the momentum's, made orthogonal by some Newton-Schulz steps.
torch.optim.Muon takes those in bfloat16 whatever the processor; one without instructions for it needs 30 times as long
as in float32, which is most of a training's step, and one with them is faster in float32 for small matrices. The steps
differ by a few thousandths.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import torch
from torch import Tensor

from tha4_core.distill.stepping import Stepper

_MOMENTUM: Final = 0.95
#: Of the polynomial whose slope at zero is as steep as can be while values stay near one.
_A, _B, _C = 3.4445, -4.7750, 2.0315
_ITERATIONS: Final = 5
_LEAST_NORM: Final = 1e-7
#: bfloat16 must be so much faster to be taken: then the same is taken whenever a machine is asked.
_WORTH: Final = 1.3


class Muon(Stepper):
    """For matrices (out, in) between hidden layers. Its state tells the arithmetic of each, in which it goes on."""

    def __init__(self, groups: Iterable[dict[str, Any]]) -> None:
        super().__init__(groups)
        self._directions: dict[Tensor, Tensor] = {}
        self._gathered: set[Tensor] = set()

    @torch.no_grad()
    def gather(self) -> None:
        self._gathered.clear()
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is None:
                    continue
                self._gathered.add(matrix)
                if matrix not in self._directions:
                    self._directions[matrix] = torch.zeros_like(matrix)
                if matrix not in self.state:
                    self.state[matrix] = {
                        "momentum_buffer": torch.zeros_like(matrix.grad),
                        "bfloat16": fast_precision(matrix.device, *matrix.shape) == torch.bfloat16,
                    }
                state = self.state[matrix]
                momentum = state["momentum_buffer"]
                # A state of torch's own does not tell.
                precision = torch.bfloat16 if state.get("bfloat16", True) else torch.float32
                momentum.lerp_(matrix.grad, 1.0 - _MOMENTUM)
                self._directions[matrix].copy_(orthogonal(matrix.grad.lerp(momentum, _MOMENTUM), precision))

    @torch.no_grad()
    def move(self) -> None:
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix in self._gathered:
                    rate = group["lr"] * math.sqrt(max(1.0, len(matrix) / matrix.shape[1]))
                    matrix.add_(self._directions[matrix], alpha=-rate)


def orthogonal(matrix: Tensor, precision: torch.dtype) -> Tensor:
    """A matrix (out, in) of the same singular vectors, whose singular values are between 0.5 and 1.5, about."""
    wide = matrix.shape[0] <= matrix.shape[1]
    made = matrix.to(precision) if wide else matrix.to(precision).t()
    made = made / made.norm().clamp(min=_LEAST_NORM)
    for _ in range(_ITERATIONS):
        gram = made @ made.t()
        made = torch.addmm(made, torch.addmm(gram, gram, gram, beta=_B, alpha=_C), made, beta=_A)
    return made if wide else made.t()


def fast_precision(device: torch.device, rows: int, columns: int) -> torch.dtype:
    """What a matrix is made orthogonal faster in: on a processor measured, once; on a GPU bfloat16."""
    return _measured(rows, columns) if device.type == "cpu" else torch.bfloat16


@cache
def _measured(rows: int, columns: int) -> torch.dtype:
    if not torch.cpu._is_avx512_bf16_supported():
        return torch.float32
    matrix = torch.eye(rows, columns)
    seconds: dict[torch.dtype, float] = {}
    for precision in (torch.float32, torch.bfloat16):
        times = []
        for _ in range(4):
            began = time.perf_counter()
            orthogonal(matrix, precision)
            times.append(time.perf_counter() - began)
        seconds[precision] = min(times)
    return torch.bfloat16 if seconds[torch.float32] > _WORTH * seconds[torch.bfloat16] else torch.float32
