"""Yunagi ("evening calm"): long silver hair that turns to rose, violet eyes, a navy cape, a moon in her hair.

Public domain (CC0 1.0).
"""

from __future__ import annotations

from typing import Final

from tha4_core.rig.brows import BrowStyle
from tha4_core.rig.characters.yunagi import clothes, hair, palette
from tha4_core.rig.design import Bulge, Design, Motion, Part
from tha4_core.rig.eyes import EyeStyle
from tha4_core.rig.face import FaceStyle
from tha4_core.rig.hair import crown_shadow
from tha4_core.rig.mouth import MouthStyle

FACE: Final = FaceStyle(
    contour=(
        (256, 97),
        (280, 101),
        (296, 116),
        (300.5, 138),
        (299.5, 157),
        (295, 171),
        (286, 182.5),
        (273, 192.5),
        (263, 197.2),
        (256, 198.3),
    ),
    ear=((298, 150), (304, 148), (307, 156), (304, 168), (297, 172)),
    nose=(256, 177),
    cheek=(283, 175.5),
    shadow=crown_shadow(hair.CROWN, hair.SIDE_LEFT),
    skin=palette.SKIN,
    eyes=EyeStyle(
        centre=(279, 160),
        upper=((-11.8, 3.2), (-9.6, -4.4), (-4.6, -9.8), (1.4, -11.4), (7.2, -9.2), (11.2, -3.8), (13.0, 2.8)),
        lower=((-11.8, 3.2), (-9.6, 7.4), (-5.4, 9.9), (0.4, 10.8), (6.2, 9.6), (10.4, 6.6), (13.0, 2.8)),
        closed=((-11.8, 4.6), (-9.2, 6.8), (-4.8, 8.5), (0.8, 9.1), (6.2, 8.3), (10.4, 6.2), (13.2, 3.6)),
        happy=((-12.0, 7.0), (-9.2, 2.9), (-4.8, 0.1), (0.8, -0.9), (6.2, 0.4), (10.2, 3.3), (13.0, 7.2)),
        iris=(9.2, 11.2),
        iris_at=(0.0, -0.5),
        lash=(1.3, 2.2, 3.0),
        colours=palette.EYES,
    ),
    mouth=MouthStyle(
        centre=(256, 186.5),
        line=palette.MOUTH_LINE,
        inside=palette.MOUTH_INSIDE,
        tongue=palette.TONGUE,
        teeth=palette.TEETH,
        lip="#f0a79c",
    ),
)
BROWS: Final = BrowStyle(
    centre=(279.5, 141),
    knots=((-10.0, 0.2), (-3.5, -1.9), (4.5, -1.7), (12.0, 1.9)),
    width=2.5,
    ink=palette.BROW[0],
    ink_tip=palette.BROW[1],
)

DESIGN: Final = Design(
    name="Yunagi",
    description="long silver hair that turns to rose, violet eyes, a navy cape, a moon in her hair",
    parts=(
        Part(
            "back_hair",
            Motion((200, 340), head=Bulge(0, -26, 256, 215, 130, 80), torso=Bulge(0, -14, 256, 260, 200, 120)),
            hair.paint_back,
        ),
        Part("sleeves", Motion(None, torso=Bulge(base=-4)), clothes.paint_sleeves),
        Part("neck", Motion((196, 226), torso=Bulge(base=6)), clothes.paint_bare_neck),
        Part("torso", Motion(None, torso=Bulge(0, 26, 256, 290, 70, 110)), clothes.paint_torso),
        Part("face", Motion((230, 330), head=Bulge(0, 41, 256, 160, 60, 58), torso=Bulge(base=10))),
        Part("side_hair", Motion((190, 290), head=Bulge(4, 30, 256, 160, 64, 70), torso=Bulge(6)), hair.paint_side),
        Part(
            "front_hair",
            Motion((230, 330), head=Bulge(0, 43, 256, 154, 60, 48), torso=Bulge(base=10)),
            hair.paint_front,
        ),
        Part("brows", Motion((230, 330), head=Bulge(0, 41, 256, 160, 60, 58), torso=Bulge(base=10))),
    ),
    face=FACE,
    brows=BROWS,
)
