"""Kohaku ("amber"): a short amber bob, green eyes, a hoodie too large, headphones with cat's ears.

Public domain (CC0 1.0).
"""

from __future__ import annotations

from typing import Final

from tha4_core.rig.brows import BrowStyle
from tha4_core.rig.characters.kohaku import clothes, hair, palette
from tha4_core.rig.characters.kohaku.headphones import paint_headphones
from tha4_core.rig.design import Bulge, Design, Motion, Part
from tha4_core.rig.eyes import EyeStyle
from tha4_core.rig.face import FaceStyle
from tha4_core.rig.hair import crown_shadow
from tha4_core.rig.mouth import MouthStyle
from tha4_core.rig.pen import Pen

FACE: Final = FaceStyle(
    contour=((256, 97), (280, 101), (296, 116), (301, 138), (301, 158), (297.5, 172), (290, 183), (277, 192.5),
             (265, 197), (256, 198)),
    ear=((298, 150), (304, 148), (307, 156), (304, 168), (297, 172)),
    nose=(256, 176.5),
    cheek=(284, 176),
    shadow=crown_shadow(hair.CROWN, hair.SIDES[:2]),
    skin=palette.SKIN,
    eyes=EyeStyle(
        centre=(279, 159.5),
        upper=((-11.6, 1.8), (-9.4, -5.6), (-4.4, -10.4), (1.4, -11.6), (7.2, -9.0), (11.2, -3.0), (12.8, 3.8)),
        lower=((-11.6, 1.8), (-9.8, 6.4), (-5.4, 9.6), (0.4, 11.2), (6.2, 10.4), (10.4, 7.8), (12.8, 3.8)),
        closed=((-11.8, 4.0), (-9.2, 6.4), (-4.8, 8.4), (0.8, 9.3), (6.2, 8.9), (10.4, 7.2), (13.2, 4.8)),
        happy=((-12.0, 6.4), (-9.2, 2.4), (-4.8, -0.4), (0.8, -1.2), (6.2, 0.3), (10.2, 3.5), (13.0, 7.6)),
        iris=(9.4, 11.2),
        iris_at=(0.0, -0.2),
        lash=(1.2, 2.1, 2.7),
        colours=palette.EYES,
    ),
    mouth=MouthStyle(
        centre=(256, 186.5),
        line=palette.MOUTH_LINE,
        inside=palette.MOUTH_INSIDE,
        tongue=palette.TONGUE,
        teeth=palette.TEETH,
        lip="#f3a68c",
    ),
)  # fmt: skip
BROWS: Final = BrowStyle(
    centre=(279.5, 140.5),
    knots=((-9.5, 0.8), (-3.0, -1.8), (4.5, -1.6), (11.0, 2.2)),
    width=2.9,
    ink=palette.BROW[0],
    ink_tip=palette.BROW[1],
)


def _paint_top(pen: Pen) -> None:
    """Fringe, headphones and the lock that stands up before them."""
    hair.paint_front(pen)
    paint_headphones(pen)
    hair.paint_curl(pen)


DESIGN: Final = Design(
    name="Kohaku",
    description="a short amber bob, green eyes, a hoodie too large, headphones with cat's ears",
    parts=(
        Part(
            "back_hair", Motion((236, 330), head=Bulge(0, -26, 256, 200, 110, 70), torso=Bulge(base=4)), hair.paint_back
        ),
        Part("hood_back", Motion(None, torso=Bulge(base=-4)), clothes.paint_hood_back),
        Part("neck", Motion((196, 228), torso=Bulge(base=6)), clothes.paint_neck_and_shirt),
        Part("torso", Motion(None, torso=Bulge(0, 26, 256, 300, 80, 130)), clothes.paint_torso),
        Part("face", Motion((230, 330), head=Bulge(0, 41, 256, 160, 60, 58), torso=Bulge(base=10))),
        Part(
            "side_hair", Motion((230, 330), head=Bulge(2, 30, 256, 160, 64, 60), torso=Bulge(base=9)), hair.paint_side
        ),
        Part("front_hair", Motion((230, 330), head=Bulge(0, 43, 256, 154, 60, 48), torso=Bulge(base=10)), _paint_top),
        Part("brows", Motion((230, 330), head=Bulge(0, 41, 256, 160, 60, 58), torso=Bulge(base=10))),
    ),
    face=FACE,
    brows=BROWS,
)
