"""THA3's half-resolution rotator: an encoder-decoder that draws the turned figure, and says where it moved from.

THA3.md section 5. State-dict names equal the official ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from tha4_core.student import warp
from tha4_core.teacher.blocks import (
    Heads,
    ResidualBlock,
    color_head,
    convolution,
    flow_head,
    halving_activation,
    halvings,
    leaky_relu,
    normalised,
)
from tha4_core.teacher.body_morpher import BODY_POSE_SIZE
from tha4_core.teacher.image_forming import with_pose
from tha4_core.teacher.interface import Formed
from tha4_core.teacher.precision import autocast

#: Channels at full, half, quarter and eighth size.
CHANNELS: Final = (64, 128, 256, 512)
_BOTTLENECK_BLOCKS: Final = 6


class Rotated(NamedTuple):
    """In the official order: pictures (B, 4, 256, 256) painted and warped, and the flow (B, 2, 256, 256)."""

    direct: Tensor
    warped: Tensor
    flow: Tensor

    @property
    def formed(self) -> Formed:
        """The warped picture alone: this network has no alpha, and nothing uses what it paints (THA3.md section 3)."""
        return Formed(self.warped, torch.zeros_like(self.warped[:, :1]), self.warped, self.flow, self.direct)


class TwoAlgoFaceBodyRotator(Heads):
    """The picture with its face posed (B, 4, 256, 256) and the body's pose (B, 6).

    channels: at each resolution; the released network's, or others for networks of one's own.
    """

    names = ("direct_creator", "grid_change_creator")

    def __init__(self, *, separable: bool = False, channels: Sequence[int] = CHANNELS) -> None:
        super().__init__()
        self.encoder_decoder = RotatorBody(separable=separable, channels=channels)
        self.direct_creator = color_head(channels[0])
        self.grid_change_creator = flow_head(channels[0])

    def forward(self, image: Tensor, pose: Tensor) -> Rotated:
        features = self.encoder_decoder(with_pose(image, pose))  # (B, 64, 256, 256)
        direct, flow = self.of(features)
        return Rotated(direct, warp(image, flow), flow)


class RotatorBody(nn.Module):
    """(B, 10, S, S), S a multiple of 8 -> features (B, 64, S, S). No skip connections.

    precision: what the convolutions are computed in; float32, or autocast to bfloat16 or float16.
    """

    precision: torch.dtype = torch.float32

    def __init__(self, *, separable: bool = False, channels: Sequence[int] = CHANNELS) -> None:
        super().__init__()
        first = convolution(4 + BODY_POSE_SIZE, channels[0], 7, padding=3, separable=separable)
        self.downsample_blocks = nn.ModuleList(
            [normalised(first, leaky_relu()), *halvings(channels, halving_activation(separable), separable=separable)]
        )
        self.bottleneck_blocks = nn.ModuleList(
            ResidualBlock(channels[-1], leaky_relu(), separable=separable) for _ in range(_BOTTLENECK_BLOCKS)
        )
        self.upsample_blocks = nn.ModuleList(
            nn.Sequential(
                nn.UpsamplingNearest2d(scale_factor=2),
                normalised(convolution(coarse, fine, separable=separable), leaky_relu()),
            )
            for coarse, fine in itertools.pairwise(reversed(channels))
        )

    def forward(self, x: Tensor) -> Tensor:
        with autocast(x.device, self.precision):
            for block in itertools.chain(self.downsample_blocks, self.bottleneck_blocks, self.upsample_blocks):
                x = block(x)
        return x.float()
