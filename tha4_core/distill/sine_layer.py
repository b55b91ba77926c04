"""A sine layer for training on points: all pixels of all pictures as columns, products in reduced precision.

A step of training is nothing but matrix products and sines. On processors with bfloat16 instructions the products are
several times as fast in that precision; weights, sums, sines and what the optimiser sees stay float32.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor

from tha4_core.student import OMEGA

_PRECISIONS: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def precision_of(name: str) -> torch.dtype:
    """ "float32", "bfloat16", or "auto": bfloat16 where the processor has instructions for it. Else KeyError."""
    if name == "auto":
        return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32
    return _PRECISIONS[name]


def sine_layer(
    x: Tensor, weight: Tensor, bias: Tensor, extra: Tensor | None = None, precision: torch.dtype = torch.float32
) -> Tensor:
    """``sin(30 (W x + b + extra))`` of every column, with gradients.

    x: (in, n). weight: (out, in). bias: (out,). extra: (out, n) or None, what was computed elsewhere of the sum.
    precision: of the three products, forward and backward. Returns (out, n), float32.
    """
    made: Tensor = _SineLayer.apply(x, weight, bias, extra, precision)  # type: ignore[no-untyped-call]
    return made


class _SineLayer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, extra: Tensor | None, precision: torch.dtype
    ) -> Tensor:
        angle = _product(OMEGA * weight, x, precision).add_((OMEGA * bias)[:, None])  # (out, n)
        if extra is not None:
            angle.add_(extra, alpha=OMEGA)
        ctx.save_for_backward(x, weight, angle)
        ctx.precision = precision
        return angle.sin()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, angle = ctx.saved_tensors
        slope = angle.cos().mul_(gradients[0]).mul_(OMEGA)  # (out, n)
        to_x = _product(weight.t(), slope, ctx.precision) if ctx.needs_input_grad[0] else None
        to_weight = _product(slope, x.t(), ctx.precision) if ctx.needs_input_grad[1] else None
        to_bias = slope.sum(dim=1) if ctx.needs_input_grad[2] else None
        return to_x, to_weight, to_bias, slope if ctx.needs_input_grad[3] else None, None


def _product(a: Tensor, b: Tensor, precision: torch.dtype) -> Tensor:
    return a @ b if precision == a.dtype else (a.to(precision) @ b.to(precision)).to(a.dtype)
