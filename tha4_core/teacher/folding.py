"""The networks rewritten for inference: the same numbers up to rounding, in less time. Training keeps the plain ones.

- The time's scales and shifts are constants, since the time is: they and the normalisation's own become one scale
  and shift for each channel, and so does the pose's.
- Repeating every pixel twice each way and convolving 3x3 is a transposed convolution 4x4 of stride 2, with the kernels'
  overlapping taps added: 4 products for each output in place of 9.
- Activations lie channels last in memory, as the convolutions want them, and are changed in place: for pictures of
  512x512, fetching fresh memory costs as much as arithmetic.
- Heads on the same features are one convolution.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.teacher.attention_unet import AttentionUnet, ResBlock, resample
from tha4_core.teacher.blocks import Heads
from tha4_core.teacher.editor import EditorBody, Joining
from tha4_core.teacher.encoder_decoder import EncoderDecoder
from tha4_core.teacher.normalising import Scratch, normalised
from tha4_core.teacher.two_algo_face_body_rotator import RotatorBody

_Network = TypeVar("_Network", bound=nn.Module)
_Head: TypeAlias = "nn.Conv2d | nn.Sequential"


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
        elif isinstance(module, (EncoderDecoder, RotatorBody, EditorBody)):
            module.precision = precision
            for blocks in (module.downsample_blocks, module.bottleneck_blocks, module.upsample_blocks):
                _fold_norms(blocks)
            if not isinstance(module, EncoderDecoder):
                module.upsample_blocks = nn.ModuleList(DoubledConvolution(block) for block in module.upsample_blocks)
            # The encoder-decoder takes the first of its bottleneck apart itself.
            _fold_pointwise(module, module.bottleneck_blocks[0] if isinstance(module, EncoderDecoder) else None)
            _store(module, precision)
    if isinstance(copied, Heads):
        joined = JoinedHeads([cast(_Head, copied.get_submodule(name)) for name in copied.names])
        _store(joined, torch.float32)
        copied.add_module("joined", joined)
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


class Pointwise(nn.Module):
    """A 1x1 convolution without bias, as the product of matrices that it is for pixels whose channels lie together.

    With one thread torch would lay them out anew for its own convolution, which takes longer than the product.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight = nn.Parameter(conv.weight[:, :, 0, 0].contiguous(), requires_grad=False)  # (out, in)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x.permute(0, 2, 3, 1), self.weight).permute(0, 3, 1, 2)


class DoubledConvolution(nn.Module):
    """One of THA3's way up, folded: every pixel of (B, C, H, W) repeated twice each way, perhaps a skip connection
    (B, S, 2 H, 2 W) after it, a 3x3 convolution of both together, norm and activation -> (B, outputs, 2 H, 2 W).

    A convolution of joined channels is the sum of its convolutions of the parts, and that of what is repeated starts
    from what is not: neither the repeated nor the joined picture is ever written down.
    """

    def __init__(self, block: nn.Module) -> None:
        """block: as in RotatorBody.upsample_blocks or EditorBody's, its norm folded."""
        super().__init__()
        convolutions = [layer for layer in block.modules() if isinstance(layer, nn.Conv2d)]
        self.normalised = next(layer for layer in block.modules() if isinstance(layer, Normalised))
        first, outputs = convolutions[0], convolutions[-1].out_channels
        # A skip connection has as many channels as come out.
        skipped = outputs if isinstance(block, Joining) else 0
        repeated = first.in_channels - skipped
        self.repeated = nn.Sequential(convolution_of_repeated(_part(first, 0, repeated)))
        self.skip = nn.Sequential(_part(first, repeated, skipped)) if skipped else None
        if len(convolutions) > 1:
            self.repeated.append(_part(convolutions[1], 0, repeated))
            if self.skip is not None:
                self.skip.append(_part(convolutions[1], repeated, skipped))

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        made = self.repeated(x)
        if self.skip is not None:
            made.add_(self.skip(skip))
        return cast(Tensor, self.normalised(made))


class JoinedHeads(nn.Module):
    """Heads on the same features as one convolution: (B, C, H, W) -> of each head (B, its outputs, H, W)."""

    def __init__(self, heads: Sequence[_Head]) -> None:
        """heads: a convolution each, and an activation or none."""
        super().__init__()
        convolutions = [head if isinstance(head, nn.Conv2d) else cast(nn.Conv2d, head[0]) for head in heads]
        self.activations = [nn.Identity() if isinstance(head, nn.Conv2d) else head[1] for head in heads]
        self.outputs = [conv.out_channels for conv in convolutions]
        weight = torch.cat([conv.weight for conv in convolutions])
        self.conv = nn.Conv2d(weight.shape[1], len(weight), 3, padding=1, device=weight.device).requires_grad_(False)
        self.conv.weight.copy_(weight)
        biases = [conv.weight.new_zeros(conv.out_channels) if conv.bias is None else conv.bias for conv in convolutions]
        cast(Tensor, self.conv.bias).copy_(torch.cat(biases))

    def forward(self, features: Tensor) -> list[Tensor]:
        parts = self.conv(features).split(self.outputs, dim=1)
        return [activation(part.contiguous()) for activation, part in zip(self.activations, parts, strict=True)]


def _part(conv: nn.Conv2d, start: int, count: int) -> nn.Conv2d:
    """What ``conv``, without bias, does with ``count`` of its inputs from ``start`` on."""
    alone = conv.groups > 1
    outputs = count if alone else conv.out_channels
    part = nn.Conv2d(
        count,
        outputs,
        cast(tuple[int, int], conv.kernel_size),
        padding=cast(tuple[int, int], conv.padding),
        groups=count if alone else 1,
        bias=False,
        device=conv.weight.device,
    ).requires_grad_(False)
    own = conv.weight[start : start + count] if alone else conv.weight[:, start : start + count]
    part.weight.copy_(own)
    return part


def _fold_blocks(module: nn.Module, time: Tensor, scratch: Scratch) -> None:
    for name, child in module.named_children():
        if isinstance(child, ResBlock):
            setattr(module, name, FoldedResBlock(child, time, scratch))
        else:
            _fold_blocks(child, time, scratch)


def _fold_norms(module: nn.Module) -> None:
    """Instance norms, with the activation after them if there is one."""
    for name, child in module.named_children():
        _fold_norms(child)
        if not isinstance(child, nn.Sequential):
            continue
        layers: list[nn.Module] = []
        for layer in child:
            if isinstance(layer, nn.InstanceNorm2d):
                layers.append(Normalised(layer, None))
            elif isinstance(layer, nn.ReLU):
                cast(Normalised, layers[-1]).activation = functional.relu_
            elif isinstance(layer, nn.LeakyReLU):
                slope = layer.negative_slope
                cast(Normalised, layers[-1]).activation = partial(functional.leaky_relu_, negative_slope=slope)
            else:
                layers.append(layer)
        setattr(module, name, type(child)(*layers))


def _fold_pointwise(module: nn.Module, kept: nn.Module | None = None) -> None:
    """All 1x1 convolutions without bias, but for those in ``kept``."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d) and child.kernel_size == (1, 1) and child.bias is None:
            setattr(module, name, Pointwise(child))
        elif child is not kept:
            _fold_pointwise(child, kept)


def _silu(x: Tensor) -> Tensor:
    return functional.silu(x, inplace=True)


def convolution_of_repeated(conv: nn.Conv2d) -> nn.ConvTranspose2d:
    """What a 3x3 convolution makes of a picture with every pixel repeated twice each way, straight from the picture.

    The convolution is of all channels, or of each by itself.

    Of the 3 taps along an axis, two fall on the same pixel: on the nearer one the first two or the last two. So the
    tap at distance d, d = 0..3 from the transposed kernel's start, is the sum of taps {2}, {1, 2}, {0, 1}, {0}.
    """
    spread = torch.tensor([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=torch.float64)  # (4, 3)
    weight = conv.weight.double()  # (out, in, 3, 3)
    spread = spread.to(weight.device)
    wide = torch.einsum("oiyx,Yy,Xx->oiYX", weight, spread, spread).float()  # (out, in / groups, 4, 4)
    transposed = nn.ConvTranspose2d(
        conv.in_channels,
        conv.out_channels,
        4,
        stride=2,
        padding=1,
        groups=conv.groups,
        bias=conv.bias is not None,
        device=weight.device,
    ).requires_grad_(False)
    # Inputs come first in a transposed convolution; those of a channel by itself are its outputs, too.
    transposed.weight.copy_(wide if conv.groups > 1 else wide.transpose(0, 1))
    if conv.bias is not None:
        cast(Tensor, transposed.bias).copy_(conv.bias)
    return transposed


def _store(module: nn.Module, precision: torch.dtype, kept: nn.Module | None = None) -> None:
    """Convolutions' weights in ``precision`` and channels last; those in ``kept`` stay float32."""
    exempt = set() if kept is None else set(kept.modules())
    for child in module.modules():
        if isinstance(child, (nn.Conv2d, nn.ConvTranspose2d, Pointwise)):
            if not isinstance(child, Pointwise):
                child.weight.data = child.weight.data.contiguous(memory_format=torch.channels_last)
            if child not in exempt:
                child.to(precision)
