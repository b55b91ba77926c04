"""Students evaluated on coarser grids than a character's: drafts and experiments at a fraction of the work.

Both networks are functions of coordinates, so the same weights serve every resolution. ``edge`` is the picture's, 512
in full; the grids of the face and of the body's levels become smaller by as much.
"""

from __future__ import annotations

from typing import Final, cast

import torch
from torch import Tensor
from torch.nn import functional

from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.student import FACE_EDGE, BodyMorpher, BodyOutput, FaceMorpher, position_and_pose, warp

#: Edges of the picture that may be trained at.
RESOLUTIONS: Final = (64, 128, 256, 512)


def form_body(raw: Tensor, image: Tensor) -> BodyOutput:
    """raw (B, 7, S, S): flow x, flow y, alpha, direct; image (B, 4, S, S) -> the blend and its parts."""
    flow, alpha, direct = torch.split(raw, [2, 1, 4], dim=1)
    warped = warp(image, flow)
    return BodyOutput((1.0 - alpha) * warped + alpha * direct, alpha, direct, warped, flow)


def body_at(network: BodyMorpher, image: Tensor, pose: Tensor) -> BodyOutput:
    """The body morpher on the grid of ``image`` (B, 4, S, S); pose (B, 45)."""
    return form_body(network.raw(pose, image.shape[-1]), image)


def face_at(network: FaceMorpher, face_pose: Tensor, edge: int) -> Tensor:
    """(B, 39) -> (B, 4, edge / 4, edge / 4)."""
    return cast(Tensor, network.siren(position_and_pose(edge * FACE_EDGE // PICTURE_SIZE, face_pose)))


def reduced(pictures: Tensor, factor: int) -> Tensor:
    """(B, C, H, W) averaged over squares of ``factor`` pixels: what a coarser grid's pixels see."""
    return pictures if factor == 1 else functional.avg_pool2d(pictures, factor)
