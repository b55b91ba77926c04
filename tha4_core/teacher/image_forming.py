"""How the teacher's networks form pictures: warping, blending, resizing (TEACHER.md section 2).

Pictures are (B, 4, H, W), RGBA, linear light, premultiplied, in [-1, 1]; alpha maps (B, 1, H, W) in [0, 1]; flow
(B, 2, H, W), x then y, in units of half the picture, so that it can be resized without rescaling its values.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tha4_core.student import warp
from tha4_core.teacher.interface import Formed


def blend(alpha: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """``alpha * first + (1 - alpha) * second``, all four channels."""
    return torch.lerp(second, first, alpha)


def blend_color(alpha: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """RGB as :func:`blend`; the alpha channel is the second picture's."""
    blended = blend(alpha, first, second)
    blended[:, 3:] = second[:, 3:]
    return blended


def resize(tensor: Tensor, size: int) -> Tensor:
    """Bilinear, half-pixel centres, no antialiasing; (B, C, H, W) -> (B, C, size, size)."""
    return functional.interpolate(tensor, size=(size, size), mode="bilinear", align_corners=False)


def with_pose(image: Tensor, pose: Tensor) -> Tensor:
    """A picture (B, C, H, W) and a pose (B, P), as constant channels after the picture's -> (B, C + P, H, W)."""
    return torch.cat((image, pose[:, :, None, None].expand(-1, -1, *image.shape[-2:])), dim=1)


def form(raw: Tensor, source: Tensor) -> Formed:
    """What a U-Net's seven channels (B, 7, H, W) make of the picture that they move, ``source`` (B, 4, H, W).

    The channels are direct R, G, B, A, flow x, flow y, and alpha before its sigmoid.
    """
    direct, flow, alpha = raw[:, :4], raw[:, 4:6], raw[:, 6:].sigmoid()
    warped = warp(source, flow)
    return Formed(blend(alpha, direct, warped), alpha, warped, flow, direct)
