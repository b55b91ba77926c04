"""What the three face networks share: three halvings, a bottleneck that sees the pose and three doublings.

TEACHER.md section 4.1, THA3.md section 8. State-dict names equal the official ones.
"""

from __future__ import annotations

import itertools
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.teacher.blocks import ResidualBlock, convolution, doubling_convolution, halvings, normalised
from tha4_core.teacher.precision import autocast

#: Channels at full, half, quarter and eighth size.
_CHANNELS: Final = (64, 128, 256, 512)
_BOTTLENECK: Final = _CHANNELS[-1]
_BOTTLENECK_BLOCKS: Final = 6


class EncoderDecoder(nn.Module):
    """A picture (B, inputs, S, S), S a multiple of 8, and a pose (B, pose_size) -> features (B, 64, S, S).

    No skip connections. The pose enters as constant channels, whose mean the next normalisation takes away: it acts
    through the zero padding at the border and what spreads from there.

    precision: what the convolutions are computed in; float32, or autocast to bfloat16 or float16.
    """

    precision: torch.dtype = torch.float32

    def __init__(self, inputs: int, pose_size: int = 0, *, separable: bool = False) -> None:
        super().__init__()
        downsample = normalised(convolution(inputs, _CHANNELS[0], separable=separable), nn.ReLU())
        upsample = [
            normalised(doubling_convolution(coarse, fine, separable=separable), nn.ReLU())
            for coarse, fine in itertools.pairwise(reversed(_CHANNELS))
        ]
        first = convolution(_BOTTLENECK + pose_size, _BOTTLENECK, separable=separable)
        self.downsample_blocks = nn.ModuleList([downsample, *halvings(_CHANNELS, nn.ReLU, separable=separable)])
        self.bottleneck_blocks = nn.ModuleList([normalised(first, nn.ReLU())])
        self.bottleneck_blocks.extend(
            ResidualBlock(_BOTTLENECK, separable=separable) for _ in range(_BOTTLENECK_BLOCKS - 1)
        )
        self.upsample_blocks = nn.ModuleList(upsample)

    def forward(self, image: Tensor, pose: Tensor | None = None) -> Tensor:
        return self.decode(self.encode(image), pose)

    def encode(self, image: Tensor) -> Tensor:
        """All that does not depend on the pose: (B, inputs, S, S) -> (B, 512, S/8, S/8).

        That includes the picture's share of the bottleneck's first convolution, which is linear.
        """
        with autocast(image.device, self.precision):
            x = image
            for block in self.downsample_blocks:
                x = block(x)  # (B, 64, S, S), then (B, 128, S/2, S/2), ...
            x = self._first_convolution(x, 0, _BOTTLENECK)
        return x.float()

    def decode(self, encoded: Tensor, pose: Tensor | None = None) -> Tensor:
        """What :meth:`encode` gave, (B, 512, S/8, S/8) or one for all poses, and the pose -> (B, 64, S, S)."""
        x = encoded
        with autocast(encoded.device, self.precision):
            if pose is not None:
                constant = pose[:, :, None, None].expand(-1, -1, *encoded.shape[-2:])  # (B, pose_size, S/8, S/8)
                x = x + self._first_convolution(constant, _BOTTLENECK, pose.shape[1])
            for layer in self._first_block():
                if not isinstance(layer, nn.Conv2d):  # its norm and ReLU
                    x = layer(x)
            for block in self.bottleneck_blocks[1:]:
                x = block(x)
            for block in self.upsample_blocks:
                x = block(x)
        return x.float()

    def _first_convolution(self, x: Tensor, start: int, count: int) -> Tensor:
        """What the bottleneck's first convolution makes of ``count`` of its inputs, from ``start``, alone."""
        weights = [layer.weight for layer in self._first_block() if isinstance(layer, nn.Conv2d)]
        if len(weights) == 2:  # (512 + pose_size, 1, 3, 3), of each channel by itself, comes before the other
            x = functional.conv2d(x, weights[0][start : start + count], padding=1, groups=count)
        # (512, 512 + pose_size, 3, 3), or 1x1 across channels
        share = weights[-1][:, start : start + count]
        return functional.conv2d(x, share, padding=share.shape[-1] // 2)

    def _first_block(self) -> nn.Sequential:
        return cast(nn.Sequential, self.bottleneck_blocks[0])
