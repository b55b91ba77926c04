"""Group norm and the activation that follows it, on the CPU, for activations that lie channels last.

torch's own group norm of such activations sums all pixels of a channel one by one in float32: over 512x512 pixels of a
drawing, which is flat for the most part, that is wrong from the fourth digit. Here sums are of a part of the pixels
each, and the parts' are added in float64; a part stays in the cache from the normalisation to the activation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from tha4_core.torch_workers import TorchWorkers

#: Numbers in a part: 1 MiB of them.
_PART: Final = 1 << 18


class Scratch:
    """Memory that is used again and again: fetching it anew costs as much as the arithmetic done in it."""

    def __init__(self) -> None:
        self._memory: dict[torch.dtype, Tensor] = {}

    def like(self, x: Tensor) -> Tensor:
        """Room for (B, C, H, W), channels last; what was in it is lost."""
        batch, channels, height, width = x.shape
        memory = self._memory.get(x.dtype)
        if memory is None or len(memory) < x.numel():
            # An ordinary tensor: one made in inference mode could not be written to outside it later.
            with torch.inference_mode(False):
                memory = self._memory[x.dtype] = torch.empty(x.numel(), dtype=x.dtype)
        return memory[: x.numel()].view(batch, height, width, channels).permute(0, 3, 1, 2)


def normalised(
    x: Tensor,
    groups: int,
    epsilon: float,
    scale: Tensor,
    shift: Tensor,
    activation: Callable[[Tensor], Tensor] | None,
    scratch: Scratch | None = None,
) -> Tensor:
    """``activation(scale * n + shift)``, n being x with each group's mean and standard deviation taken away.

    x: (B, C, H, W); scale, shift: (B or 1, C); activation: works in place. On the CPU the result lies channels last,
    in ``scratch`` if that is given, until its next use, and no gradient is kept.
    """
    if x.device.type != "cpu":
        h = functional.group_norm(x, groups, eps=epsilon)
        h = torch.addcmul(shift[:, :, None, None], h, scale[:, :, None, None])
        return h if activation is None else activation(h)
    x = x.contiguous(memory_format=torch.channels_last)
    result = torch.empty_like(x) if scratch is None else scratch.like(x)
    for index, (sample, room) in enumerate(zip(x, result, strict=True)):
        own = index if len(scale) > 1 else 0
        pixels, target = sample.permute(1, 2, 0).flatten(0, 1), room.permute(1, 2, 0).flatten(0, 1)  # (H * W, C)
        _normalise(pixels, target, groups, epsilon, scale[own], shift[own], activation)
    return result


def _normalise(
    x: Tensor,
    target: Tensor,
    groups: int,
    epsilon: float,
    scale: Tensor,
    shift: Tensor,
    activation: Callable[[Tensor], Tensor] | None,
) -> None:
    """x (n, C) -> target, the same shape; scale, shift (C,)."""
    count, channels = x.shape
    rows = max(1, _PART // channels)
    parts = torch.split(x, rows)
    sums = _on_all_cores(lambda part: part.sum(0, dtype=torch.float32), parts)
    mean = _group_means(torch.stack(sums), groups, count)
    centre = mean.float()
    squares = _on_all_cores(lambda part: (part - centre).square_().sum(0), parts)
    factor = scale / torch.sqrt(_group_means(torch.stack(squares), groups, count) + epsilon)  # float64
    offset = (shift - mean * factor).float()
    factor = factor.float()

    def finish(part: Tensor, room: Tensor) -> Tensor:
        h = torch.addcmul(offset, part.float(), factor)
        return room.copy_(h if activation is None else activation(h))

    _on_all_cores(finish, parts, torch.split(target, rows))


def _on_all_cores(work: Callable[..., Tensor], *parts: Sequence[Tensor]) -> list[Tensor]:
    """``[work(a, b, ...) for a, b, ... in zip(*parts)]``, each of torch's threads taking a run of them."""
    together = list(zip(*parts, strict=True))
    threads = min(torch.get_num_threads(), len(together))
    if threads == 1:
        return [work(*each) for each in together]
    inference = torch.is_inference_mode_enabled()  # of this thread alone

    def run(thread: int) -> list[Tensor]:
        first, last = (len(together) * i // threads for i in (thread, thread + 1))
        with torch.inference_mode(inference), torch.no_grad():
            return [work(*each) for each in together[first:last]]

    return [made for run_made in _workers(torch.get_num_threads()).map(run, range(threads)) for made in run_made]


@cache
def _workers(threads: int) -> TorchWorkers:
    return TorchWorkers(threads)


def _group_means(sums: Tensor, groups: int, count: int) -> Tensor:
    """Sums of parts (parts, C) -> each channel's group's mean, float64 (C,)."""
    total = sums.double().sum(0).view(groups, -1)  # (groups, C / groups)
    return (total.sum(1, keepdim=True) / (count * total.shape[1])).expand_as(total).flatten()
