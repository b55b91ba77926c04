"""Collecting a teacher's answer part by part, in memory of its final size."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from tha4_core.picture.region import PICTURE_SIZE, Region
from tha4_core.teacher.interface import Formed, TeacherOutput

#: Channels of final, alpha, warped, flow, direct.
_FORMED_CHANNELS: Final = (4, 1, 4, 2, 4)


def empty_output(count: int, region: Region, device: torch.device, *, half: bool) -> TeacherOutput:
    """Room for ``count`` poses. Ordinary tensors, which a gradient graph may hold, unlike those of inference mode."""

    def formed(height: int, width: int) -> Formed:
        return Formed(*(torch.empty((count, channels, height, width), device=device) for channels in _FORMED_CHANNELS))

    return TeacherOutput(
        *formed(region.height, region.width),
        face=torch.empty((count, 4, region.height, region.width), device=device),
        half=formed(PICTURE_SIZE // 2, PICTURE_SIZE // 2) if half else None,
    )


def write_output(target: TeacherOutput, start: int, formed: Formed, face: Tensor, half: Formed | None) -> None:
    """Put what was made of some poses, already cut to the region, into places ``start`` and following."""
    rooms = [target.final, target.alpha, target.warped, target.flow, target.direct, target.face, *(target.half or ())]
    for room, part in zip(rooms, (*formed, face, *(half or ())), strict=True):
        room[start : start + len(part)] = part
