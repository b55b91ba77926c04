"""Kohaku's hair: a short fluffy bob that turns up at its ends, swept to one side."""

from __future__ import annotations

from typing import Final

from tha4_core.rig.characters.kohaku import palette
from tha4_core.rig.curves import outline
from tha4_core.rig.hair import Crown, Lock, lock_shape, paint_crown, paint_lock, paint_locks
from tha4_core.rig.pen import Pen

FRINGE: Final = (
    Lock(((264, 90, 3), (230, 99, 10), (208, 126, 10), (202, 158, 7), (209, 187, 0)), inked=0.42, strands=(0.35, 0.6)),
    Lock(((276, 89, 3), (301, 106, 9), (309, 134, 9), (309, 162, 6), (303, 188, 0)), inked=0.42, strands=(0.4, 0.65)),
    Lock(((266, 89, 3), (236, 102, 9), (219, 126, 8.5), (213, 148, 5), (217, 164, 0)), inked=0.42),
    Lock(((275, 88, 3), (293, 104, 9), (300, 128, 9), (301, 148, 5), (297, 164, 0)), inked=0.42, strands=(0.35, 0.6)),
    Lock(
        ((267, 88, 3), (245, 104, 9), (231, 126, 8.5), (225, 142, 4.5), (228, 154, 0)), inked=0.45, strands=(0.4, 0.62)
    ),
    Lock(((273, 88, 3), (284, 104, 9), (289, 126, 9), (286, 143, 4.5), (279, 153, 0)), inked=0.42),
    Lock(((268, 88, 3), (255, 105, 9), (245, 127, 8.5), (239, 143, 4.5), (242, 154, 0)), inked=0.42),
    Lock(
        ((270, 88, 3), (265, 106, 8.5), (260, 128, 8.5), (254, 145, 4.5), (257, 157, 0)),
        inked=0.38,
        strands=(0.38, 0.62),
    ),
)
CROWN: Final = Crown(
    edge=(
        (199, 182),
        (195, 158),
        (196, 132),
        (203, 109),
        (217, 92),
        (236, 82.5),
        (256, 80),
        (276, 82.5),
        (295, 92),
        (309, 109),
        (316, 132),
        (317, 158),
        (313, 182),
    ),
    hairline=((304, 178), (299, 146), (287, 122), (270, 107), (226, 122), (213, 146), (208, 178)),
    parting=(270.0, 88.0),
    fringe=FRINGE,
    ring=((208, 126), (219, 114), (236, 106), (256, 103), (281, 107), (299, 117), (306, 129)),
    strands=((258, 81.5, -2), (270, 82, 0), (280, 84, 2), (246, 85, -5), (291, 90, 4)),
)
CURL: Final = Lock(((266, 88, 1.5), (259, 76, 3.2), (266, 66, 3), (282, 66, 0)), inked=0.1, shaded=0.3, strands=())

BACK: Final = (
    Lock(((288, 114, 9), (311, 150, 15), (319, 186, 13), (327, 207, 7), (344, 212, 0)), strands=(0.3, 0.6)),
    Lock(((224, 114, 9), (201, 150, 15), (193, 186, 13), (184, 206, 7), (166, 209, 0)), strands=(0.3, 0.6)),
    Lock(((290, 120, 14), (307, 170, 17), (309, 204, 11), (317, 222, 6), (331, 228, 0)), strands=(0.3, 0.6)),
    Lock(((222, 120, 14), (205, 170, 17), (203, 204, 11), (194, 221, 6), (180, 226, 0)), strands=(0.3, 0.6)),
    Lock(((278, 130, 16), (293, 180, 18), (293, 214, 11), (297, 232, 5), (307, 240, 0)), strands=(0.3, 0.6)),
    Lock(((234, 130, 16), (219, 180, 18), (219, 214, 11), (214, 231, 5), (203, 238, 0)), strands=(0.3, 0.6)),
)
BACK_MASS: Final = (
    (256, 92), (294, 106), (311, 150), (314, 200), (296, 226), (256, 230), (216, 226), (198, 200), (201, 150),
    (218, 106),
)  # fmt: skip

SIDES: Final = (
    Lock(((212, 132, 4), (212, 165, 6), (213, 188, 5), (207, 207, 0)), inked=0.2, strands=()),
    Lock(((207, 126, 6), (203, 160, 9), (201, 186, 8), (193, 206, 4), (178, 213, 0)), inked=0.2, strands=(0.3, 0.6)),
    Lock(((300, 132, 4), (300, 165, 6), (299, 189, 5), (305, 208, 0)), inked=0.2, strands=()),
    Lock(((305, 126, 6), (309, 160, 9), (311, 186, 8), (319, 208, 4), (333, 216, 0)), inked=0.2, strands=(0.3, 0.6)),
)


def paint_back(pen: Pen) -> None:
    """The hair behind head and neck."""
    pen.fill(outline(BACK_MASS), palette.HAIR.deep)
    paint_locks(pen, BACK, palette.HAIR)
    dark = outline(((256, 100), (300, 120), (304, 180), (296, 222), (256, 240), (216, 222), (208, 180), (212, 120)))
    with pen.inside(outline(BACK_MASS), *(lock_shape(lock) for lock in BACK)):
        pen.fill(dark, palette.HAIR.deep, blur=1.5)


def paint_side(pen: Pen) -> None:
    """The locks before the ears."""
    for lock in SIDES:
        paint_lock(pen, lock, palette.HAIR)


def paint_front(pen: Pen) -> None:
    """The top of the head and the fringe."""
    paint_crown(pen, CROWN, palette.HAIR)


def paint_curl(pen: Pen) -> None:
    """The lock that stands up."""
    paint_lock(pen, CURL, palette.HAIR)
