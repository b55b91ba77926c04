"""Where the pixels of a region look in a picture, and what they see there, in torch: one definition for every scale."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tha4_core.picture.region import PICTURE_SIZE, Region


def centres(start: int, count: int, edge: int, device: torch.device) -> Tensor:
    """Coordinates of ``count`` pixel centres from pixel ``start`` of a grid of ``edge``, (count,), in (-1, 1)."""
    return (2.0 * torch.arange(start, start + count, device=device, dtype=torch.float32) + 1.0) / edge - 1.0


def sampling_grid(flow: Tensor, region: Region, scale: int = 1) -> Tensor:
    """Where each pixel of a region at a scale looks, (h, w, 2), x and y in (-1, 1).

    flow: (2 or more, h, w), of which the first two channels are taken; h and w are ``scale`` times the region's.
    """
    edge = scale * PICTURE_SIZE
    columns = centres(scale * region.x, scale * region.width, edge, flow.device)
    rows = centres(scale * region.y, scale * region.height, edge, flow.device)
    return torch.stack((flow[0] + columns, flow[1] + rows[:, None]), dim=-1)


def sampled(picture: Tensor, grid: Tensor) -> Tensor:
    """A picture (4, edge, edge) of any size at a grid (h, w, 2): (4, h, w)."""
    return functional.grid_sample(
        picture[None], grid[None], mode="bilinear", padding_mode="border", align_corners=False
    )[0]
