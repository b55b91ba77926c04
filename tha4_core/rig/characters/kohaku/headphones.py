"""Kohaku's headphones: cream, with cat's ears that glow."""

from __future__ import annotations

from typing import Final

from tha4_core.rig.characters.kohaku import palette
from tha4_core.rig.curves import between, closed, closed_polygon, halves, line, mirrored, outline, shifted
from tha4_core.rig.pen import Glow, Gradient, Pen

BAND_OUTER: Final = ((316.5, 142), (315, 118), (304, 94), (284, 79), (256, 73.5))
BAND_INNER: Final = ((310, 142), (308.5, 120), (298.5, 99), (281, 85), (256, 80))
CUP: Final = ((310, 138), (318, 137), (325, 145), (327, 158), (325, 171), (318, 179), (310, 178), (307, 158))
CUSHION: Final = ((306, 142), (312, 139), (315, 158), (312, 177), (306, 174), (303.5, 158))
EAR: Final = (
    (283, 80), (283, 80), (288, 66), (302, 53), (302, 53), (307, 70), (303, 92), (303, 92), (294, 84), (283, 80),
)  # fmt: skip
EAR_INSIDE: Final = ((289, 80), (289, 80), (292, 70), (300, 60.5), (300, 60.5), (303, 73), (300.5, 85), (300.5, 85),
                     (296, 83), (289, 80))  # fmt: skip


def paint_headphones(pen: Pen) -> None:
    """Band, ears and cups, over the hair."""
    for ear, inside in zip(halves(outline(EAR)), halves(outline(EAR_INSIDE)), strict=True):
        pen.fill(ear, Gradient((0, 53), (0, 95), (palette.CREAM, palette.CREAM, palette.CREAM_SHADE)))
        pen.fill(inside, Gradient((0, 60), (0, 88), (palette.GLOW, palette.GREEN_LIGHT)))
        pen.stroke(closed(inside), 0.8, palette.GREEN_SHADE, start=0.7, stop=0.7)
        pen.stroke(closed(ear), 1.1, palette.CREAM_LINE, start=0.7, stop=0.7)
    outer, inner = (line([*edge, *mirrored(edge)[1:]]) for edge in (BAND_OUTER, BAND_INNER))
    band = closed_polygon(outer, inner[::-1])
    pen.fill(shifted(band, 0, 1.6), "#71342a80", blur=1.0)
    pen.fill(band, Gradient((0, 74), (0, 140), (palette.CREAM, palette.CREAM_SHADE)))
    pen.stroke(between(outer, inner, 0.65), 1.6, palette.CREAM_DEEP, opacity=0.8, start=0.6, stop=0.6)
    for edge in (outer, inner):
        pen.stroke(edge, 1.0, palette.CREAM_LINE, start=0.7, stop=0.7)
    for sign, cup, cushion in zip((1, -1), halves(outline(CUP)), halves(outline(CUSHION)), strict=True):
        pen.fill(shifted(cup, -1.0, 1.6), "#71342a80", blur=1.2)
        pen.fill(cushion, Gradient((0, 140), (0, 178), (palette.SHORTS, palette.SHORTS_SHADE)))
        pen.stroke(closed(cushion), 0.9, palette.SHORTS_LINE, start=0.7, stop=0.7)
        pen.fill(cup, Gradient((0, 138), (0, 180), (palette.CREAM, palette.CREAM, palette.CREAM_SHADE)))
        with pen.inside(cup):
            x = 256 + sign * 66.5
            pen.ellipse(x, 158, 5.2, 12, palette.GREEN_SHADE)
            pen.ellipse(
                x + 0.3 * sign, 158, 4.0, 10, Glow((x - 1, 154), 13, (palette.GLOW, palette.GREEN_LIGHT, palette.GREEN))
            )
        pen.stroke(closed(cup), 1.1, palette.CREAM_LINE, start=0.7, stop=0.7)
