"""THA3's editor: the rotator's flow corrected at 512x512, and painting where no flow can lead. THA3.md section 6.

State-dict names equal the official ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.student import warp
from tha4_core.teacher.blocks import (
    Heads,
    ResidualBlock,
    alpha_head,
    color_head,
    convolution,
    flow_head,
    halving_activation,
    halvings,
    leaky_relu,
    normalised,
)
from tha4_core.teacher.body_morpher import BODY_POSE_SIZE
from tha4_core.teacher.image_forming import blend, with_pose
from tha4_core.teacher.interface import Formed
from tha4_core.teacher.precision import autocast

#: Channels at full, half, quarter and eighth size.
CHANNELS: Final = (32, 64, 128, 256)
_BOTTLENECK_BLOCKS: Final = 6


class Edited(NamedTuple):
    """In the official order, (B, 4, 512, 512) each, the flow (B, 2, 512, 512).

    color_changed: ``alpha * color_change + (1 - alpha) * warped``, with an alpha for each channel.
    """

    color_changed: Tensor
    alpha: Tensor
    color_change: Tensor
    warped: Tensor
    flow: Tensor

    @property
    def formed(self) -> Formed:
        """The same picture formed with one alpha for all channels, the greatest of the four.

        In a channel whose own is smaller, what is painted leans to what is warped by as much: exact, and in [-1, 1],
        since it lies between the two.
        """
        alpha = self.alpha.amax(dim=1, keepdim=True)  # (B, 1, 512, 512)
        # A sigmoid far below zero is zero, and then there is nothing to share out.
        share = self.alpha / alpha.clamp_min(torch.finfo(alpha.dtype).tiny)
        return Formed(self.color_changed, alpha, self.warped, self.flow, blend(share, self.color_change, self.warped))


class Editor(Heads):
    """The picture with its face posed, the rotator's picture and flow at twice its size, and the body's pose (B, 6).

    channels: at each resolution; the released network's, or others for networks of one's own.
    """

    names = ("grid_change_creator", "color_change_creator", "alpha_creator")

    def __init__(self, *, separable: bool = False, channels: Sequence[int] = CHANNELS) -> None:
        super().__init__()
        self.body = EditorBody(separable=separable, channels=channels)
        self.color_change_creator = color_head(channels[0])
        self.alpha_creator = alpha_head(channels[0], 4)
        self.grid_change_creator = flow_head(channels[0])

    def forward(self, image: Tensor, coarse: Tensor, coarse_flow: Tensor, pose: Tensor) -> Edited:
        """image, coarse: (B, 4, 512, 512); coarse_flow: (B, 2, 512, 512)."""
        features = self.body(with_pose(torch.cat((image, coarse, coarse_flow), dim=1), pose))  # (B, 32, 512, 512)
        correction, color, alpha = self.of(features)
        flow = coarse_flow + correction
        warped = warp(image, flow)
        return Edited(blend(alpha, color, warped), alpha, color, warped, flow)


class EditorBody(nn.Module):
    """A U-Net: (B, 16, S, S), S a multiple of 8 -> features (B, 32, S, S).

    precision: what the convolutions are computed in; float32, or autocast to bfloat16 or float16.
    """

    precision: torch.dtype = torch.float32

    def __init__(self, *, separable: bool = False, channels: Sequence[int] = CHANNELS) -> None:
        super().__init__()
        first = convolution(4 + 4 + 2 + BODY_POSE_SIZE, channels[0], separable=separable)
        self.downsample_blocks = nn.ModuleList(
            [normalised(first, leaky_relu()), *halvings(channels, halving_activation(separable), separable=separable)]
        )
        self.bottleneck_blocks = nn.ModuleList(
            ResidualBlock(channels[-1], leaky_relu(), separable=separable) for _ in range(_BOTTLENECK_BLOCKS)
        )
        self.upsample_blocks = nn.ModuleList(
            Joining(*normalised(convolution(coarse + fine, fine, separable=separable), leaky_relu()))
            for coarse, fine in itertools.pairwise(reversed(channels))
        )

    def forward(self, x: Tensor) -> Tensor:
        with autocast(x.device, self.precision):
            skips = []
            for block in self.downsample_blocks:
                x = block(x)
                skips.append(x)
            x = skips.pop()
            for block in self.bottleneck_blocks:
                x = block(x)
            for block in self.upsample_blocks:
                x = block(x, skips.pop())
        return x.float()


class Joining(nn.Sequential):
    """Layers on (B, C, H, W) at twice its size together with (B, C / 2, 2 H, 2 W)."""

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:  # type: ignore[override]
        joined = torch.cat((functional.interpolate(x, scale_factor=2.0), skip), dim=1)
        for layer in self:
            joined = layer(joined)
        return joined
