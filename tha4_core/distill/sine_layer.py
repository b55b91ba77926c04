"""A sine layer for training on points: all pixels of all pictures as columns, products in reduced precision.

A step of training is nothing but matrix products and sines. On some processors products are several times as fast in
bfloat16; weights, sums, sines and what the optimiser sees stay float32.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Any, Final

import torch
from torch import Tensor

from tha4_core.student import OMEGA

_PRECISIONS: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16}
#: bfloat16 must be so much faster to be worth its noise.
_WORTH: Final = 1.3


def precision_of(name: str, device: torch.device) -> torch.dtype:
    """Of "float32", "bfloat16", or "auto": bfloat16 on processors whose products are clearly faster in it, and float32
    on others and on GPUs, where launching a step's many small operations takes longer than its products. Else KeyError.
    """
    if name != "auto":
        return _PRECISIONS[name]
    return _faster_precision() if device.type == "cpu" else torch.float32


def precision_name(precision: torch.dtype) -> str:
    """What :func:`precision_of` calls it: a training goes on in the precision that it was begun in."""
    return next(name for name, known in _PRECISIONS.items() if known == precision)


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
        shift = (OMEGA * bias)[:, None]
        angle = _product(OMEGA * weight, x, precision, shift if extra is None else extra * OMEGA)  # (out, n)
        if extra is not None:
            angle.add_(shift)
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


def _product(a: Tensor, b: Tensor, precision: torch.dtype, plus: Tensor | None = None) -> Tensor:
    """``a @ b + plus``."""
    if precision == a.dtype:
        return a @ b if plus is None else torch.addmm(plus, a, b)
    product = (a.to(precision) @ b.to(precision)).to(a.dtype)
    return product if plus is None else product.add_(plus)


@cache
def _faster_precision() -> torch.dtype:
    """What a layer's products are faster in. A processor may have instructions for bfloat16 and be slower with them."""
    if not torch.cpu._is_avx512_bf16_supported():
        return torch.float32
    a, b = torch.ones(128, 128), torch.ones(128, 4096)
    seconds: dict[torch.dtype, float] = {}
    for precision in (torch.float32, torch.bfloat16):
        times = []
        for _ in range(8):
            began = time.perf_counter()
            _product(a, b, precision)
            times.append(time.perf_counter() - began)
        seconds[precision] = min(times)
    return torch.bfloat16 if seconds[torch.float32] > _WORTH * seconds[torch.bfloat16] else torch.float32
