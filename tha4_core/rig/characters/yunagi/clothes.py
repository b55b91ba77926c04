"""Yunagi's clothes: a short navy cape edged with gold over a white blouse, a coral ribbon, a high-waisted skirt."""

from __future__ import annotations

from typing import Final

import numpy as np

from tha4_core.rig.characters.yunagi import palette
from tha4_core.rig.characters.yunagi.hair import star_shape
from tha4_core.rig.curves import Curve, closed, closed_polygon, halves, line, outline, part, shifted
from tha4_core.rig.neck import paint_neck
from tha4_core.rig.pen import Glow, Gradient, Pen, with_alpha

# The right half of the picture; the left half is its mirror image.
SLEEVE: Final = (
    (308, 300),
    (338, 302),
    (354, 326),
    (361, 358),
    (357, 392),
    (343, 420),
    (318, 440),
    (300, 438),
    (302, 400),
)
CUFF: Final = ((344, 412), (350, 420), (324, 448), (304, 452), (303, 440), (322, 434))
BLOUSE: Final = ((256, 226), (280, 232), (298, 262), (297, 300), (290, 328), (284, 352), (256, 362))
CORSET: Final = ((256, 338), (256, 338), (274, 334), (292, 322), (292, 322), (289, 352), (289, 376), (296, 402),
                 (296, 402), (276, 410), (256, 412), (256, 412))  # fmt: skip
SKIRT: Final = ((256, 400), (256, 400), (296, 396), (296, 396), (318, 430), (336, 476), (346, 520), (346, 520),
                (256, 524), (256, 524))  # fmt: skip
CAPE: Final = ((260, 232), (260, 232), (270, 219), (290, 224), (316, 238), (334, 262), (346, 296), (350, 318),
               (350, 318),
               (328, 330), (300, 330), (276, 318), (276, 318), (267, 280), (260, 232))  # fmt: skip
CAPE_HEM: Final = ((350, 318), (328, 330), (300, 330), (276, 318))
CAPE_FRONT: Final = ((276, 318), (267, 280), (260, 232))
COLLAR: Final = (
    (256, 231), (256, 231), (262, 221), (273, 209), (273, 209), (287, 216), (301, 233), (302, 254), (302, 254),
    (284, 258), (268, 251), (256, 236), (256, 231),
)  # fmt: skip
RIBBON_LOOP: Final = (
    (258, 239),
    (258, 239),
    (270, 229),
    (286, 230),
    (290, 238),
    (286, 248),
    (272, 250),
    (258, 243),
    (258, 239),
)
RIBBON_TAIL: Final = ((258, 242), (258, 242), (268, 252), (275, 272), (280, 292), (280, 292), (271, 288),
                      (264, 294), (264, 294),
                      (262, 270), (256, 246), (258, 242))  # fmt: skip


def paint_bare_neck(pen: Pen) -> None:
    """The neck in its open collar."""
    paint_neck(pen, palette.SKIN)


def paint_sleeves(pen: Pen) -> None:
    """Arms in wide white sleeves, the hands clasped behind the back."""
    for sign, sleeve, cuff in zip((1, -1), halves(outline(SLEEVE)), halves(outline(CUFF)), strict=True):
        pen.fill(cuff, Gradient((0, 410), (0, 450), (palette.NAVY, palette.NAVY_SHADE)))
        pen.stroke(closed(cuff), 1.2, palette.NAVY_LINE, start=0.6, stop=0.6)
        pen.fill(sleeve, Gradient((0, 300), (0, 440), (palette.WHITE, palette.WHITE, palette.WHITE_SHADE)))

        def at(points: list[tuple[float, float]], sign: int = sign) -> Curve:
            return line([(256 + sign * (x - 256), y) for x, y in points])

        with pen.inside(sleeve):
            # The side towards the body, a fold at a time.
            for inner in (
                [(300, 326), (318, 330), (322, 352), (314, 384), (322, 410), (300, 446), (290, 400)],
                [(318, 326), (330, 334), (334, 362), (330, 376), (326, 352), (318, 336)],
                [(346, 326), (353, 346), (352, 366), (348, 352), (342, 334)],
            ):
                pen.fill(at([(float(x), float(y)) for x, y in inner]), palette.WHITE_SHADE)
            pen.fill(
                at([(300, 330), (309, 340), (310, 370), (304, 400), (312, 424), (300, 440), (290, 390)]),
                palette.WHITE_DEEP,
                opacity=0.6,
            )
            pen.fill(
                closed_polygon(at([(352, 300), (334, 335), (296, 338)]), at([(296, 290), (352, 290)])),
                palette.WHITE_DEEP,
            )
            pen.fill(
                closed_polygon(
                    at([(363, 372), (352, 394), (338, 402), (330, 414), (316, 424)]), at([(316, 446), (366, 420)])
                ),
                palette.WHITE_SHADE,
            )
            pen.fill(
                closed_polygon(at([(354, 400), (340, 413), (316, 432)]), at([(316, 446), (366, 420)])),
                palette.WHITE_DEEP,
                opacity=0.7,
            )
            for fold in (
                [(326, 332), (333, 352), (332, 378)],
                [(340, 330), (348, 350), (348, 372)],
                [(354, 384), (342, 400), (324, 412)],
            ):
                pen.stroke(at([(float(x), float(y)) for x, y in fold]), 1.0, palette.WHITE_LINE, opacity=0.7)
        pen.stroke(closed(sleeve), 1.3, palette.WHITE_LINE, start=0.7, stop=0.7)
        band = at([(347, 417), (336, 431), (320, 441), (304, 446)])
        pen.stroke(band, 1.6, palette.GOLD, start=0.8, stop=0.8)


def paint_torso(pen: Pen) -> None:
    """Skirt, blouse, corset, cape, collar, ribbon: all that is sewn to each other."""
    _paint_skirt(pen)
    blouse = closed_polygon(outline(BLOUSE))
    for half in halves(blouse):
        pen.fill(half, Gradient((0, 230), (0, 360), (palette.WHITE_SHADE, palette.WHITE, palette.WHITE)))
    with pen.inside(*halves(blouse)):
        for curve in halves(line([(300, 300), (284, 312), (276, 330), (280, 345), (310, 345)])):
            pen.fill(curve, palette.WHITE_SHADE)
        for fold in (
            [(270, 300), (266, 316), (268, 332)],
            [(262, 300), (260, 318)],
            [(278, 306), (271, 322), (272, 334)],
        ):
            for curve in halves(line(fold)):
                pen.stroke(curve, 1.0, palette.WHITE_LINE, opacity=0.6)
        pen.stroke(line([(256, 250), (256, 345)]), 1.0, palette.WHITE_LINE, start=1, stop=1, opacity=0.6)
    for curve in halves(part(blouse, 0.2, 0.8)):
        pen.stroke(curve, 1.1, palette.WHITE_LINE)
    for y in (306, 322):
        pen.ellipse(256, y, 1.7, 1.7, palette.GOLD_LINE)
        pen.ellipse(255.8, y - 0.3, 1.2, 1.2, palette.GOLD)
    _paint_corset(pen)
    _paint_cape(pen)
    for collar in halves(outline(COLLAR)):
        pen.fill(shifted(collar, 0.0, 2.5), with_alpha(palette.NAVY_LINE, 0.55), blur=1.0)
        pen.fill(collar, Gradient((0, 210), (0, 250), (palette.WHITE_SHADE, palette.WHITE, palette.WHITE)))
        with pen.inside(collar):
            pen.stroke(closed(collar), 5.0, palette.NAVY, start=1, stop=1)
            pen.stroke(closed(collar), 3.4, palette.WHITE, start=1, stop=1)
        pen.stroke(closed(collar), 1.2, palette.WHITE_LINE, start=0.7, stop=0.7)
    _paint_ribbon(pen)


def _paint_skirt(pen: Pen) -> None:
    for half in halves(outline(SKIRT)):
        pen.fill(half, Gradient((0, 396), (0, 512), (palette.NAVY_SHADE, palette.NAVY, palette.NAVY_LIGHT)))
    with pen.inside(*halves(outline(SKIRT))):
        for x_top, x_bottom in ((262, 270), (276, 300), (289, 330)):
            for sign in (1, -1):
                top, bottom = 256 + sign * (x_top - 256), 256 + sign * (x_bottom - 256)
                pleat = closed_polygon(
                    line([(top, 402), ((top + bottom) / 2 - 1, 456), (bottom, 520)]),
                    line([(bottom + 12, 520), (top + 2, 412)]),
                )
                pen.fill(pleat, palette.NAVY_SHADE)
                pen.stroke(
                    line([(top, 402), ((top + bottom) / 2 - 1, 456), (bottom, 520)]), 1.2, palette.NAVY_LINE, stop=0.6
                )
    for half in halves(part(outline(SKIRT), 0.12, 0.55)):
        pen.stroke(half, 1.3, palette.NAVY_LINE, start=0.6, stop=0.8)


def _paint_corset(pen: Pen) -> None:
    sides = halves(outline(CORSET))
    for half in sides:
        pen.fill(
            half,
            Gradient((212, 0), (300, 0), (palette.NAVY_SHADE, palette.NAVY_LIGHT, palette.NAVY, palette.NAVY_SHADE)),
        )
    with pen.inside(*sides):
        for x in (268, 281):
            for seam in halves(line([(x, 330), (x - 1, 370), (x + 2, 408)])):
                pen.stroke(seam, 1.0, palette.NAVY_LINE, opacity=0.7, start=0.5, stop=0.5)
    for half in sides:
        pen.stroke(closed(half), 1.2, palette.NAVY_LINE, start=0.7, stop=0.7)
    for edge in halves(line([(292, 324.5), (274, 336.5), (256, 340.5)])):
        pen.stroke(edge, 1.8, palette.GOLD, start=1, stop=1)
    for sign in (1, -1):
        for y in (352, 368, 384):
            x = 256 + sign * 6
            pen.ellipse(x, y, 2.4, 2.4, palette.GOLD_LINE)
            pen.ellipse(
                x - 0.2,
                y - 0.3,
                1.8,
                1.8,
                Glow((x - 0.7, y - 0.8), 2.4, (palette.GOLD_LIGHT, palette.GOLD, palette.GOLD_SHADE)),
            )
    belt = closed_polygon(line([(214, 397), (256, 404), (298, 397)]), line([(299, 405), (256, 413), (213, 405)]))
    pen.fill(
        belt,
        Gradient(
            (213, 0), (299, 0), (palette.GOLD_SHADE, palette.GOLD, palette.GOLD_LIGHT, palette.GOLD, palette.GOLD_SHADE)
        ),
    )
    pen.stroke(closed(belt), 0.9, palette.GOLD_LINE, start=1, stop=1)


def _paint_cape(pen: Pen) -> None:
    for sign, cape in zip((1, -1), halves(outline(CAPE)), strict=True):

        def at(points: object, sign: int = sign) -> Curve:
            knots = np.array(points, dtype=np.float64)
            knots[:, 0] = 256 + sign * (knots[:, 0] - 256)
            return line(knots)

        pen.fill(shifted(cape, 0, 3.5), with_alpha(palette.NAVY_LINE, 0.5), blur=1.4)
        pen.fill(cape, Gradient((0, 222), (0, 330), (palette.NAVY_LIGHT, palette.NAVY, palette.NAVY)))
        with pen.inside(cape):
            for shade in (
                [(314, 240), (322, 270), (320, 300), (326, 334), (334, 334), (334, 290), (328, 258)],
                [(296, 248), (298, 280), (294, 306), (298, 334), (310, 334), (306, 300), (305, 270)],
                [(276, 250), (281, 280), (281, 300), (286, 330), (272, 316), (262, 250)],
                [(346, 296), (340, 310), (344, 334), (356, 334), (356, 296)],
            ):
                pen.fill(at(shade), palette.NAVY_SHADE)
            for fold in (
                [(318, 246), (325, 276), (323, 310)],
                [(298, 256), (301, 284), (298, 312)],
                [(336, 276), (341, 298), (340, 316)],
            ):
                pen.stroke(at(fold), 1.1, palette.NAVY_LINE, opacity=0.8)
            hem, front = at(CAPE_HEM), at(CAPE_FRONT)
            pen.stroke(shifted(hem, 0, -5), 2.2, palette.GOLD, start=1, stop=1)
            pen.stroke(shifted(hem, 0, -8.6), 0.9, palette.GOLD_SHADE, start=1, stop=1)
            pen.stroke(shifted(front, sign * 4.0, 0), 1.8, palette.GOLD, start=1, stop=1)
            for x, y, radius in ((288, 311, 3.0), (305, 315.5, 3.6), (323, 314.5, 3.6), (338, 308, 3.0)):
                pen.fill(star_shape(256 + sign * (x - 256), y, radius), palette.GOLD)
        pen.stroke(closed(cape), 1.4, palette.NAVY_LINE, start=0.7, stop=0.7)


def _paint_ribbon(pen: Pen) -> None:
    for tail in halves(outline(RIBBON_TAIL)):
        pen.fill(shifted(tail, 0, 2.5), with_alpha(palette.NAVY_LINE, 0.4), blur=1.0)
        pen.fill(tail, Gradient((0, 244), (0, 294), (palette.CORAL_SHADE, palette.CORAL, palette.CORAL)))
        with pen.inside(tail):
            pen.fill(shifted(tail, -5, 4), palette.CORAL_SHADE, opacity=0.7)
        pen.stroke(closed(tail), 1.1, palette.CORAL_LINE, start=0.7, stop=0.7)
    for sign, loop in zip((1, -1), halves(outline(RIBBON_LOOP)), strict=True):
        pen.fill(shifted(loop, 0, 2.5), with_alpha(palette.NAVY_LINE, 0.4), blur=1.0)
        pen.fill(loop, Gradient((0, 229), (0, 251), (palette.CORAL_LIGHT, palette.CORAL, palette.CORAL)))
        with pen.inside(loop):
            shade = line(
                [(256 + sign * (x - 256), y) for x, y in ((258, 240), (272, 243), (290, 240), (290, 254), (256, 252))]
            )
            pen.fill(shade, palette.CORAL_SHADE)
            for fold in ([(260, 240), (268, 237), (277, 237)], [(260, 242), (268, 244), (274, 247)]):
                pen.stroke(line([(256 + sign * (x - 256), y) for x, y in fold]), 0.9, palette.CORAL_LINE)
        pen.stroke(closed(loop), 1.1, palette.CORAL_LINE, start=0.7, stop=0.7)
    pen.ellipse(256, 241, 5.4, 6.2, palette.GOLD_LINE)
    pen.ellipse(256, 241, 4.6, 5.4, Glow((254, 238.5), 7, (palette.GOLD_LIGHT, palette.GOLD, palette.GOLD_SHADE)))
    pen.ellipse(256, 241, 2.6, 3.2, "#5b3fa0")
    pen.ellipse(255.2, 239.8, 0.9, 1.1, "#ffffff", opacity=0.9)
