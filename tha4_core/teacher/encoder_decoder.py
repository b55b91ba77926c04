"""What the three face networks share: the body, three halvings, a bottleneck that sees the pose and three doublings;
and the heads on its features.

TEACHER.md sections 4.1 and 4.2. State-dict names equal the official ones.
"""

from __future__ import annotations

import itertools
from typing import Final, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.teacher.precision import autocast

#: Channels at full, half, quarter and eighth size.
_CHANNELS: Final = (64, 128, 256, 512)
_BOTTLENECK: Final = _CHANNELS[-1]
_BOTTLENECK_BLOCKS: Final = 6


_Conv = TypeVar("_Conv", nn.Conv2d, nn.ConvTranspose2d)


class EncoderDecoder(nn.Module):
    """A picture (B, inputs, S, S), S a multiple of 8, and a pose (B, pose_size) -> features (B, 64, S, S).

    No skip connections. The pose enters as constant channels, whose mean the next normalisation takes away: it acts
    through the zero padding at the border and what spreads from there.

    precision: what the convolutions are computed in; float32, or autocast to bfloat16 or float16.
    """

    precision: torch.dtype = torch.float32

    def __init__(self, inputs: int, pose_size: int = 0) -> None:
        super().__init__()
        downsample = [_normalised(_he_normal(nn.Conv2d(inputs, _CHANNELS[0], 3, padding=1, bias=False)))]
        upsample: list[nn.Module] = []
        for fine, coarse in itertools.pairwise(_CHANNELS):
            downsample.append(_normalised(_he_normal(nn.Conv2d(fine, coarse, 4, stride=2, padding=1, bias=False))))
            upsample.insert(
                0, _normalised(_he_normal(nn.ConvTranspose2d(coarse, fine, 4, stride=2, padding=1, bias=False)))
            )
        first = nn.Conv2d(_BOTTLENECK + pose_size, _BOTTLENECK, 3, padding=1, bias=False)
        self.downsample_blocks = nn.ModuleList(downsample)
        self.bottleneck_blocks = nn.ModuleList([_normalised(_he_normal(first))])
        self.bottleneck_blocks.extend(ResidualBlock(_BOTTLENECK) for _ in range(_BOTTLENECK_BLOCKS - 1))
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
            x = functional.conv2d(x, self._first_weight()[:, :_BOTTLENECK], padding=1)
        return x.float()

    def decode(self, encoded: Tensor, pose: Tensor | None = None) -> Tensor:
        """What :meth:`encode` gave, (B, 512, S/8, S/8) or one for all poses, and the pose -> (B, 64, S, S)."""
        x = encoded
        with autocast(encoded.device, self.precision):
            if pose is not None:
                constant = pose[:, :, None, None].expand(-1, -1, *encoded.shape[-2:])  # (B, pose_size, S/8, S/8)
                x = x + functional.conv2d(constant, self._first_weight()[:, _BOTTLENECK:], padding=1)
            x = cast(nn.Sequential, self.bottleneck_blocks[0])[1:](x)  # its norm and ReLU
            for block in self.bottleneck_blocks[1:]:
                x = block(x)
            for block in self.upsample_blocks:
                x = block(x)
        return cast(Tensor, x.float())

    def _first_weight(self) -> Tensor:
        """(512, 512 + pose_size, 3, 3)"""
        return cast(Tensor, cast(nn.Sequential, self.bottleneck_blocks[0])[0].weight)


class ResidualBlock(nn.Module):
    """``x + path(x)``; nothing follows the sum. (B, C, H, W) -> the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.resnet_path = nn.Sequential(
            _he_normal(nn.Conv2d(channels, channels, 3, padding=1, bias=False)),
            _norm(channels),
            nn.ReLU(),
            _he_normal(nn.Conv2d(channels, channels, 3, padding=1, bias=False)),
            _norm(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, x + self.resnet_path(x))


def alpha_head() -> nn.Sequential:
    """Features (B, 64, H, W) -> (B, 1, H, W) in [0, 1]."""
    return nn.Sequential(_he_normal(nn.Conv2d(_CHANNELS[0], 1, 3, padding=1)), nn.Sigmoid())


def color_head() -> nn.Sequential:
    """Features (B, 64, H, W) -> a picture (B, 4, H, W) in [-1, 1]."""
    return nn.Sequential(_he_normal(nn.Conv2d(_CHANNELS[0], 4, 3, padding=1)), nn.Tanh())


def flow_head() -> nn.Conv2d:
    """Features (B, 64, H, W) -> flow (B, 2, H, W); a new one moves nothing."""
    head = nn.Conv2d(_CHANNELS[0], 2, 3, padding=1, bias=False)
    nn.init.zeros_(head.weight)
    return head


def _normalised(conv: nn.Conv2d | nn.ConvTranspose2d) -> nn.Sequential:
    return nn.Sequential(conv, _norm(conv.out_channels), nn.ReLU())


def _norm(channels: int) -> nn.InstanceNorm2d:
    # No running statistics: the same in training and evaluation.
    return nn.InstanceNorm2d(channels, eps=1e-5, affine=True)


def _he_normal(conv: _Conv) -> _Conv:
    """Weights of mean 0 and variance 2 / fan-in."""
    nn.init.kaiming_normal_(conv.weight)
    return conv
