"""Frames larger than the networks' grid, in torch: what every engine does at a scale of 2 or 4 (docs/HD.md).

The body's answers (flow, alpha, direct colour) are smooth but at edges, so they are enlarged, bilinearly, and the flow
moves a drawing of the frame's own size. The face in that drawing is what the face morpher paints, enlarged (bicubic,
Catmull-Rom), plus the *detail* that the drawing has at rest beyond the resting face, enlarged, too; the detail fades
where a pose changes the face, so that no lines of the resting one shine through.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tha4_core.picture.color import to_network
from tha4_core.picture.region import PICTURE_SIZE, Region
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP

#: Difference from the resting face, the most of any channel of a pixel and its eight neighbours in the networks' units,
#: from which detail fades, and at which it is gone.
FADE: Final = (0.2, 0.8)
#: Flows of neighbours that differ by more, in the networks' units (4 of the picture's pixels), lead to different
#: things: no pixel between them looks at what lies between those.
JUMP: Final = 4.0 / (PICTURE_SIZE / 2)


def grown(region: Region) -> Region:
    """The pixels whose answers are read for a larger ``region``: one more on each side, where there is one."""
    left, top = max(region.x - 1, 0), max(region.y - 1, 0)
    right = min(region.x + region.width + 1, PICTURE_SIZE)
    bottom = min(region.y + region.height + 1, PICTURE_SIZE)
    return Region(left, top, right - left, bottom - top)


def enlarged_answers(answers: Tensor, region: Region, scale: int) -> Tensor:
    """Those of a ``region``, (C, height * scale, width * scale), from those of ``grown(region)``, (C, h, w).

    The first two channels are the flow: where it jumps, that of the nearest pixel is taken.
    """
    cover = grown(region)
    top, bottom, down = _bilinear(region.y, region.height, cover.y, cover.height, scale, answers.device)
    left, right, across = _bilinear(region.x, region.width, cover.x, cover.width, scale, answers.device)
    rows = torch.lerp(answers[:, top], answers[:, bottom], down[:, None])
    enlarged = torch.lerp(rows[..., left], rows[..., right], across)
    flow = answers[:2]
    corners = torch.stack([flow[:, row][..., column] for row in (top, bottom) for column in (left, right)])
    jumps = (corners.amax(dim=0) - corners.amin(dim=0) > JUMP).any(dim=0)  # (h, w)
    nearest = flow[:, torch.where(down < 0.5, top, bottom)][..., torch.where(across < 0.5, left, right)]
    enlarged[:2] = torch.where(jumps, nearest, enlarged[:2])
    return enlarged


def times_of(drawing: NDArray[np.uint8], scale: int) -> int:
    """How many times 512 pixels the picture has that is warped at a scale, of a larger drawing (edge, edge, 4)."""
    return min(scale, len(drawing) // PICTURE_SIZE)


class LargerPicture:
    """A character's larger drawing at one size, as networks see it, with the face as it was last painted."""

    def __init__(self, drawing: NDArray[np.uint8], times: int, resting_face: Tensor) -> None:
        """drawing: straight-alpha bytes, of ``times`` 512 pixels a side or more. resting_face: (4, 128, 128)."""
        picture = torch.from_numpy(to_network(drawing)).to(resting_face.device)
        by = len(drawing) // (times * PICTURE_SIZE)
        self.times = times
        self._rest = resting_face
        #: (4, edge, edge)
        self.picture = picture if by == 1 else functional.avg_pool2d(picture, by)
        rows, columns = (slice(times * start, times * (start + FACE_EDGE)) for start in (FACE_TOP, FACE_LEFT))
        self._box = self.picture[:, rows, columns]
        self._detail = self._box - enlarged_face(resting_face, times)

    def paint(self, face: Tensor) -> None:
        """Paint a face (4, 128, 128) into the picture."""
        low, high = FADE
        change = (face - self._rest).abs().amax(dim=0, keepdim=True)
        # Beside a line that went, too: its own detail reaches there.
        change = functional.max_pool2d(change[None], 3, stride=1, padding=1)  # (1, 1, 128, 128)
        kept = 1.0 - ((change - low) / (high - low)).clamp(0.0, 1.0)
        kept = functional.interpolate(kept, scale_factor=float(self.times), mode="bilinear")[0]
        self._box[:] = enlarged_face(face, self.times) + kept * self._detail


def enlarged_face(face: Tensor, times: int) -> Tensor:
    """(4, 128, 128) -> (4, 128 times, 128 times): Catmull-Rom, edges repeated."""
    matrix = _catmull_rom(face.shape[-1], times).to(face.device)
    return matrix @ face @ matrix.T


def _catmull_rom(count: int, times: int) -> Tensor:
    """What makes ``count * times`` numbers of ``count`` of them, (count * times, count)."""
    place = (torch.arange(count * times) + 0.5) / times - 0.5
    below = place.floor()
    t = place - below
    weights = (
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    )
    matrix = torch.zeros(count * times, count)
    for tap, weight in enumerate(weights):
        column = (below.long() + tap - 1).clamp(0, count - 1)
        matrix.scatter_add_(1, column[:, None], weight[:, None])
    return matrix


def _bilinear(
    start: int, count: int, cover_start: int, cover_count: int, scale: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """For pixels ``start`` on, ``scale`` times as many: two indices into the cover, and the second one's weight."""
    place = (torch.arange(scale * start, scale * (start + count), device=device) + 0.5) / scale - 0.5
    below = place.floor()
    low, high = (
        (index.long().clamp(0, PICTURE_SIZE - 1) - cover_start).clamp(0, cover_count - 1)
        for index in (below, below + 1)
    )
    return low, high, place - below
