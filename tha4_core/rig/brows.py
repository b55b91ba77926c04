"""Eyebrows: one tapered stroke each, bent by six pairs of parameters.

Written for the brow on the picture's right, around its centre: x outwards, y down.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tha4_core.rig.curves import AXIS, Knots, line, swept
from tha4_core.rig.expression import LEFT, Expression
from tha4_core.rig.pen import Gradient, Pen

# How far each knot (inner end, inner third, outer third, outer end) moves at 1: x outwards, y down, in pixels.
_MOVES = {
    "eyebrow_troubled": ((1.2, -5.2), (0.6, -2.6), (0.2, 0.9), (-0.6, 2.6)),
    "eyebrow_angry": ((-1.6, 5.6), (-0.8, 2.8), (0.2, -0.8), (0.4, -1.8)),
    "eyebrow_lowered": ((0.0, 4.6), (0.0, 4.6), (0.0, 4.6), (0.0, 4.4)),
    "eyebrow_raised": ((0.2, -5.0), (0.0, -5.8), (0.0, -5.6), (-0.2, -4.2)),
    "eyebrow_happy": ((0.6, -0.6), (0.0, -4.2), (0.0, -4.0), (-0.6, 0.6)),
    "eyebrow_serious": ((-1.0, 3.6), (-0.2, 3.2), (0.2, 2.2), (0.6, 0.4)),
}


class BrowStyle(NamedTuple):
    """centre: of the brow on the picture's right. knots: four, inner to outer end. width: in pixels. ink, ink_tip:
    its colour, and that of its outer end."""

    centre: tuple[float, float]
    knots: Knots
    width: float
    ink: str
    ink_tip: str


def paint_brow(pen: Pen, style: BrowStyle, expression: Expression, side: str) -> None:
    """One eyebrow."""
    knots = np.array(style.knots, dtype=np.float64)  # (4, 2)
    for group, moves in _MOVES.items():
        knots += expression[group, side] * np.array(moves)
    curve = line(knots)
    shape = swept(
        curve,
        lambda t: style.width / 2 * np.interp(t, (0.0, 0.06, 0.3, 1.0), (0.35, 0.8, 1.0, 0.05)),
        lambda t: style.width / 2 * np.interp(t, (0.0, 0.06, 0.3, 1.0), (0.35, 0.8, 1.0, 0.05)),
    )
    sign = 1.0 if side == LEFT else -1.0
    centre = np.array([AXIS + sign * (style.centre[0] - AXIS), style.centre[1]])
    placed = shape * (sign, 1.0) + centre
    start, stop = placed[0, 0], placed[len(placed) // 2, 0]
    pen.fill(placed, Gradient((start, 0), (stop, 0), (style.ink, style.ink, style.ink_tip)))
