"""The neck, and what a collar leaves bare of the chest."""

from __future__ import annotations

from typing import Final

from tha4_core.rig.curves import Knots, halves, line, mirrored, outline
from tha4_core.rig.face import SkinColours
from tha4_core.rig.pen import Pen

#: The right edge of the neck, from behind the chin to the shoulder.
EDGE: Final[Knots] = ((268.8, 174), (269.2, 205), (274, 217), (290, 227))
_CHEST: Final[Knots] = ((290, 227), (288, 262), (256, 270))
_CHIN_SHADOW: Final[Knots] = ((238, 170), (274, 170), (273, 204), (264, 213), (256, 216), (250, 214), (240, 204))
_UNDER_CHIN: Final[Knots] = ((238, 170), (274, 170), (272, 194), (256, 203), (241, 194))
_COLLARBONE: Final[Knots] = ((259, 233), (265, 229.5), (276, 228))


def paint_neck(pen: Pen, skin: SkinColours) -> None:
    """Neck and chest, with the shadow of the chin."""
    right = [*EDGE, EDGE[-1], *_CHEST[1:]]
    neck = outline([*right, *map(tuple, mirrored(right)[1:])])
    pen.fill(neck, skin.base)
    with pen.inside(neck):
        pen.fill(outline(_CHIN_SHADOW), skin.shade, blur=0.4)
        pen.fill(outline(_UNDER_CHIN), skin.deep, opacity=0.45, blur=1.5)
        for bone in halves(line(_COLLARBONE)):
            pen.stroke(bone, 1.0, skin.deep, peak=0.3)
    for edge in halves(line(EDGE)):
        pen.stroke(edge, 1.0, skin.line, start=0.4, stop=0.2)
