"""A drawn character as a teacher: every output is exact, because it knows where each pixel comes from."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from tha4_core.picture.region import PICTURE_SIZE, Region, as_region
from tha4_core.pose import FACE_SIZE
from tha4_core.rig.design import Design
from tha4_core.rig.layers import LayerPainter, Sheets
from tha4_core.rig.motion import BodyPose, rest_position
from tha4_core.teacher.inputs import check_poses
from tha4_core.teacher.interface import TeacherOutput

#: A layer less opaque than this does not count as what is seen.
_SEEN: Final = 0.02
#: What lets through more than this of what lies behind it does not hide it.
_SHOWN: Final = 0.92
#: Difference of final and warped, in the networks' units, from which alpha rises, and at which it is 1.
_MISMATCH: Final = (0.012, 0.05)
#: How far any pose moves anything, and more than an expression widens the face, in pixels.
_FURTHEST: Final = 72
#: Cells along each side of the grid on which the flow beside the figure is computed.
_COARSE: Final = 64


class RigTeacher:
    """See :class:`tha4_core.teacher.interface.CharacterTeacher` for the contract. Works on the CPU.

    The picture of a pose is made of layers, each moved by its own smooth map. ``flow`` at a pixel leads to where the
    frontmost layer seen there rests; beside the figure it continues smoothly. ``direct`` is ``final``; ``alpha`` is 1
    where that place is hidden at rest by another layer, or where sampling it gives another colour (the soft edge of
    a layer over another background than at rest), and 0 elsewhere.

    finer: 1, 2 or 4: all pictures have so many times the pixels along each axis, drawn with as much more detail;
    regions stay in the picture's own pixels, and flows in its units.
    """

    def __init__(self, design: Design, finer: int = 1) -> None:
        self._design, self._finer = design, finer
        self._painter = LayerPainter(design, finer)
        rest = self._painter.sheets(torch.zeros(FACE_SIZE))
        self._image = rest.picture * 2.0 - 1.0
        self._shares = _shares(rest)
        self._reaches = [_reach(layer, finer) for layer in rest.layers]

    @property
    def image(self) -> Tensor:
        """The drawing, (4, 512, 512), or as much finer."""
        return self._image

    @property
    def provenance(self) -> dict[str, str]:
        return {
            "teacher": "layered rig",
            "character": self._design.name,
            "licence": "CC0-1.0",
        }

    @torch.no_grad()
    def pose(self, poses: Tensor, region: Region | None = None) -> TeacherOutput:
        """(n, 45) -> everything; see the interface."""
        rectangle = as_region(region)
        outputs = [self._pose(vector, rectangle) for vector in check_poses(poses, self._image.device)]
        final, alpha, warped, flow, face = (torch.stack(tensors) for tensors in zip(*outputs, strict=True))
        return TeacherOutput(final, alpha, warped, flow, final.clone(), face, None)

    @torch.no_grad()
    def pose_face(self, poses: Tensor) -> Tensor:
        """(n, 45) -> (n, 4, 128, 128); see the interface."""
        checked = check_poses(poses, self._image.device)
        return torch.stack([self._painter.face(pose[:FACE_SIZE]) * 2.0 - 1.0 for pose in checked])

    def _pose(self, vector: Tensor, region: Region) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """(45,) -> final, alpha, warped, flow, face of the region."""
        sheets = self._painter.sheets(vector[:FACE_SIZE])
        fine = Region(*(self._finer * number for number in region))
        rows = slice(fine.y, fine.y + fine.height)
        columns = slice(fine.x, fine.x + fine.width)
        face = sheets.picture[:, rows, columns] * 2.0 - 1.0
        body = BodyPose(*vector[FACE_SIZE:].tolist())
        if body.at_rest:
            nothing = torch.zeros(2, fine.height, fine.width)
            return face.clone(), nothing[:1].clone(), face.clone(), nothing, face

        y, x = torch.meshgrid(
            (torch.arange(rows.start, rows.stop) + 0.5) / self._finer,
            (torch.arange(columns.start, columns.stop) + 0.5) / self._finer,
            indexing="ij",
        )  # (h, w) each, in the picture's pixels
        picture = torch.zeros(4, fine.height, fine.width)
        source = self._flow_beside(body)[:, rows, columns] + torch.stack((x, y))  # (2, h, w), in pixels
        shown = torch.ones(fine.height, fine.width)
        for part, layer, reach in zip(self._design.parts, sheets.layers, self._reaches, strict=True):
            near = _overlap(reach, fine)
            if near is None:
                continue
            there = (slice(None), *near)
            at = torch.stack(rest_position(part.motion, body, x[near], y[near]))  # (2, h', w')
            sample = _sample(layer, at)  # (5, h', w')
            picture[there] = sample[:4] + (1.0 - sample[3:4]) * picture[there]
            seen = sample[3] > _SEEN
            source[there] = torch.where(seen, at, source[there])
            shown[near] = torch.where(seen, sample[4], shown[near])

        final = picture * 2.0 - 1.0
        warped = _sample(sheets.picture, source) * 2.0 - 1.0
        low, high = _MISMATCH
        mismatch = (((final - warped).abs().amax(dim=0) - low) / (high - low)).clamp(0.0, 1.0)
        hidden = ((_SHOWN - shown) * 8.0).clamp(0.0, 1.0)
        flow = (source - torch.stack((x, y))) * (2.0 / PICTURE_SIZE)
        return final, torch.maximum(mismatch, hidden)[None], warped, flow, face

    def _flow_beside(self, body: BodyPose) -> Tensor:
        """The flow where nothing is seen: that of the parts near by, in pixels, (2, 512, 512)."""
        step = PICTURE_SIZE / _COARSE
        centres = (torch.arange(_COARSE) + 0.5) * step
        y, x = torch.meshgrid(centres, centres, indexing="ij")
        flow = torch.zeros(2, _COARSE, _COARSE)
        for part, share in zip(self._design.parts, self._shares, strict=True):
            at = torch.stack(rest_position(part.motion, body, x, y))
            flow += share * (at - torch.stack((x, y)))
        edge = self._finer * PICTURE_SIZE
        return functional.interpolate(flow[None], size=(edge, edge), mode="bilinear")[0]


def _reach(layer: Tensor, finer: int) -> Region:
    """Where a layer (5, 512, 512), or as much finer, may be seen in any pose."""
    edge, furthest = layer.shape[-1], finer * _FURTHEST
    opaque = layer[3] > 0
    rows, columns = opaque.any(dim=1).nonzero(), opaque.any(dim=0).nonzero()
    top, left = max(0, int(rows[0]) - furthest), max(0, int(columns[0]) - furthest)
    bottom, right = (min(edge, int(last[-1]) + 1 + furthest) for last in (rows, columns))
    return Region(left, top, right - left, bottom - top)


def _overlap(reach: Region, region: Region) -> tuple[slice, slice] | None:
    """Rows and columns of ``region``, from its own corner, that lie in ``reach``; None where there are none."""
    left, right = max(reach.x, region.x), min(reach.x + reach.width, region.x + region.width)
    top, bottom = max(reach.y, region.y), min(reach.y + reach.height, region.y + region.height)
    if left >= right or top >= bottom:
        return None
    return slice(top - region.y, bottom - region.y), slice(left - region.x, right - region.x)


def _sample(picture: Tensor, at: Tensor) -> Tensor:
    """``picture`` (C, 512, 512), or finer, at places in the 512's pixels (2, h, w): (C, h, w)."""
    grid = at.permute(1, 2, 0)[None] * (2.0 / PICTURE_SIZE) - 1.0  # (1, h, w, 2)
    return functional.grid_sample(picture[None], grid, mode="bilinear", padding_mode="border", align_corners=False)[0]


def _shares(sheets: Sheets) -> Tensor:
    """How much each part has to say about the flow at a place beside the figure, (K, 64, 64), together 1.

    By the distance to the nearest place where it is seen (Shepard's interpolation): near the figure the nearest part
    decides, further away several do.
    """
    seen = sheets.layers[:, 3] * sheets.layers[:, 4]  # (K, 512, 512), or finer
    cells = functional.avg_pool2d(seen, seen.shape[-1] // _COARSE) > 0.1  # (K, 64, 64)
    everywhere = torch.ones(_COARSE, _COARSE).nonzero().float()  # (4096, 2)
    shares = torch.zeros(len(cells), _COARSE * _COARSE)
    for share, seen_cells in zip(shares, cells, strict=True):
        if seen_cells.any():
            distance = torch.cdist(everywhere, seen_cells.nonzero().float()).amin(dim=1)
            share += (distance**2 + 0.3) ** -1.5
    return (shares / shares.sum(dim=0)).view(-1, _COARSE, _COARSE)
