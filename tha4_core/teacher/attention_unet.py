"""The U-Net that the two body networks share: residual blocks conditioned on the pose, attention at 16x16.

TEACHER.md section 7; the paper's appendix A. State-dict names equal the official ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.teacher.precision import autocast

#: How many numbers describe time and pose to a residual block.
CONDITION_SIZE: Final = 256
_HEAD_CHANNELS: Final = 32
_UP_BLOCKS: Final = 2
_MIDDLE_BLOCKS: Final = 4
#: direct R, G, B, A, flow x, flow y, alpha.
_OUTPUTS: Final = 7

Resampling = Literal["same", "down", "up"]


class AttentionUnet(nn.Module):
    """A picture (B, 4, S, S) and a pose (B, pose_size) -> (B, 7, S, S), without activation.

    channels: how many at each resolution, from S downwards, each half of the one before. Attention is at the last.
    precision: what all but the last convolution is computed in; float32, or autocast to bfloat16 or float16.
    """

    precision: torch.dtype = torch.float32

    def __init__(self, channels: Sequence[int], pose_size: int) -> None:
        super().__init__()
        base = channels[0]
        self.time_embed = nn.Sequential(TimeEmbedding(base), *_perceptron(base))
        self.cond_embed = nn.Sequential(*_perceptron(pose_size))
        self.first_conv = nn.Conv2d(4, base, 3, padding=1)
        down: list[nn.Module] = []
        skips = [base]  # channels of the tensors that the way down leaves for the way up
        for level, width in enumerate(channels):
            last = level + 1 == len(channels)
            down.append(DownLevel(skips[-1], width, last=last))
            skips += [width] if last else [width, width]
        self.down_blocks = nn.ModuleList(down)
        middle: list[nn.Module] = [ResBlock(channels[-1], channels[-1])]
        for _ in range(_MIDDLE_BLOCKS - 1):
            middle += [MiddleAttention(channels[-1]), ResBlock(channels[-1], channels[-1])]
        self.middle_blocks = nn.ModuleList(middle)
        up: list[nn.Module] = []
        width = channels[-1]
        for level in reversed(range(len(channels))):
            inputs = [(width if i == 0 else channels[level]) + skips.pop() for i in range(_UP_BLOCKS)]
            up.append(UpLevel(inputs, channels[level], attention=level + 1 == len(channels), upsample=level > 0))
            width = channels[level]
        self.up_blocks = nn.ModuleList(up)
        self.last = nn.Sequential(_norm(base), nn.SiLU(), _zeroed(nn.Conv2d(base, _OUTPUTS, 3, padding=1)))

    def forward(self, image: Tensor, pose: Tensor, extra: Tensor | None = None) -> Tensor:
        """extra: (B, channels[0], S, S), added to the first convolution's output."""
        # Denoising time, which the architecture has from diffusion models, is 0 always.
        time = self.time_embed(torch.zeros(1, device=image.device))  # (1, 256)
        condition = self.cond_embed(pose)  # (B, 256)
        with autocast(image.device, self.precision):
            x = self.first_conv(image)  # (B, C0, S, S)
            if extra is not None:
                x = x + extra
            skips = [x]
            for block in self.down_blocks:
                skips += block(skips[-1], time, condition)
            x = skips[-1]
            for block in self.middle_blocks:
                x = block(x, time, condition)
            for block in self.up_blocks:
                x = block(x, skips, time, condition)
        return cast(Tensor, self.last(x.float()))


class TimeEmbedding(nn.Module):
    """Times (N,) -> (N, size): cosines, then sines, of size/2 frequencies from 1 down to 1/10000."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, time: Tensor) -> Tensor:
        half = self.size // 2
        exponents = torch.arange(half, device=time.device, dtype=torch.float32) / (half - 1)
        angles = time[:, None] * torch.pow(1e4, -exponents)  # (N, size / 2)
        return torch.cat((angles.cos(), angles.sin()), dim=1)


class DownLevel(nn.Module):
    """One resolution of the way down; gives the tensors that the way up will want."""

    def __init__(self, inputs: int, channels: int, *, last: bool) -> None:
        super().__init__()
        self.res_blocks = nn.ModuleList([ResBlock(inputs, channels)])
        self.attention_blocks = nn.ModuleList([Attention(channels)] if last else [])
        self.downsample = None if last else ResBlock(channels, channels, "down")

    def forward(self, x: Tensor, time: Tensor, condition: Tensor) -> list[Tensor]:
        """(B, inputs, S, S) -> [(B, channels, S, S)], then, but for the last level, (B, channels, S/2, S/2)."""
        x = self.res_blocks[0](x, time, condition)
        for attention in self.attention_blocks:
            x = attention(x)
        return [x] if self.downsample is None else [x, self.downsample(x, time, condition)]


class UpLevel(nn.Module):
    """One resolution of the way up."""

    def __init__(self, inputs: Sequence[int], channels: int, *, attention: bool, upsample: bool) -> None:
        super().__init__()
        self.resnet_blocks = nn.ModuleList(ResBlock(count, channels) for count in inputs)
        self.attention_blocks = nn.ModuleList(Attention(channels) for _ in inputs if attention)
        self.upsample = ResBlock(channels, channels, "up") if upsample else None

    def forward(self, x: Tensor, skips: list[Tensor], time: Tensor, condition: Tensor) -> Tensor:
        """(B, C, S, S) -> (B, channels, 2S, 2S), or S at the first level. Takes its tensors off the end of skips."""
        for index, block in enumerate(self.resnet_blocks):
            x = block(torch.cat((x, skips.pop()), dim=1), time, condition)
            if self.attention_blocks:
                x = self.attention_blocks[index](x)
        return x if self.upsample is None else self.upsample(x, time, condition)


class ResBlock(nn.Module):
    """``skip(x) + path(x)``, the path normalised twice, then scaled and shifted for the time and for the pose.

    (B, inputs, S, S) -> (B, outputs, S', S'), where S' = S, or S/2 and 2S for "down" and "up".
    """

    def __init__(self, inputs: int, outputs: int, resampling: Resampling = "same") -> None:
        super().__init__()
        self.resampling: Resampling = resampling
        self.norm0 = _norm(inputs)
        self.conv0 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.cond0_layers = nn.Sequential(nn.SiLU(), nn.Linear(CONDITION_SIZE, 2 * outputs))
        self.norm1 = _norm(outputs)
        self.conv1 = _zeroed(nn.Conv2d(outputs, outputs, 3, padding=1))
        self.cond1_layers = nn.Sequential(nn.SiLU(), nn.Linear(CONDITION_SIZE, 2 * outputs))
        self.skip = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        """time: (1, 256); condition: (B, 256), of the pose."""
        h = self.conv0(resample(functional.silu(self.norm0(x)), self.resampling))
        h = _scale_shift(self.norm1(h), self.cond0_layers(time))
        h = _scale_shift(h, self.cond1_layers(condition))
        return cast(Tensor, self.skip(resample(x, self.resampling)) + self.conv1(functional.silu(h)))


class Attention(nn.Module):
    """``x + attention(x)`` among the pixels, without their positions, in heads of 32 channels. Keeps the shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = channels // _HEAD_CHANNELS
        self.norm = _norm(channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.conv = _zeroed(nn.Conv2d(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        qkv = self.qkv(self.norm(x)).reshape(batch, 3, self.heads, _HEAD_CHANNELS, height * width)
        query, key, value = qkv.transpose(3, 4).unbind(1)  # each (B, heads, pixels, 32)
        seen = functional.scaled_dot_product_attention(query, key, value)
        return cast(Tensor, x + self.conv(seen.transpose(2, 3).reshape(batch, channels, height, width)))


class MiddleAttention(nn.Module):
    """An attention block among the middle's residual blocks; the official names have it one level deeper."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.module = Attention(channels)

    def forward(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:  # noqa: ARG002 - as ResBlock
        return cast(Tensor, self.module(x))


def resample(x: Tensor, resampling: Resampling) -> Tensor:
    """(B, C, S, S): as it is, averaged to (B, C, S/2, S/2), or repeated to (B, C, 2S, 2S)."""
    if resampling == "down":
        return functional.avg_pool2d(x, 2)
    if resampling == "up":
        return functional.interpolate(x, scale_factor=2, mode="nearest")
    return x


def _scale_shift(x: Tensor, parameters: Tensor) -> Tensor:
    """x (B, C, H, W); parameters (B or 1, 2C): scales, then shifts."""
    scale, shift = parameters[:, :, None, None].chunk(2, dim=1)
    return x * (1.0 + scale) + shift


def _perceptron(inputs: int) -> tuple[nn.Module, ...]:
    return nn.Linear(inputs, CONDITION_SIZE), nn.SiLU(), nn.Linear(CONDITION_SIZE, CONDITION_SIZE)


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(min(32, channels), channels, eps=1e-5)


def _zeroed(conv: nn.Conv2d) -> nn.Conv2d:
    """So that a new block starts as its skip connection, and a new network as a plain picture of zeros."""
    nn.init.zeros_(conv.weight)
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)
    return conv
