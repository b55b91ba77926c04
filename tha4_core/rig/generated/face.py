"""Face of a generated character: its edge, eyes, brows and mouth, each within what a face of this rig may be."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator

from tha4_core.rig.brows import BrowStyle
from tha4_core.rig.curves import Knots
from tha4_core.rig.eyes import EyeStyle
from tha4_core.rig.face import FaceStyle
from tha4_core.rig.generated.hair import Hair
from tha4_core.rig.generated.palette import Palette
from tha4_core.rig.hair import crown_shadow
from tha4_core.rig.mouth import MouthStyle

#: Half a face from its top to its chin, around x = 256; and how far its jaw may be fuller.
_CONTOUR: Final = (
    (0, 97), (24, 101), (40, 116), (45, 138), (44.5, 157), (40, 171), (31.5, 182.5), (18.5, 192), (8, 197), (0, 198.3),
)  # fmt: skip
_FULL: Final = (0, 0, 0, 0, 0.5, 2.5, 4.0, 4.0, 2.5, 0)
_UPPER: Final = ((-11.8, 2.4), (-9.6, -5.0), (-4.6, -10.2), (1.4, -11.6), (7.2, -9.2), (11.2, -3.4), (13.0, 3.2))
_LOWER: Final = ((-11.8, 2.4), (-9.7, 6.9), (-5.4, 9.8), (0.4, 11.0), (6.2, 10.0), (10.4, 7.2), (13.0, 3.2))
_CLOSED: Final = ((-11.8, 4.2), (-9.2, 6.6), (-4.8, 8.4), (0.8, 9.2), (6.2, 8.6), (10.4, 6.7), (13.2, 4.2))
_HAPPY: Final = ((-12.0, 6.8), (-9.2, 2.6), (-4.8, -0.2), (0.8, -1.0), (6.2, 0.4), (10.2, 3.4), (13.0, 7.4))


def face_of(random: Generator, palette: Palette, hair: Hair) -> tuple[FaceStyle, BrowStyle]:
    """A face, and its brows."""
    wide, full, chin = random.uniform(0.94, 1.03), random.uniform(-0.9, 1.0), random.uniform(-2.5, 1.5)
    contour = tuple(
        (256 + wide * x + full * more, y + chin * max(0.0, (y - 140) / 58))
        for (x, y), more in zip(_CONTOUR, _FULL, strict=True)
    )
    wide_eye, tall, slant = random.uniform(0.86, 1.07), random.uniform(0.68, 1.06), random.uniform(-2.4, 2.6)
    apart, height = random.uniform(21.5, 24.0), random.uniform(158.0, 162.5)

    def lid(knots: Knots) -> Knots:
        return tuple((wide_eye * x, tall * y - slant * x / 13) for x, y in knots)

    eyes = EyeStyle(
        centre=(256 + apart, height),
        upper=lid(_UPPER),
        lower=lid(_LOWER),
        closed=lid(_CLOSED),
        happy=lid(_HAPPY),
        iris=(9.3 * min(1.0, wide_eye) * random.uniform(0.86, 1.04), 11.2 * (0.35 + 0.65 * tall)),
        iris_at=(0.0, -0.3),
        lash=(1.2, random.uniform(1.6, 2.5), random.uniform(2.0, 3.4)),
        colours=palette.eyes,
    )
    mouth = random.uniform(185.0, 188.0) + 0.5 * chin
    face = FaceStyle(
        contour=contour,
        ear=((298, 150), (304, 148), (307, 156), (304, 168), (297, 172)),
        nose=(256, random.uniform(175.5, 178.0)),
        cheek=(256 + random.uniform(25, 29), random.uniform(174.5, 177)),
        shadow=crown_shadow(hair.crown, hair.sides),
        skin=palette.skin,
        eyes=eyes,
        mouth=MouthStyle(
            centre=(256, mouth),
            line=palette.mouth_line,
            inside=("#8c2f3a", "#c8545e"),
            tongue="#f08a86",
            teeth="#fffaf5",
            lip=palette.lip,
        ),
    )
    tilt = random.uniform(-2.2, 2.2)
    knots = np.array(((-10.0, 0.4), (-3.3, -1.9), (4.5, -1.7), (11.5, 2.0))) + np.outer(
        (1.0, 0.4, -0.4, -1.0), (0.0, tilt)
    )
    knots *= (random.uniform(0.85, 1.05), random.uniform(0.5, 1.2))
    brows = BrowStyle(
        centre=(256 + apart + 0.5, height - 19 - 3 * (tall - 0.85)),
        knots=[(float(x), float(y)) for x, y in knots],
        width=random.uniform(1.8, 3.9),
        ink=palette.brow[0],
        ink_tip=palette.brow[1],
    )
    return face, brows
