"""Kohaku's clothes: a hoodie some sizes too large, hands in its pocket, dark shorts."""

from __future__ import annotations

from typing import Final

from tha4_core.rig.characters.kohaku import palette
from tha4_core.rig.curves import Curve, closed, closed_polygon, halves, line, outline, shifted
from tha4_core.rig.neck import paint_neck
from tha4_core.rig.pen import Gradient, Pen, with_alpha

SHIRT_COLLAR: Final = ((222, 238), (240, 243), (256, 245), (272, 243), (290, 238))
# The right half of the picture; the left half is its mirror image.
HOOD_BACK: Final = ((256, 200), (256, 200), (280, 203), (300, 213), (308, 230), (300, 250), (256, 262), (256, 262))
BODY: Final = ((256, 262), (256, 262), (276, 240), (304, 237), (322, 252), (324, 300), (326, 370), (328, 420),
               (321, 452),
               (321, 452), (290, 460), (256, 462), (256, 462))  # fmt: skip
RIB: Final = ((256, 458), (256, 458), (290, 456), (322, 447), (322, 447), (321, 466), (317, 474), (317, 474),
              (290, 481),
              (256, 483), (256, 483))  # fmt: skip
SLEEVE: Final = ((302, 238), (318, 243), (334, 258), (345, 292), (355, 335), (359, 368), (352, 392), (332, 407),
                 (304, 418),
                 (288, 420), (288, 420), (286, 398), (286, 398), (304, 388), (318, 372), (318, 340), (312, 300),
                 (304, 266))  # fmt: skip
POCKET: Final = ((256, 384), (256, 384), (281, 384), (281, 384), (291, 398), (304, 418), (304, 418), (306, 434),
                 (303, 446),
                 (303, 446), (280, 450), (256, 451), (256, 451))  # fmt: skip
HOOD: Final = ((256, 266), (256, 266), (262, 246), (272, 228), (277, 212), (277, 212), (288, 203), (301, 207),
               (311, 220),
               (310, 236), (296, 250), (276, 260), (256, 266), (256, 266))  # fmt: skip
SHORTS: Final = ((256, 470), (256, 470), (318, 466), (318, 466), (325, 490), (327, 520), (327, 520), (256, 520),
                 (256, 520))  # fmt: skip


def paint_hood_back(pen: Pen) -> None:
    """The hood where it lies behind the neck."""
    for half in halves(outline(HOOD_BACK)):
        pen.fill(half, Gradient((0, 200), (0, 250), (palette.GREEN_SHADE, palette.GREEN_DEEP)))
    for edge in halves(line(((256, 200), (280, 203), (300, 213), (308, 230)))):
        pen.stroke(edge, 1.3, palette.GREEN_LINE, start=0.8, stop=0.5)


def paint_neck_and_shirt(pen: Pen) -> None:
    """Neck, and the collar of a white shirt."""
    paint_neck(pen, palette.SKIN)
    collar = line(SHIRT_COLLAR)
    pen.fill(closed_polygon(collar, line([(292, 274), (220, 274)])), palette.CREAM)
    pen.stroke(collar, 1.0, palette.CREAM_LINE, start=0.8, stop=0.8)
    pen.stroke(shifted(collar, 0, 4), 0.7, palette.CREAM_DEEP, start=0.8, stop=0.8)


def paint_torso(pen: Pen) -> None:
    """Shorts, hoodie, sleeves, pocket, hood: all that is sewn to each other."""
    for half in halves(outline(SHORTS)):
        pen.fill(half, Gradient((0, 466), (0, 512), (palette.SHORTS_SHADE, palette.SHORTS)))
        pen.stroke(closed(half), 1.1, palette.SHORTS_LINE, start=0.7, stop=0.7)
    for crease in halves(line(((266, 492), (280, 500), (286, 514)))):
        pen.stroke(crease, 1.2, palette.SHORTS_LINE, opacity=0.8)
    _paint_body(pen)
    _paint_sleeves(pen)
    _paint_pocket(pen)
    _paint_hood(pen)


def _paint_body(pen: Pen) -> None:
    for half in halves(outline(RIB)):
        pen.fill(half, Gradient((0, 450), (0, 484), (palette.CREAM_SHADE, palette.CREAM)))
    with pen.inside(*halves(outline(RIB))):
        for i in range(17):
            for rib in halves(line(((258 + 4 * i, 446), (258 + 3.8 * i, 486)))):
                pen.stroke(rib, 0.8, palette.CREAM_DEEP, start=1, stop=1, opacity=0.8)
    for edge in halves(line(((256, 483), (290, 481), (317, 474), (322, 462), (322, 448)))):
        pen.stroke(edge, 1.2, palette.CREAM_LINE, start=0.8, stop=0.6)
    sides = halves(outline(BODY))
    for half in sides:
        pen.fill(half, Gradient((0, 236), (0, 462), (palette.GREEN_LIGHT, palette.GREEN, palette.GREEN)))
    with pen.inside(*sides):
        for shade in halves(
            line(((330, 262), (306, 276), (300, 310), (304, 350), (298, 392), (306, 430), (300, 466), (340, 466)))
        ):
            pen.fill(shade, palette.GREEN_SHADE)
        for shade in halves(line(((256, 462), (262, 452), (282, 455), (306, 446), (330, 452), (330, 470), (256, 470)))):
            pen.fill(shade, palette.GREEN_SHADE)
        for fold in (
            ((300, 348), (288, 356), (272, 358)),
            ((304, 330), (292, 336), (282, 336)),
            ((310, 440), (300, 452), (298, 460)),
            ((284, 452), (282, 458), (284, 464)),
        ):
            for curve in halves(line(fold)):
                pen.stroke(curve, 1.1, palette.GREEN_LINE, opacity=0.75, peak=0.3)
        _paint_paw(pen)
    for edge in halves(line(((327, 390), (328, 420), (321, 452)))):
        pen.stroke(edge, 1.3, palette.GREEN_LINE, start=0.8, stop=0.8)
    for edge in halves(line(((321, 452), (290, 460), (256, 462)))):
        pen.stroke(edge, 1.2, palette.GREEN_LINE, start=0.8, stop=0.8)


def _paint_paw(pen: Pen) -> None:
    pad = outline(((256, 318), (262, 322), (267, 329), (264, 335), (256, 333.5), (248, 335), (245, 329), (250, 322)))
    pen.fill(pad, palette.CREAM)
    for x, y, rx, ry in (
        (244, 318, 3.4, 4.4),
        (251.8, 311.5, 3.6, 4.8),
        (260.2, 311.5, 3.6, 4.8),
        (268, 318, 3.4, 4.4),
    ):
        pen.ellipse(x, y, rx, ry, palette.CREAM)


def _paint_sleeves(pen: Pen) -> None:
    for sign, sleeve in zip((1, -1), halves(outline(SLEEVE)), strict=True):

        def at(points: tuple[tuple[float, float], ...], sign: int = sign) -> Curve:
            return line([(256 + sign * (x - 256), y) for x, y in points])

        pen.fill(sleeve, Gradient((0, 236), (0, 420), (palette.GREEN_LIGHT, palette.GREEN, palette.GREEN)))
        with pen.inside(sleeve):
            pen.fill(
                at(((300, 256), (310, 270), (320, 312), (326, 350), (322, 374), (304, 390), (296, 380), (300, 300))),
                palette.GREEN_SHADE,
            )
            pen.fill(
                at(((362, 356), (348, 384), (326, 398), (300, 409), (284, 412), (284, 424), (330, 416), (364, 394))),
                palette.GREEN_SHADE,
            )
            pen.fill(at(((352, 322), (344, 333), (330, 338), (342, 340), (356, 346), (358, 336))), palette.GREEN_SHADE)
            pen.fill(at(((318, 372), (332, 366), (346, 370), (334, 374), (324, 384), (312, 386))), palette.GREEN_SHADE)
            pen.fill(at(((286, 396), (296, 394), (300, 416), (286, 424))), palette.GREEN_DEEP, opacity=0.7)
            # Cream stripes down the upper arm.
            for width, shift in ((2.6, 0.0), (2.6, -5.0)):
                stripe = at(
                    (
                        (322 + shift, 243),
                        (334 + shift, 268),
                        (342 + shift, 300),
                        (350 + shift, 336),
                        (354 + shift, 364),
                        (348 + shift, 386),
                    )
                )
                pen.stroke(stripe, width, palette.CREAM, start=1)
            for fold in (
                ((318, 372), (332, 366), (348, 368)),
                ((320, 350), (334, 346), (342, 348)),
                ((330, 402), (318, 400), (308, 404)),
                ((346, 392), (336, 388), (328, 390)),
            ):
                pen.stroke(at(fold), 1.1, palette.GREEN_LINE, opacity=0.8, peak=0.3)
        pen.stroke(closed(sleeve), 1.3, palette.GREEN_LINE, start=0.7, stop=0.7)


def _paint_pocket(pen: Pen) -> None:
    sides = halves(outline(POCKET))
    for half in sides:
        pen.fill(shifted(half, 0, 2), with_alpha(palette.GREEN_LINE, 0.35), blur=1.2)
    for half in sides:
        pen.fill(half, Gradient((0, 384), (0, 450), (palette.GREEN_LIGHT, palette.GREEN, palette.GREEN)))
    with pen.inside(*sides):
        # Hands push it out.
        for hand in halves(line(((274, 404), (286, 408), (292, 422), (284, 436), (268, 440), (280, 430), (282, 416)))):
            pen.fill(hand, palette.GREEN_SHADE)
        for fold in (((272, 412), (266, 424), (268, 434)), ((294, 430), (288, 440), (280, 444))):
            for curve in halves(line(fold)):
                pen.stroke(curve, 1.0, palette.GREEN_LINE, opacity=0.7)
        for hem in halves(line(((277.5, 384), (287, 398), (300, 419)))):
            pen.stroke(hem, 0.9, palette.GREEN_LINE, start=1, stop=1, opacity=0.6)
    for edge in halves(line(POCKET[1:-1])):
        pen.stroke(edge, 1.2, palette.GREEN_LINE, start=0.8, stop=0.8)


def _paint_hood(pen: Pen) -> None:
    for half in halves(outline(HOOD)):
        pen.fill(shifted(half, 0, 3), with_alpha(palette.GREEN_LINE, 0.45), blur=1.4)
    for sign, half in zip((1, -1), halves(outline(HOOD)), strict=True):

        def at(points: tuple[tuple[float, float], ...], sign: int = sign) -> Curve:
            return line([(256 + sign * (x - 256), y) for x, y in points])

        pen.fill(half, Gradient((0, 204), (0, 264), (palette.GREEN_LIGHT, palette.GREEN_LIGHT, palette.GREEN)))
        with pen.inside(half):
            lining = at(
                (
                    (256, 268),
                    (262, 246),
                    (272, 228),
                    (277, 210),
                    (284, 204),
                    (285, 216),
                    (279, 234),
                    (269, 250),
                    (258, 268),
                )
            )
            pen.fill(lining, Gradient((0, 206), (0, 262), (palette.CREAM_SHADE, palette.CREAM)))
            pen.fill(at(((314, 226), (300, 240), (280, 251), (258, 264), (262, 272), (320, 260))), palette.GREEN_SHADE)
            pen.stroke(
                at(((285, 206), (286, 217), (279, 235), (269, 251), (259, 264))),
                1.0,
                palette.GREEN_LINE,
                start=0.7,
                stop=0.5,
            )
            for fold in (((300, 208), (300, 222), (290, 238)), ((308, 218), (304, 230), (294, 240))):
                pen.stroke(at(fold), 1.0, palette.GREEN_LINE, opacity=0.75)
        pen.stroke(closed(half), 1.3, palette.GREEN_LINE, start=0.7, stop=0.7)
    for cord, knot in zip(
        (line([(264, 254), (266, 272), (263.5, 292)]), line([(248, 254), (246, 276), (249, 300)])),
        ((263.5, 294), (249, 302)),
        strict=True,
    ):
        pen.stroke(shifted(cord, 0.8, 1.2), 2.2, with_alpha(palette.GREEN_LINE, 0.5), start=0.9, stop=0.9)
        pen.stroke(cord, 2.9, palette.CREAM_LINE, start=0.9, stop=0.9)
        pen.stroke(cord, 1.7, palette.CREAM, start=0.9, stop=0.9)
        pen.ellipse(knot[0], knot[1], 2.6, 3.8, palette.CREAM_LINE)
        pen.ellipse(knot[0], knot[1], 1.8, 3.0, palette.PINK)
        pen.ellipse(264 if knot[0] > 256 else 248, 254, 1.7, 1.7, palette.CREAM_LINE)
