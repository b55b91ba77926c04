"""The face: skin, ears, blush, nose, and on it eyes and mouth; all that the face parameters move, but for the brows.

Everything lies inside the face morpher's box, which is all of a character that its face network paints.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tha4_core.rig.curves import AXIS, Curve, Knots, line, mirrored, outline, part, shifted
from tha4_core.rig.expression import LEFT, RIGHT, Expression
from tha4_core.rig.eyes import EyeStyle, paint_eye
from tha4_core.rig.mouth import MouthStyle, jaw_drop, paint_mouth
from tha4_core.rig.pen import Pen


class SkinColours(NamedTuple):
    """base, shade (the second tone), deep (where shade meets shade), line, blush, light."""

    base: str
    shade: str
    deep: str
    line: str
    blush: str
    light: str


class FaceStyle(NamedTuple):
    """contour: the face's edge on the picture's right, from the top of the head to the chin. ear: outline of the ear
    on the picture's right. nose: centre of its tip. cheek: centre of the blush on the picture's right. shadow:
    outlines of what throws a shadow on the forehead, where they throw it."""

    contour: Knots
    ear: Knots
    nose: tuple[float, float]
    cheek: tuple[float, float]
    shadow: tuple[Curve, ...]
    skin: SkinColours
    eyes: EyeStyle
    mouth: MouthStyle


#: Where the jaw hangs from: above this row nothing of the face's edge moves with it.
_JAW_TOP = 164.0


def face_contour(style: FaceStyle, drop: float) -> Curve:
    """The face's closed edge with the chin ``drop`` pixels below its rest."""
    knots = np.array(style.contour)
    edge = outline(np.concatenate((knots, mirrored(knots)[1:-1])))
    chin = knots[-1, 1]
    lower = np.clip((edge[:, 1] - _JAW_TOP) / (chin - _JAW_TOP), 0.0, 1.0)
    inwards = np.sign(edge[:, 0] - AXIS) * -0.35 * drop * lower * (1 - lower)
    return np.asarray(edge + np.stack((inwards, drop * lower**1.5), axis=1))


def paint_face(pen: Pen, style: FaceStyle, expression: Expression) -> None:
    """Everything of the face below the hair."""
    skin = style.skin
    for ear in (outline(style.ear), mirrored(outline(style.ear))):
        pen.fill(ear, skin.base)
        with pen.inside(ear):
            x, y = ear.mean(axis=0)
            pen.ellipse(x, y, 2.6, 6.5, skin.shade, blur=0.8)
        pen.stroke(np.concatenate((ear, ear[:1])), 0.9, skin.line, start=0.8, stop=0.8)

    contour = face_contour(style, jaw_drop(expression))
    pen.fill(contour, skin.base)
    chin = contour[:, 1].max()
    with pen.inside(contour):
        # A second tone down the side away from the light, soft towards the cheek.
        side = part(contour, 0.12, 0.5)
        pen.stroke(shifted(side, 2.5, 1.0), 9.0, skin.shade, opacity=0.55, blur=2.2, start=0.3, stop=0.1, peak=0.5)
        pen.ellipse(AXIS, float(chin) + 3.5, 16, 5.5, skin.shade, opacity=0.4, blur=2.0)
        for shape in style.shadow:
            pen.fill(shape, skin.shade)
        for sign in (1.0, -1.0):
            x, y = AXIS + sign * (style.cheek[0] - AXIS), style.cheek[1]
            pen.ellipse(x, y, 7.5, 3.6, skin.blush, opacity=0.5, blur=2.6)
            for k in (-1, 0, 1):
                stroke = line([(x + 3.4 * k + 0.9, y - 1.7), (x + 3.4 * k - 0.9, y + 1.7)])
                pen.stroke(stroke, 0.8, skin.blush, opacity=0.8)
    x, y = style.nose
    pen.stroke(
        line([(x + 0.2, y - 2.6), (x + 1.3, y - 0.4), (x + 0.1, y + 0.9)]), 1.2, skin.line, opacity=0.85, peak=0.75
    )
    pen.ellipse(x + 2.2, y + 0.2, 1.9, 2.2, skin.shade, opacity=0.7, blur=0.7)
    pen.ellipse(x - 1.2, y - 2.4, 0.8, 1.1, skin.light, opacity=0.9, blur=0.3)
    for side_name in (LEFT, RIGHT):
        paint_eye(pen, style.eyes, expression, side_name)
    paint_mouth(pen, style.mouth, expression)
    edge = np.concatenate((contour, contour[:1]))
    pen.stroke(part(edge, 0.1, 0.9), 1.0, skin.line, start=0.2, stop=0.2, peak=0.5)
