"""Eyes: lids that open and close between drawn curves, iris, highlights, lashes.

Curves are written for the eye on the picture's right, around its centre: x outwards, y down. The other eye is its
mirror image but for the light, which comes from the upper left for both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tha4_core.rig.curves import AXIS, Curve, Knots, closed_polygon, line, normals, part, resampled, shifted, swept
from tha4_core.rig.expression import LEFT, Expression
from tha4_core.rig.pen import Glow, Gradient, Pen, with_alpha


class EyeColours(NamedTuple):
    """iris: from its top to its bottom. rim, pupil, glow (reflected light at the bottom), lash, lash_warm (towards
    its ends), white, white_shade (below the upper lid), crease."""

    iris: tuple[str, str, str]
    rim: str
    pupil: str
    glow: str
    lash: str
    lash_warm: str
    white: str
    white_shade: str
    crease: str


class EyeStyle(NamedTuple):
    """centre: of the eye on the picture's right. upper, lower: the open lids, inner to outer corner, from the same
    point to the same point. closed: both lids of a wink; happy: of a happy wink. iris: half width and half height.
    iris_at: its centre, at rest. lash: thickness at inner end, middle, outer end, in pixels."""

    centre: tuple[float, float]
    upper: Knots
    lower: Knots
    closed: Knots
    happy: Knots
    iris: tuple[float, float]
    iris_at: tuple[float, float]
    lash: tuple[float, float, float]
    colours: EyeColours


class _Lids(NamedTuple):
    upper: Curve  # (64, 2)
    lower: Curve  # (64, 2)
    shut: float  # 0 open, 1 closed
    openness: float  # height of the opening, 1 at rest


_COUNT = 64


def _lids(style: EyeStyle, expression: Expression, side: str) -> _Lids:
    upper, lower, closed, happy = (
        resampled(line(knots), _COUNT) for knots in (style.upper, style.lower, style.closed, style.happy)
    )
    t = np.linspace(0.0, 1.0, _COUNT)
    arch = np.sin(np.pi * t)  # nothing at the corners
    rest_height = float((lower - upper)[:, 1].max())

    surprised = expression["eye_surprised", side]
    upper = upper + surprised * np.stack((0.3 * (t - 0.5), -2.9 * arch**0.8), axis=1)
    lower = lower + surprised * np.stack((0 * t, 1.3 * arch), axis=1)

    # A raised lower lid bulges, as it does above a smiling cheek.
    raised = expression["eye_raised_lower_eyelid", side]
    lower = lower + raised * np.stack((0 * t, -5.2 * arch**0.7), axis=1)

    # Flat and half shut: the upper lid straightens between its corners, a third of the way down.
    unimpressed = expression["eye_unimpressed", side]
    flat = closed.copy()
    flat[:, 1] = upper[0, 1] * (1 - t) + upper[-1, 1] * t - 4.6 * arch**0.45 - 0.8
    upper = upper + unimpressed * (flat - upper)
    lower = lower + 0.55 * unimpressed * np.stack((0 * t, -2.0 * arch), axis=1)

    relaxed = expression["eye_relaxed", side]
    upper = upper + 0.66 * relaxed * (closed - upper)
    lower = lower + 0.12 * relaxed * (closed - lower)

    wink, smile = expression["eye_wink", side], expression["eye_happy_wink", side]
    shut = min(1.0, wink + smile)
    if shut > 0:
        target = (wink * closed + smile * happy) / (wink + smile)
        upper = upper + shut * (target - upper)
        lower = lower + shut**1.5 * (target - lower)
    # The lower lid stops the upper one.
    upper = np.stack((upper[:, 0], np.minimum(upper[:, 1], lower[:, 1])), axis=1)
    return _Lids(upper, lower, shut, float((lower - upper)[:, 1].max()) / rest_height)


def paint_eye(pen: Pen, style: EyeStyle, expression: Expression, side: str) -> None:
    """One eye with its lashes. The skin around it is there already."""
    lids = _lids(style, expression, side)
    sign = 1.0 if side == LEFT else -1.0
    centre = np.array([AXIS + sign * (style.centre[0] - AXIS), style.centre[1]])
    colours = style.colours

    def placed(curve: NDArray[np.float64]) -> Curve:
        return np.asarray(curve * (sign, 1.0) + centre)

    opening = placed(closed_polygon(lids.upper, lids.lower[::-1]))
    top = float(opening[:, 1].min())
    if lids.openness > 0.02:
        pen.fill(opening, Gradient((0, top), (0, top + 12), (colours.white_shade, colours.white)))
        with pen.inside(opening):
            _paint_iris(pen, style, expression, side, sign, centre)
            # The upper lid and its lashes throw a shadow on the ball.
            shadow = placed(closed_polygon(shifted(lids.upper, 0, -6), shifted(lids.upper, 0, 3.4)[::-1]))
            pen.fill(shadow, with_alpha(colours.rim, 0.34), blur=0.5)
    _paint_lashes(pen, style, lids, placed)


def _paint_iris(pen: Pen, style: EyeStyle, expression: Expression, side: str, sign: float, centre: Curve) -> None:
    colours = style.colours
    small = expression["iris_small", side]
    size = (1.0 - 0.62 * small) * (1.0 - 0.1 * expression["eye_surprised", side])
    # Towards the picture's left is the same direction for both eyes.
    across, up = -expression["iris_rotation_y"], expression["iris_rotation_x"]
    x = centre[0] + sign * style.iris_at[0] + 5.0 * across
    y = centre[1] + style.iris_at[1] - 4.4 * up
    # A ball that turns away shows its iris narrower.
    rx = style.iris[0] * size * (1.0 - 0.1 * abs(across))
    ry = style.iris[1] * size * (1.0 - 0.07 * abs(up))

    def disc(
        dx: float, dy: float, sx: float, sy: float, ink: str | Gradient | Glow, opacity: float = 1.0, blur: float = 0.0
    ) -> None:
        pen.ellipse(x + dx * rx, y + dy * ry, sx * rx, sy * ry, ink, opacity=opacity, blur=blur)

    disc(0, 0, 1, 1, colours.rim)
    disc(0, 0.02, 0.9, 0.92, Gradient((x, y - ry), (x, y + ry), colours.iris, (0.12, 0.55, 0.95)))
    ring = np.linspace(0, 2 * np.pi, 80)
    iris = np.stack((x + 0.9 * rx * np.cos(ring), y + ry * (0.02 + 0.92 * np.sin(ring))), axis=1)
    with pen.inside(iris):
        # Light that entered at the top comes out at the bottom.
        disc(0, 0.72, 0.74, 0.5, colours.glow, 0.75, 0.9 * size)
        disc(0, -0.02, 0.5, 0.5, with_alpha(colours.pupil, 0.4), blur=0.8 * size)
        disc(0, -0.02, 0.36, 0.42, colours.pupil)
        for k in range(9):
            angle = np.pi * (0.2 + 0.6 * k / 8)
            inner, outer = (np.array([x + r * rx * np.cos(angle), y + r * ry * np.sin(angle)]) for r in (0.52, 0.84))
            fleck = inner + (outer - inner) * np.linspace(0, 1, 5)[:, None]
            pen.stroke(fleck, 0.9 * size, colours.glow, opacity=0.55, peak=0.7)
        disc(0, -0.82, 1.0, 0.6, with_alpha(colours.rim, 0.55), blur=1.2)
    disc(-0.36, -0.42, 0.32, 0.29, "#ffffff")
    disc(0.42, 0.4, 0.15, 0.135, "#ffffff", 0.95)
    disc(-0.42, 0.36, 0.09, 0.08, "#ffffff", 0.7)


def _paint_lashes(pen: Pen, style: EyeStyle, lids: _Lids, placed: Callable[[Curve], Curve]) -> None:
    """``placed``: from the eye's own coordinates to the picture's."""
    colours = style.colours
    inner, middle, outer = style.lash
    shut = lids.shut
    upper = lids.upper

    # One stroke from the inner corner along the lid and on, beyond the outer corner, to the tip of a wing.
    corner = upper[-1]
    tip = corner + np.array([3.6, -1.6 + 2.6 * shut])
    knots = [*upper[:-6:9], corner + np.array((0.9, -1.3 + 1.3 * shut)), tip]
    stroke = line(np.array(knots))

    def above(t: NDArray[np.float64]) -> NDArray[np.float64]:
        opened = np.interp(t, (0.0, 0.1, 0.42, 0.72, 0.88, 1.0), (0.2, inner, middle, outer, 0.72 * outer, 0.0))
        closed = np.interp(t, (0.0, 0.15, 0.45, 0.75, 1.0), (0.1, 0.9, 1.7, 1.5, 0.0))
        return np.asarray(opened + shut * (closed - opened))

    def below(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.interp(t, (0.0, 0.2, 0.75, 0.9, 1.0), (0.0, 0.4, 0.5, 0.9 - 0.4 * shut, 0.0)))

    left, right = sorted((float(placed(stroke[:1])[0, 0]), float(placed(stroke[-1:])[0, 0])))
    ink = Gradient(
        (left, 0),
        (right, 0),
        (colours.lash_warm, colours.lash, colours.lash, colours.lash_warm),
        (0.0, 0.25, 0.78, 1.0),
    )
    pen.fill(placed(swept(stroke, above, below)), ink)
    normal = normals(upper)
    for place, size in ((0.68, 2.4), (0.84, 3.0)):
        i = int(place * (_COUNT - 1))
        out = normal[i] * (1 - 1.7 * shut) + np.array([0.75, -0.1])
        base = upper[i] + normal[i] * (1.4 - 0.6 * shut)
        spike = line([tuple(base), tuple(base + out * size * 0.55 + (0.1, 0)), tuple(base + out * size + (0.5, -0.1))])
        pen.stroke(placed(spike), 1.4, colours.lash, start=0.9, peak=0.05)

    # The fold above the lid sinks with it.
    fold = shifted(part(upper, 0.1, 0.78), 0.4, -4.0 + 0.8 * shut)
    pen.stroke(placed(fold), 0.8, colours.crease, opacity=0.75 - 0.35 * shut, peak=0.6)
    # The lower lid: inked at its outer half only.
    pen.stroke(placed(part(lids.lower, 0.42, 1.0)), 1.15, colours.lash_warm, opacity=0.85 * (1 - shut), peak=0.75)
    pen.stroke(placed(part(lids.lower, 0.08, 0.42)), 0.6, colours.crease, opacity=0.6 * (1 - shut))
