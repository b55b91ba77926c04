"""The networks rewritten for inference: the same numbers up to rounding, in less time. Training keeps the plain ones.

- The time's scales and shifts are constants, since the time is: they and the normalisation's own become one scale
  and shift for each channel, and so does the pose's.
- Repeating every pixel twice each way and convolving 3x3 is a transposed convolution 4x4 of stride 2, with the kernels'
  overlapping taps added: 4 products for each output in place of 9.
- Activations lie channels last in memory, as the convolutions want them, and are changed in place: for pictures of
  512x512, fetching fresh memory costs as much as arithmetic.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.teacher.attention_unet import AttentionUnet, ResBlock, resample
from tha4_core.teacher.encoder_decoder import EncoderDecoder
from tha4_core.teacher.normalising import Scratch, normalised

_Network = TypeVar("_Network", bound=nn.Module)


@torch.no_grad()
def folded(network: _Network, device: torch.device, precision: torch.dtype) -> _Network:
    """A copy of one of the five networks for inference on ``device``, its convolutions in ``precision``.

    The copy is called as the network is; it cannot be trained or saved, and no longer follows the original.
    """
    copied = copy.deepcopy(network).to(device).eval().requires_grad_(False)
    for module in list(copied.modules()):
        if isinstance(module, AttentionUnet):
            module.precision = precision
            time = module.time_embed(torch.zeros(1, device=device))  # (1, 256)
            scratch = Scratch()
            _fold_blocks(module, time, scratch)
            norm, _, conv = module.last
            module.last = nn.Sequential(Normalised(cast(nn.GroupNorm, norm), _silu, scratch), conv)
            _store(module, precision, kept=conv)
        elif isinstance(module, EncoderDecoder):
            module.precision = precision
            for blocks in (module.downsample_blocks, module.bottleneck_blocks, module.upsample_blocks):
                _fold_norms(blocks)
                _store(blocks, precision)
    return copied


class FoldedResBlock(nn.Module):
    """A :class:`ResBlock` with everything that does not depend on the pose worked out."""

    def __init__(self, block: ResBlock, time: Tensor, scratch: Scratch) -> None:
        super().__init__()
        self.resampling = block.resampling
        self.norm0, self.norm1 = block.norm0, block.norm1
        self.conv0 = convolution_of_repeated(block.conv0) if block.resampling == "up" else block.conv0
        self.conv1, self.skip, self.cond1_layers = block.conv1, block.skip, block.cond1_layers
        scale, shift = block.cond0_layers(time).chunk(2, dim=1)  # (1, outputs) each
        self.register_buffer("scale", block.norm1.weight * (1.0 + scale))
        self.register_buffer("shift", block.norm1.bias * (1.0 + scale) + shift)
        self.scratch = scratch

    def forward(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:  # noqa: ARG002 - as ResBlock
        h = self._norm_silu(x, self.norm0, self.norm0.weight[None], self.norm0.bias[None])
        h = self.conv0(h if self.resampling == "up" else resample(h, self.resampling))
        scale, shift = self.cond1_layers(condition).float().chunk(2, dim=1)  # (B, outputs) each
        scale, shift = self.scale * (1.0 + scale), self.shift * (1.0 + scale) + shift
        h = self.conv1(self._norm_silu(h, self.norm1, scale, shift))
        if self.resampling == "up":
            # Each pixel is added to the four that it becomes, without writing it down four times.
            h.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).add_(x[:, :, :, None, :, None])
            return cast(Tensor, h)
        return cast(Tensor, h.add_(self.skip(resample(x, self.resampling))))

    def _norm_silu(self, x: Tensor, norm: nn.GroupNorm, scale: Tensor, shift: Tensor) -> Tensor:
        return normalised(x, norm.num_groups, norm.eps, scale, shift, _silu, self.scratch)


class Normalised(nn.Module):
    """A group norm, or an instance norm, which has a group for each channel, and what activation follows it."""

    def __init__(
        self,
        norm: nn.GroupNorm | nn.InstanceNorm2d,
        activation: Callable[[Tensor], Tensor] | None,
        scratch: Scratch | None = None,
    ) -> None:
        super().__init__()
        self.groups = norm.num_groups if isinstance(norm, nn.GroupNorm) else norm.num_features
        self.epsilon = norm.eps
        self.weight, self.bias = norm.weight, norm.bias
        self.activation, self.scratch = activation, scratch

    def forward(self, x: Tensor) -> Tensor:
        return normalised(
            x, self.groups, self.epsilon, self.weight[None], self.bias[None], self.activation, self.scratch
        )


def _fold_blocks(module: nn.Module, time: Tensor, scratch: Scratch) -> None:
    for name, child in module.named_children():
        if isinstance(child, ResBlock):
            setattr(module, name, FoldedResBlock(child, time, scratch))
        else:
            _fold_blocks(child, time, scratch)


def _fold_norms(module: nn.Module) -> None:
    """Instance norms, with the ReLU after them if there is one."""
    for name, child in module.named_children():
        if not isinstance(child, nn.Sequential):
            _fold_norms(child)
            continue
        layers: list[nn.Module] = []
        for layer in child:
            if isinstance(layer, nn.InstanceNorm2d):
                layers.append(Normalised(layer, None))
            elif isinstance(layer, nn.ReLU):
                cast(Normalised, layers[-1]).activation = functional.relu_
            else:
                layers.append(layer)
        setattr(module, name, nn.Sequential(*layers))


def _silu(x: Tensor) -> Tensor:
    return functional.silu(x, inplace=True)


def convolution_of_repeated(conv: nn.Conv2d) -> nn.ConvTranspose2d:
    """What a 3x3 convolution makes of a picture with every pixel repeated twice each way, straight from the picture.

    Of the 3 taps along an axis, two fall on the same pixel: on the nearer one the first two or the last two. So the
    tap at distance d, d = 0..3 from the transposed kernel's start, is the sum of taps {2}, {1, 2}, {0, 1}, {0}.
    """
    spread = torch.tensor([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=torch.float64)  # (4, 3)
    weight = conv.weight.double()  # (out, in, 3, 3)
    spread = spread.to(weight.device)
    wide = torch.einsum("oiyx,Yy,Xx->ioYX", weight, spread, spread).float()  # (in, out, 4, 4)
    transposed = nn.ConvTranspose2d(
        conv.in_channels, conv.out_channels, 4, stride=2, padding=1, device=weight.device
    ).requires_grad_(False)
    transposed.weight.copy_(wide)
    cast(Tensor, transposed.bias).copy_(cast(Tensor, conv.bias))
    return transposed


def _store(module: nn.Module, precision: torch.dtype, kept: nn.Module | None = None) -> None:
    """Convolutions' weights in ``precision`` and channels last; those in ``kept`` stay float32."""
    exempt = set() if kept is None else set(kept.modules())
    for child in module.modules():
        if isinstance(child, (nn.Conv2d, nn.ConvTranspose2d)):
            child.weight.data = child.weight.data.contiguous(memory_format=torch.channels_last)
            if child not in exempt:
                child.to(precision)
