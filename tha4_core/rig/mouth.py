"""The mouth: two lips between drawn shapes of speech, and what shows between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tha4_core.rig.curves import Curve, closed_polygon, line, part, shifted
from tha4_core.rig.expression import Expression
from tha4_core.rig.pen import Gradient, Pen, with_alpha

_S = np.linspace(-1.0, 1.0, 41)  # across the mouth: -1 the picture's left corner, +1 its right one


class MouthStyle(NamedTuple):
    """centre: between the closed lips. line: their ink. inside: from top to bottom. tongue, teeth, lip (the light on
    the lower lip)."""

    centre: tuple[float, float]
    line: str
    inside: tuple[str, str]
    tongue: str
    teeth: str
    lip: str


class _Shape(NamedTuple):
    half_width: float
    upper: NDArray[np.float64]  # (41,) y of the upper lip
    lower: NDArray[np.float64]
    teeth: float  # how far the upper teeth show, in pixels
    jaw: float  # how far the chin drops, in pixels


def _round(power: float) -> NDArray[np.float64]:
    return np.asarray((1.0 - np.abs(_S) ** power) ** (1.0 / power))


_SMILE = 1.3 * (1 - _S**2) - 0.75
_REST = _Shape(7.6, _SMILE, _SMILE, 0.0, 0.0)
_SPEECH = {
    "mouth_aaa": _Shape(8.4, -2.4 * (1 - _S**4) - 0.3, 9.6 * _round(2.3) - 0.3, 2.3, 2.2),
    "mouth_iii": _Shape(9.6, -1.0 * (1 - _S**4) - 0.8, 3.8 * _round(2.6) - 0.8, 2.4, 0.4),
    "mouth_uuu": _Shape(3.7, -2.0 * _round(2.0) + 0.3, 2.9 * _round(2.0) + 0.3, 0.0, 0.3),
    "mouth_eee": _Shape(8.8, -1.7 * (1 - _S**4) - 0.3, 5.6 * _round(2.5) - 0.3, 2.2, 1.0),
    "mouth_ooo": _Shape(5.4, -3.3 * _round(2.1) + 1.0, 6.8 * _round(2.0) + 1.0, 0.8, 1.8),
    "mouth_delta": _Shape(7.4, 4.4 - 6.6 * (1 - np.abs(_S)) ** 0.8, 4.4 + 1.5 * _round(2.4), 0.0, 0.9),
}


def _shape(expression: Expression) -> _Shape:
    weights = {name: expression[name] for name in _SPEECH}
    total = sum(weights.values())
    scale = 1.0 / total if total > 1.0 else 1.0  # sounds share the mouth
    parts = [(1.0 - total * scale, _REST), *((weights[name] * scale, shape) for name, shape in _SPEECH.items())]
    return _Shape(
        sum(weight * shape.half_width for weight, shape in parts),
        np.asarray(sum(weight * shape.upper for weight, shape in parts)),
        np.asarray(sum(weight * shape.lower for weight, shape in parts)),
        sum(weight * shape.teeth for weight, shape in parts),
        sum(weight * shape.jaw for weight, shape in parts),
    )


def jaw_drop(expression: Expression) -> float:
    """How far the chin sinks below its rest, in pixels."""
    return _shape(expression).jaw


def paint_mouth(pen: Pen, style: MouthStyle, expression: Expression) -> None:
    """Lips, teeth and tongue."""
    shape = _shape(expression)
    smirk = expression["mouth_smirk"]
    x = style.centre[0] + shape.half_width * _S
    bend = np.zeros_like(_S)
    # The character's left corner is the picture's right one.
    for corner, sign in (("left", 1.0), ("right", -1.0)):
        near = np.clip(sign * _S, 0, 1)
        raised, lowered = expression["mouth_raised_corner", corner], expression["mouth_lowered_corner", corner]
        bend += (2.9 * lowered - 2.9 * raised) * near**1.6
        x += sign * near * (1.3 * raised + 0.3 * lowered)
    # One corner goes up, and takes the mouth with it.
    bend += smirk * (-3.2 * np.clip(_S, 0, 1) ** 1.4 + 0.5 * np.clip(-_S, 0, 1))
    x += smirk * (1.2 + 1.4 * np.clip(_S, 0, 1))

    upper: Curve = np.stack((x, style.centre[1] + shape.upper + bend), axis=1)
    lower: Curve = np.stack((x, style.centre[1] + shape.lower + bend), axis=1)
    opening = closed_polygon(upper, lower[::-1])
    top, bottom = float(opening[:, 1].min()), float(opening[:, 1].max())
    gap = float((lower - upper)[:, 1].max())

    middle = lower[len(lower) // 2]
    light = line([(middle[0] - 3.2, middle[1] + 2.9), (middle[0], middle[1] + 3.5), (middle[0] + 3.2, middle[1] + 2.9)])
    pen.stroke(light, 1.4, style.lip, opacity=0.55, blur=0.5)
    if gap > 0.15:
        pen.fill(opening, Gradient((0, top), (0, bottom), style.inside))
        with pen.inside(opening):
            reach = 0.62 * shape.half_width
            pen.ellipse(float(middle[0]), bottom + 0.6, reach, min(0.52 * gap, 5.2), style.tongue, blur=0.3)
            teeth = closed_polygon(shifted(upper, 0, -3), shifted(upper, 0, min(shape.teeth, 0.6 * gap))[::-1])
            if shape.teeth > 0.05:
                pen.fill(teeth, style.teeth)
        pen.stroke(lower, 0.9, style.line, start=0.5, stop=0.5, opacity=min(1.0, gap) * 0.85)
    pen.stroke(upper, 1.25, style.line, start=0.45, stop=0.45, peak=0.5)
    # The corners are where lips press together.
    for start, stop in ((0.0, 0.16), (0.84, 1.0)):
        pen.stroke(part(upper, start, stop), 1.3, with_alpha(style.line, 0.8), start=0.4, stop=0.4)
