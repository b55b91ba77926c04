"""Yunagi's hair: long, parted beside the middle, two locks over the shoulders, a crescent moon holding the fringe."""

from __future__ import annotations

from typing import Final

import numpy as np

from tha4_core.rig.characters.yunagi import palette
from tha4_core.rig.curves import Curve, closed, line, outline, shifted
from tha4_core.rig.hair import Crown, Lock, lock_shape, paint_crown, paint_lock, paint_locks
from tha4_core.rig.pen import Gradient, Pen

FRINGE: Final = (
    Lock(((243, 90, 3), (221, 103, 9), (207, 132, 9), (204, 160, 5.5), (208, 188, 0)), inked=0.4, strands=(0.35, 0.6)),
    Lock(((268, 89, 3), (293, 104, 9), (305, 132, 9), (308, 160, 5.5), (304, 188, 0)), inked=0.4, strands=(0.4, 0.65)),
    Lock(((245, 89, 3), (226, 106, 8), (214.5, 130, 7.5), (213.5, 147, 4), (217, 163, 0)), inked=0.42),
    Lock(
        ((262, 88, 3), (286, 106, 9), (297.5, 129, 8), (299, 147, 4), (295.5, 163, 0)), inked=0.42, strands=(0.35, 0.6)
    ),
    Lock(((247, 89, 3), (234, 107, 8), (227, 127, 7.5), (229, 142, 3.5), (236, 153, 0)), inked=0.45),
    Lock(((256, 88, 3), (275, 106, 9), (283, 126, 8), (282, 141, 4), (275, 152, 0)), inked=0.42, strands=(0.4, 0.62)),
    Lock(((248, 89, 2), (245, 107, 7), (241, 127, 7), (243, 141, 3.5), (249, 151, 0)), inked=0.45),
    Lock(
        ((251, 88, 3), (260, 105, 9), (266, 126, 8.5), (264, 142, 4.5), (256, 155, 0)), inked=0.38, strands=(0.38, 0.62)
    ),
)
CROWN: Final = Crown(
    edge=(
        (200, 184),
        (197.5, 158),
        (198.5, 132),
        (205, 110),
        (218, 93.5),
        (236, 83.5),
        (256, 80.5),
        (276, 83.5),
        (294, 93.5),
        (307, 110),
        (313.5, 132),
        (314.5, 158),
        (312, 184),
    ),
    hairline=((303, 182), (299, 146), (286, 122), (256, 106), (226, 122), (213, 146), (209, 182)),
    parting=(249.0, 89.0),
    fringe=FRINGE,
    ring=((209, 123), (219, 112), (236, 104.5), (256, 102), (277, 105), (296, 116), (304, 127)),
    strands=((240, 83.5, -2), (252, 82, 0), (262, 83, 2), (230, 88, -5), (276, 87, 5)),
)

# From the outermost inwards; the picture's right.
_BACK_RIGHT: Final = (
    Lock(
        ((281, 112, 10), (305, 160, 16), (324, 225, 19), (331, 300, 21), (347, 385, 20), (351, 442, 11), (370, 480, 0)),
        strands=(0.3, 0.55, 0.75),
    ),
    Lock(
        ((284, 120, 14), (303, 180, 19), (312, 260, 22), (321, 340, 22), (330, 420, 17), (334, 464, 8), (345, 496, 0)),
        strands=(0.3, 0.55),
    ),
    Lock(
        ((276, 120, 14), (288, 190, 22), (294, 270, 24), (300, 350, 22), (306, 430, 16), (306, 476, 7), (314, 504, 0)),
        strands=(0.3, 0.6),
    ),
)
_BACK_LEFT: Final = (
    Lock(
        ((232, 112, 10), (207, 160, 16), (188, 225, 19), (181, 300, 21), (165, 380, 20), (163, 436, 11), (143, 472, 0)),
        strands=(0.3, 0.55, 0.75),
    ),
    Lock(
        ((228, 120, 14), (209, 180, 19), (200, 260, 22), (191, 340, 22), (183, 416, 17), (180, 462, 8), (168, 492, 0)),
        strands=(0.3, 0.55),
    ),
    Lock(
        ((236, 120, 14), (224, 190, 22), (218, 270, 24), (212, 350, 22), (207, 430, 16), (207, 476, 7), (199, 506, 0)),
        strands=(0.3, 0.6),
    ),
)
BACK: Final = (*_BACK_RIGHT, *_BACK_LEFT)
BACK_MASS: Final = (
    (256, 92), (292, 106), (308, 150), (318, 220), (328, 300), (334, 400), (300, 450), (256, 440), (212, 450),
    (178, 400), (184, 300), (194, 220), (204, 150), (220, 106),
)  # fmt: skip
WISPS: Final = (
    Lock(((336, 330, 4), (350, 380, 6), (362, 420, 5), (380, 448, 0)), strands=()),
    Lock(((176, 330, 4), (162, 372, 6), (150, 410, 5), (131, 436, 0)), strands=()),
    Lock(((312, 190, 3), (327, 226, 5), (336, 262, 4.5), (350, 290, 0)), strands=()),
)

SIDE_RIGHT: Final = (
    Lock(
        ((303, 128, 6), (306.5, 165, 8), (309, 205, 9), (306, 245, 8), (301, 280, 4.5), (306, 306, 0)),
        inked=0.2,
        strands=(0.3, 0.6),
    ),
    Lock(((301, 135, 4), (300, 170, 5), (298, 200, 4), (302, 228, 0)), inked=0.2, strands=()),
)
SIDE_LEFT: Final = (
    Lock(
        ((209, 128, 6), (205.5, 165, 8), (203, 205, 9), (206, 245, 8), (211, 284, 4.5), (206, 312, 0)),
        inked=0.2,
        strands=(0.3, 0.6),
    ),
    Lock(((211, 135, 4), (212, 170, 5), (214, 198, 4), (209, 222, 0)), inked=0.2, strands=()),
)

MOON: Final = ((303.5, 105), (295.5, 104), (287.5, 109.5), (286, 118.5), (291, 127), (300, 129.5), (300, 129.5),
               (295.5, 123), (295, 115.5), (298, 109.3), (303.5, 105), (303.5, 105))  # fmt: skip


def paint_back(pen: Pen) -> None:
    """The hair behind the head and shoulders."""
    pen.fill(outline(BACK_MASS), palette.HAIR.deep)
    paint_locks(pen, (*WISPS, *BACK), palette.HAIR)
    # Behind the neck it is dark.
    dark = outline(((256, 100), (306, 120), (310, 200), (304, 270), (256, 300), (208, 270), (202, 200), (206, 120)))
    with pen.inside(outline(BACK_MASS), *(lock_shape(lock) for lock in BACK)):
        pen.fill(dark, palette.HAIR.deep, blur=1.5)


def paint_side(pen: Pen) -> None:
    """The locks before the ears, down over the shoulders."""
    for lock in (*SIDE_LEFT[::-1], *SIDE_RIGHT[::-1]):
        paint_lock(pen, lock, palette.HAIR)


def paint_front(pen: Pen) -> None:
    """The top of the head, the fringe and the moon in it."""
    paint_crown(pen, CROWN, palette.HAIR)
    _paint_moon(pen)


def _paint_moon(pen: Pen) -> None:
    moon = outline(MOON)
    pen.fill(shifted(moon, 0.8, 1.8), "#51457f90", blur=0.9)
    pen.fill(moon, Gradient((287, 106), (301, 130), (palette.GOLD_LIGHT, palette.GOLD, palette.GOLD_SHADE)))
    pen.stroke(closed(moon), 0.9, palette.GOLD_LINE, start=0.7, stop=0.7)
    pen.stroke(line([(288.4, 118), (290, 122.8), (293.4, 126)]), 1.1, palette.GOLD_LIGHT)
    # A star hangs in its arms.
    pen.stroke(line([(303.2, 105.4), (302.4, 112.5)]), 0.6, palette.GOLD_LINE, start=1, stop=1)
    star = star_shape(302, 118, 5.4)
    pen.fill(shifted(star, 0.6, 1.2), "#51457f90", blur=0.7)
    pen.fill(star, Gradient((298, 113), (306, 123), (palette.GOLD_LIGHT, palette.GOLD)))
    pen.stroke(closed(star), 0.7, palette.GOLD_LINE, start=1, stop=1)


def star_shape(x: float, y: float, radius: float) -> Curve:
    """A star with four sharp points, the first one up."""
    angle = np.pi * np.arange(8) / 4 - np.pi / 2
    reach = np.where(np.arange(8) % 2, 0.36, 1.0) * radius
    return np.stack((x + 0.8 * reach * np.cos(angle), y + reach * np.sin(angle)), axis=1)
