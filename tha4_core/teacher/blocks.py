"""What the encoder-decoders and THA3's editor are made of: convolutions in two variants, normalised blocks, residual
blocks, and the heads on their features.

TEACHER.md section 4, THA3.md sections 4 and 8. The *separable* variant puts two convolutions, one of each channel by
itself and one across the channels of each pixel, in the place of each *standard* one. State-dict names equal the
official ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import ClassVar, Final, TypeVar, cast

from torch import Tensor, nn

#: The slope of THA3's leaky ReLUs.
LEAKY_SLOPE: Final = 0.1

_Conv = TypeVar("_Conv", nn.Conv2d, nn.ConvTranspose2d)


def convolution(
    inputs: int, outputs: int, kernel: int = 3, *, stride: int = 1, padding: int = 1, separable: bool = False
) -> list[nn.Module]:
    """Without bias: one convolution, or two when ``separable``, with nothing between them."""
    if not separable:
        return [_he_normal(nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False))]
    alone = nn.Conv2d(inputs, inputs, kernel, stride, padding, groups=inputs, bias=False)
    return [_he_normal(alone), _he_normal(nn.Conv2d(inputs, outputs, 1, bias=False))]


def doubling_convolution(inputs: int, outputs: int, *, separable: bool = False) -> list[nn.Module]:
    """As :func:`convolution`, transposed, to twice the height and width."""
    if not separable:
        return [_he_normal(nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False))]
    alone = nn.ConvTranspose2d(inputs, inputs, 4, stride=2, padding=1, groups=inputs, bias=False)
    return [_he_normal(alone), _he_normal(nn.Conv2d(inputs, outputs, 1, bias=False))]


def normalised(convolutions: list[nn.Module], activation: nn.Module) -> nn.Sequential:
    """``convolutions``, an instance norm and ``activation``."""
    return nn.Sequential(*convolutions, instance_norm(_outputs(convolutions)), activation)


def halvings(
    channels: Sequence[int], activation: Callable[[], nn.Module], *, separable: bool = False
) -> list[nn.Sequential]:
    """Blocks from each of ``channels`` to the next, each to half the height and width."""
    return [
        normalised(convolution(fine, coarse, 4, stride=2, separable=separable), activation())
        for fine, coarse in itertools.pairwise(channels)
    ]


def halving_activation(separable: bool) -> Callable[[], nn.Module]:
    """What stands in the halvings of THA3's rotator and editor.

    The standard variant was trained with plain ReLUs there, unlike everywhere else (THA3.md section 9, 1).
    """
    return leaky_relu if separable else nn.ReLU


def leaky_relu() -> nn.LeakyReLU:
    return nn.LeakyReLU(LEAKY_SLOPE)


def instance_norm(channels: int) -> nn.InstanceNorm2d:
    # No running statistics: the same in training and evaluation.
    return nn.InstanceNorm2d(channels, eps=1e-5, affine=True)


class ResidualBlock(nn.Module):
    """``x + path(x)``; nothing follows the sum. (B, C, H, W) -> the same."""

    def __init__(self, channels: int, activation: nn.Module | None = None, *, separable: bool = False) -> None:
        """activation: between the path's two convolutions; None for a ReLU."""
        super().__init__()

        def alone() -> nn.Module:
            layers = convolution(channels, channels, separable=separable)
            return nn.Sequential(*layers) if separable else layers[0]

        self.resnet_path = nn.Sequential(
            alone(), instance_norm(channels), activation or nn.ReLU(), alone(), instance_norm(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, x + self.resnet_path(x))


def alpha_head(features: int = 64, outputs: int = 1) -> nn.Sequential:
    """Features (B, features, H, W) -> (B, outputs, H, W) in [0, 1]."""
    return nn.Sequential(_he_normal(nn.Conv2d(features, outputs, 3, padding=1)), nn.Sigmoid())


def color_head(features: int = 64) -> nn.Sequential:
    """Features (B, features, H, W) -> a picture (B, 4, H, W) in [-1, 1]."""
    return nn.Sequential(_he_normal(nn.Conv2d(features, 4, 3, padding=1)), nn.Tanh())


def flow_head(features: int = 64) -> nn.Conv2d:
    """Features (B, features, H, W) -> flow (B, 2, H, W); a new one moves nothing."""
    head = nn.Conv2d(features, 2, 3, padding=1, bias=False)
    nn.init.zeros_(head.weight)
    return head


class Heads(nn.Module):
    """A network whose last layers are heads on the same features.

    names: theirs, in the order in which :meth:`of` gives what they make. A rewriting for inference
    (:mod:`tha4_core.teacher.folding`) may add a module ``joined`` that does all their work.
    """

    names: ClassVar[tuple[str, ...]]

    def of(self, features: Tensor) -> Sequence[Tensor]:
        """Features (B, C, H, W) -> of each head (B, its outputs, H, W)."""
        joined = self._modules.get("joined")
        if joined is not None:
            return cast(Sequence[Tensor], joined(features))
        return [self.get_submodule(name)(features) for name in self.names]


def _outputs(convolutions: list[nn.Module]) -> int:
    return cast(nn.Conv2d, convolutions[-1]).out_channels


def _he_normal(conv: _Conv) -> _Conv:
    """Weights of mean 0 and variance 2 / fan-in."""
    # A tensor without memory has no values, and torch would load its compiler for it: a second or two.
    if not conv.weight.is_meta:
        nn.init.kaiming_normal_(conv.weight)
    return conv
