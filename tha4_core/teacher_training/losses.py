"""The losses of the paper's appendix B, term by term (ROTATOR_TRAINING.md in the facts; docs/TEACHER_TRAINING.md).

Of pictures (B, 4, S, S): T the posed picture, W what is warped, D what is painted directly, B both blended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from tha4_core.teacher_training.vgg import Vgg

#: How often the perceptual distance compares colours; else it compares alpha, three times the same.
RGB_SHARE: Final = 0.75

#: Whether colours are compared, asked once for each evaluation of the perceptual distance.
Coin = Callable[[], bool]
Distance = Callable[[Tensor, Tensor], Tensor]


class Made(NamedTuple):
    """What a network makes of a picture and a pose, (B, 4, S, S) each; blended: None where it blends nothing."""

    warped: Tensor
    direct: Tensor
    blended: Tensor | None

    def terms(self) -> dict[str, Tensor]:
        """The pictures by the letters of the formulas."""
        pictures = {"W": self.warped, "D": self.direct, "B": self.blended}
        return {name: picture for name, picture in pictures.items() if picture is not None}


class Weights(NamedTuple):
    """Of a phase: of the L1 terms and of the perceptual ones."""

    l1: float
    perceptual: float


def l1(target: Tensor, made: Tensor) -> Tensor:
    """The mean absolute difference."""
    return (target - made).abs().mean()


class Perceptual:
    """Phi of the paper, by a coin: colours or alpha, each so much stronger as it is rarer, so that the mean is Phi."""

    def __init__(self, vgg: Vgg, coin: Coin, rgb_share: float = RGB_SHARE) -> None:
        self._vgg, self._coin, self._share = vgg, coin, rgb_share

    def __call__(self, target: Tensor, made: Tensor) -> Tensor:
        """One flip for the batch."""
        if self._coin():
            return self.part(target[:, :3], made[:, :3]) / self._share
        return self.part(*(picture[:, 3:].expand(-1, 3, -1, -1) for picture in (target, made))) / (1.0 - self._share)

    def part(self, target: Tensor, made: Tensor) -> Tensor:
        """Of pictures (B, 3, S, S): the mean absolute differences of three features, added up."""
        with torch.no_grad():
            wanted = self._vgg(target)
        pairs = zip(wanted, self._vgg(made), strict=True)
        return torch.stack([l1(features, own) for features, own in pairs]).sum()

    def whole(self, target: Tensor, made: Tensor) -> Tensor:
        """Phi itself: colours and alpha."""
        alphas = (picture[:, 3:].expand(-1, 3, -1, -1) for picture in (target, made))
        return self.part(target[:, :3], made[:, :3]) + self.part(*alphas)


def rotator_loss(target: Tensor, made: Made, weights: Weights, phi: Distance | None) -> dict[str, Tensor]:
    """Appendix B.1, and the first two phases of B.2: the terms, weighed, by name. phi: None leaves its terms out."""
    terms = {f"L1({name})": weights.l1 * l1(target, picture) for name, picture in made.terms().items()}
    if phi is not None and weights.perceptual > 0.0:
        for name, picture in made.terms().items():
            terms[f"Phi({name})"] = weights.perceptual * phi(target, picture)
    return terms


def editor_loss(target: Tensor, made: Made, weights: Weights, phi: Distance | None) -> dict[str, Tensor]:
    """The third phase of B.2: perceptual terms on halves and quadrants of what is painted and blended alone."""
    terms = {f"L1({name})": weights.l1 * l1(target, picture) for name, picture in made.terms().items()}
    if phi is not None and weights.perceptual > 0.0:
        for name, picture in made.terms().items():
            if name == "W":
                continue
            terms[f"half({name})"] = weights.perceptual * phi(halved(target), halved(picture))
            pairs = zip(quadrants(target), quadrants(picture), strict=True)
            parts = [phi(wanted, own) for wanted, own in pairs]
            terms[f"quad({name})"] = weights.perceptual * torch.stack(parts).sum()
    return terms


def halved(picture: Tensor) -> Tensor:
    """(B, C, S, S) -> (B, C, S/2, S/2), bilinear, which are the means of 2x2 pixels."""
    return functional.avg_pool2d(picture, 2)


def quadrants(picture: Tensor) -> Iterator[Tensor]:
    """(B, C, S, S) -> four of (B, C, S/2, S/2)."""
    for rows in picture.chunk(2, dim=2):
        yield from rows.chunk(2, dim=3)
