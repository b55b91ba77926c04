"""What eyes make of a picture, for trainings on linear light: how much a colour's error shows, and where details are.

A step of linear light that nobody sees on a cheek is a strand of hair in the dark. The sRGB curve is near enough to how
eyes grade light.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

#: The greatest weight of an error, that of about one percent of light: what is darker is told apart by nobody.
_MOST: Final = 6.0
#: The slope of the sRGB curve's power at white, and that slope's own power.
_SLOPE: Final = 1.055 / 2.4
_POWER: Final = 1.0 / 2.4 - 1.0


def shown(linear: Tensor) -> Tensor:
    """Linear light in [-1, 1], any shape -> how it is shown, by the sRGB curve, in [0, 1]; clipped."""
    light = _light(linear)
    return torch.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clamp(min=1e-6).pow(1.0 / 2.4) - 0.055)


def weight_of_errors(linear: Tensor) -> Tensor:
    """Of colours in [-1, 1], any shape: how much an error shows, in proportion to the sRGB curve's slope; at most 6.

    An alpha is taken for light: where there should be none, a little of it is a haze. A squared error times this lies
    half-way between one of light, which PSNR counts, and one of what is shown.
    """
    return (_SLOPE * (_light(linear) + 1e-4).pow(_POWER)).clamp(max=_MOST)


def detail(picture: Tensor) -> Tensor:
    """(4, h, w) in [-1, 1], linear and premultiplied -> (h, w): how much a pixel's neighbours differ as shown."""
    values = shown(picture)
    along_rows, along_columns = torch.zeros_like(values), torch.zeros_like(values)  # (4, h, w)
    along_rows[:, :, 1:-1] = values[:, :, 2:] - values[:, :, :-2]
    along_columns[:, 1:-1] = values[:, 2:] - values[:, :-2]
    return (along_rows.square() + along_columns.square()).sum(dim=0).sqrt()


def _light(linear: Tensor) -> Tensor:
    """[-1, 1] -> [0, 1], clipped."""
    return (0.5 * (linear.float() + 1.0)).clamp(0.0, 1.0)
