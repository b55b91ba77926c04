"""Characters by a seed, as many as are wanted: different people, drawn from the same parts as our own characters.

They are to train and test teachers with, and in the public domain (CC0 1.0), as all that this rig draws. The same seed
is the same character, as long as this package does not change.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from tha4_core.rig.design import Bulge, Design, Motion, Part
from tha4_core.rig.generated import accessories, clothes
from tha4_core.rig.generated.face import face_of
from tha4_core.rig.generated.hair import Hair, hair_of
from tha4_core.rig.generated.palette import Palette, palette_of
from tha4_core.rig.hair import paint_locks
from tha4_core.rig.pen import Pen

_FACE: Final = Motion((230, 330), head=Bulge(0, 41, 256, 160, 60, 58), torso=Bulge(base=10))


def generated_design(seed: int) -> Design:
    """The character of a seed, 0 to 2^63 - 1."""
    # Each part has numbers of its own, so that a change of one leaves the others as they are.
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)]
    hair = hair_of(streams[0])
    palette = palette_of(streams[1], max(235.0, hair.bottom))
    face, brows = face_of(streams[2], palette, hair)
    figure, outfit = clothes.figure_of(streams[3]), clothes.outfit_of(streams[3])
    wear, glasses = accessories.head_wear_of(streams[4]), streams[4].random() < accessories.GLASSES
    long = hair.bottom > 300
    back = Motion(
        (200, 340) if long else (236, 330),
        head=Bulge(0, -26, 256, 210, 125, 78),
        torso=Bulge(0, -14, 256, 260, 200, 120) if long else Bulge(base=4),
    )
    parts = [
        Part("back_hair", back, partial(_paint_back, hair=hair, palette=palette)),
        Part("neck", Motion((196, 228), torso=Bulge(base=6)), partial(_paint_neck, palette=palette, outfit=outfit)),
        Part(
            "torso",
            Motion(None, torso=Bulge(0, 26, 256, 295, 76, 125)),
            partial(_paint_body, figure=figure, palette=palette, outfit=outfit),
        ),
        Part("face", _FACE),
        Part(
            "side_hair",
            Motion((205, 310), head=Bulge(3, 30, 256, 160, 64, 65), torso=Bulge(7)),
            partial(_paint_sides, hair=hair, palette=palette),
        ),
        Part(
            "front_hair",
            Motion((230, 330), head=Bulge(0, 43, 256, 154, 60, 48), torso=Bulge(base=10)),
            partial(_paint_front, hair=hair, palette=palette, wear=wear),
        ),
        Part("brows", _FACE),
    ]
    if glasses:
        before = Motion((230, 330), head=Bulge(2, 43, 256, 160, 60, 58), torso=Bulge(base=10))
        parts.insert(4, Part("glasses", before, partial(accessories.paint_glasses, palette=palette)))
    words = [outfit.garment, wear, "glasses" if glasses else ""]
    return Design(f"Seed {seed}", ", ".join(word for word in words if word), tuple(parts), face, brows)


def _paint_back(pen: Pen, hair: Hair, palette: Palette) -> None:
    hair.paint_back(pen, palette.hair)


def _paint_neck(pen: Pen, palette: Palette, outfit: clothes.Outfit) -> None:
    clothes.paint_neck_of(pen, palette, outfit)


def _paint_body(pen: Pen, figure: clothes.Figure, palette: Palette, outfit: clothes.Outfit) -> None:
    clothes.paint_body(pen, figure, palette, outfit)


def _paint_sides(pen: Pen, hair: Hair, palette: Palette) -> None:
    paint_locks(pen, hair.sides, palette.hair)


def _paint_front(pen: Pen, hair: Hair, palette: Palette, wear: str) -> None:
    hair.paint_front(pen, palette.hair)
    accessories.paint_head_wear(pen, wear, palette)
