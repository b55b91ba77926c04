"""What a teacher makes of a placed drawing, before anything learns from it: the drawing with its boxes, and poses."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from tha4_core.drawing.findings import Examination
from tha4_core.key_poses import EXPRESSIONS, ROTATIONS
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.picture.region import DEFAULT_HEAD_VIEW
from tha4_core.pose import pose_from_names
from tha4_core.student import paste_face
from tha4_core.teacher import CharacterTeacher
from tools.output.contact_sheet import Section, Tile, contact_sheet
from tools.output.drawing_sheet import drawing_sheet, stacked

#: The longer side of a posed picture.
_TILE: Final = 184
#: What shows first whether the head lies right: a face that is misplaced blinks and speaks beside its eyes and mouth.
_FACES: Final = ("neutral", "closed eyes", "ah", "ee", "oo", "smile")
_TURNS: Final = (
    "head to the viewer's left",
    "head to the viewer's right",
    "head up",
    "head down",
    "body to the left",
    "all at once",
)


def preview_sheet(
    pixels: NDArray[np.uint8], examination: Examination, title: str, teacher: CharacterTeacher, seconds: float
) -> Image.Image:
    """The sheet of a 512x512 drawing, straight-alpha bytes, RGBA.

    seconds: no turn is begun after so long, but for the first. Faces take the body's networks no time.
    """
    until = time.monotonic() + seconds
    faces = [Tile(_face(teacher, name), name) for name in _FACES]
    turns: list[Tile] = []
    for name in _TURNS:
        if time.monotonic() < until or not turns:
            turns.append(Tile(_turned(teacher, name), name))
    left_out = len(_TURNS) - len(turns)
    heading = f"turns ({left_out} more are left out: it takes long here)" if left_out else "turns"
    sections = [Section("the face", faces), Section(heading, turns)]
    posed = contact_sheet(sections, title="what the teacher makes of it", tile=_TILE)
    return stacked(drawing_sheet(pixels, examination, title), posed)


def _face(teacher: CharacterTeacher, expression: str) -> NDArray[np.uint8]:
    """The head with an expression, without the body's networks."""
    face = teacher.pose_face(_pose(teacher, EXPRESSIONS[expression]))  # (1, 4, 128, 128)
    picture = _to_bytes(paste_face(teacher.image[None], face)[0])
    x, y, width, height = DEFAULT_HEAD_VIEW
    return picture[y : y + height, x : x + width]


def _turned(teacher: CharacterTeacher, rotation: str) -> NDArray[np.uint8]:
    return _to_bytes(teacher.pose(_pose(teacher, ROTATIONS[rotation])).final[0])


def _pose(teacher: CharacterTeacher, values: Mapping[str, float]) -> Tensor:
    return torch.from_numpy(pose_from_names(values))[None].to(teacher.image.device)  # (1, 45)


def _to_bytes(picture: Tensor) -> NDArray[np.uint8]:
    return to_rgba8_straight(picture.float().cpu().numpy())
