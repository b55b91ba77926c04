"""Kohaku's hair: a short fluffy bob that turns up at its ends, swept to one side."""

from __future__ import annotations

from typing import Final

from tha4_core.rig.characters.kohaku import palette
from tha4_core.rig.curves import Curve, closed_polygon, line, outline, part
from tha4_core.rig.hair import Lock, lock_shape, paint_lock, paint_locks, paint_shine
from tha4_core.rig.pen import Pen

#: Where the hair parts.
PARTING: Final = (270.0, 88.0)

CAP_EDGE: Final = (
    (199, 182), (195, 158), (196, 132), (203, 109), (217, 92), (236, 82.5), (256, 80), (276, 82.5), (295, 92),
    (309, 109), (316, 132), (317, 158), (313, 182),
)  # fmt: skip
CAP_HAIRLINE: Final = ((304, 178), (299, 146), (287, 122), (270, 107), (226, 122), (213, 146), (208, 178))

FRINGE: Final = (
    Lock(((264, 90, 3), (230, 99, 10), (208, 126, 10), (202, 158, 7), (209, 187, 0)), inked=0.42, strands=(0.35, 0.6)),
    Lock(((276, 89, 3), (301, 106, 9), (309, 134, 9), (309, 162, 6), (303, 188, 0)), inked=0.42, strands=(0.4, 0.65)),
    Lock(((266, 89, 3), (236, 102, 9), (219, 126, 8.5), (213, 148, 5), (217, 164, 0)), inked=0.42),
    Lock(((275, 88, 3), (293, 104, 9), (300, 128, 9), (301, 148, 5), (297, 164, 0)), inked=0.42, strands=(0.35, 0.6)),
    Lock(((267, 88, 3), (245, 104, 9), (231, 126, 8.5), (225, 142, 4.5), (228, 154, 0)), inked=0.45, strands=(0.4, 0.62)),
    Lock(((273, 88, 3), (284, 104, 9), (289, 126, 9), (286, 143, 4.5), (279, 153, 0)), inked=0.42),
    Lock(((268, 88, 3), (255, 105, 9), (245, 127, 8.5), (239, 143, 4.5), (242, 154, 0)), inked=0.42),
    Lock(((270, 88, 3), (265, 106, 8.5), (260, 128, 8.5), (254, 145, 4.5), (257, 157, 0)), inked=0.38, strands=(0.38, 0.62)),
)
CURL: Final = Lock(((266, 88, 1.5), (259, 76, 3.2), (266, 66, 3), (282, 66, 0)), inked=0.1, shaded=0.3, strands=())

BACK: Final = (
    Lock(((296, 112, 10), (314, 150, 15), (319, 186, 13), (327, 207, 7), (344, 212, 0)), strands=(0.3, 0.6)),
    Lock(((216, 112, 10), (198, 150, 15), (193, 186, 13), (184, 206, 7), (166, 209, 0)), strands=(0.3, 0.6)),
    Lock(((290, 120, 14), (307, 170, 17), (309, 204, 11), (317, 222, 6), (331, 228, 0)), strands=(0.3, 0.6)),
    Lock(((222, 120, 14), (205, 170, 17), (203, 204, 11), (194, 221, 6), (180, 226, 0)), strands=(0.3, 0.6)),
    Lock(((278, 130, 16), (293, 180, 18), (293, 214, 11), (297, 232, 5), (307, 240, 0)), strands=(0.3, 0.6)),
    Lock(((234, 130, 16), (219, 180, 18), (219, 214, 11), (214, 231, 5), (203, 238, 0)), strands=(0.3, 0.6)),
)
BACK_MASS: Final = (
    (256, 86), (300, 102), (314, 150), (314, 200), (296, 226), (256, 230), (216, 226), (198, 200), (198, 150), (212, 102),
)  # fmt: skip

SIDES: Final = (
    Lock(((212, 132, 4), (212, 165, 6), (213, 188, 5), (207, 207, 0)), inked=0.2, strands=()),
    Lock(((207, 126, 6), (203, 160, 9), (201, 186, 8), (193, 206, 4), (178, 213, 0)), inked=0.2, strands=(0.3, 0.6)),
    Lock(((300, 132, 4), (300, 165, 6), (299, 189, 5), (305, 208, 0)), inked=0.2, strands=()),
    Lock(((305, 126, 6), (309, 160, 9), (311, 186, 8), (319, 208, 4), (333, 216, 0)), inked=0.2, strands=(0.3, 0.6)),
)


def fringe_shadow() -> tuple[Curve, ...]:
    """Where the fringe throws its shadow: its own shape, a little lower and to the right."""
    locks = tuple(lock_shape(lock) + (1.6, 4.5) for lock in FRINGE)
    cap = closed_polygon(line(CAP_EDGE), line(CAP_HAIRLINE)) + (0.0, 5.0)
    left = tuple(lock_shape(lock) + (1.5, 2.0) for lock in SIDES[:2])
    return (*locks, cap, *left)


def paint_back(pen: Pen) -> None:
    """The hair behind head and neck."""
    pen.fill(outline(BACK_MASS), palette.HAIR.deep)
    paint_locks(pen, BACK, palette.HAIR)
    dark = outline(((256, 100), (300, 120), (304, 180), (296, 222), (256, 240), (216, 222), (208, 180), (212, 120)))
    with pen.inside(outline(BACK_MASS), *(lock_shape(lock) for lock in BACK)):
        pen.fill(dark, palette.HAIR.deep, blur=5)


def paint_side(pen: Pen) -> None:
    """The locks before the ears."""
    for lock in SIDES:
        paint_lock(pen, lock, palette.HAIR)


def paint_front(pen: Pen) -> None:
    """The top of the head and the fringe."""
    colours = palette.HAIR
    edge = line(CAP_EDGE)
    cap = closed_polygon(edge, line(CAP_HAIRLINE))
    pen.fill(cap, colours.base)
    with pen.inside(cap):
        pen.stroke(part(edge, 0.5, 0.95) + (-2, 3), 12, colours.shade, opacity=0.8, blur=2.0)
        pen.stroke(part(edge, 0.05, 0.4) + (2, 3), 8, colours.shade, opacity=0.5, blur=2.0)
    paint_locks(pen, FRINGE, colours)
    for x, y, bend in ((258, 81.5, -2), (270, 82, 0), (280, 84, 2), (246, 85, -5), (291, 90, 4)):
        strand = line([PARTING, ((PARTING[0] + x) / 2 + bend * 0.3, (PARTING[1] + y) / 2 - 1), (x, y)])
        pen.stroke(strand, 0.8, colours.line, opacity=0.45)
    shapes = (cap, *(lock_shape(lock) for lock in FRINGE))
    ring = ((201, 138), (211, 119), (232, 107), (256, 103), (281, 107), (301, 119), (311, 138))
    paint_shine(pen, shapes, ring, PARTING, colours, 7.5)
    pen.stroke(part(edge, 0.06, 0.94), 1.15, colours.line)


def paint_curl(pen: Pen) -> None:
    """The lock that stands up."""
    paint_lock(pen, CURL, palette.HAIR)
