"""The places of the 512x512 picture that the networks look at, and where a head is expected.

DISTILLATION.md A.8 and TEACHER.md section 3: all that moves in a face (eyes, brows, mouth, line of the jaw) must lie
in the head box; hair may stand out of it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tha4_core.picture.region import Region

#: The student's face morpher paints this square; the middle of the upper half of the picture.
HEAD_BOX: Final = Region(192, 80, 128, 128)
#: What the teacher's face morpher sees.
FACE_CROP: Final = Region(160, 32, 192, 192)
#: What the teacher's eyebrow networks see.
EYEBROW_CROP: Final = Region(192, 64, 128, 128)


class Box(NamedTuple):
    """A rectangle in a drawing's own pixels: left, top, width, height; fractions of pixels are allowed."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre_x(self) -> float:
        return self.x + self.width / 2.0

    @property
    def centre_y(self) -> float:
        return self.y + self.height / 2.0
