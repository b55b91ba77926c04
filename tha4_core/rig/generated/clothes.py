"""Clothes of a generated character, on shoulders of any width: what is worn, and what is seen of arms and legs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tha4_core.rig.curves import Curve, Knots, closed, closed_polygon, halves, line, outline, shifted, swept
from tha4_core.rig.generated.palette import Cloth, Palette
from tha4_core.rig.neck import paint_neck
from tha4_core.rig.pen import Gradient, Pen, with_alpha


class Figure(NamedTuple):
    """shoulder, waist, hip: half widths, in pixels. hand: (x, y) of the right hand from the middle."""

    shoulder: float
    waist: float
    hip: float
    hand: tuple[float, float]


class Outfit(NamedTuple):
    """garment: of GARMENTS. legs: "skirt", "trousers" or "shorts". sleeve: how far down the arms, 0 to 1. emblem: of
    EMBLEMS, or nothing. scarf: over everything."""

    garment: str
    legs: str
    sleeve: float
    emblem: str
    scarf: bool


GARMENTS: Final = ("hoodie", "sailor", "blazer", "dress", "shirt", "kimono", "sweater", "cape")
EMBLEMS: Final = ("", "star", "heart", "stripes", "circle", "buttons")


def figure_of(random: Generator) -> Figure:
    """Proportions of a body."""
    shoulder = random.uniform(52, 78)
    return Figure(
        shoulder,
        shoulder * random.uniform(0.62, 0.9),
        shoulder * random.uniform(0.85, 1.1),
        (random.uniform(20, 96), random.uniform(395, 440)),
    )


def outfit_of(random: Generator) -> Outfit:
    """What is worn."""
    garment = GARMENTS[int(random.integers(len(GARMENTS)))]
    sleeve = 0.0 if garment == "dress" else float(random.choice((0.35, 1.0))) if garment == "shirt" else 1.0
    return Outfit(
        garment,
        str(random.choice(("skirt", "trousers", "shorts"))),
        sleeve,
        EMBLEMS[int(random.integers(len(EMBLEMS)))] if garment in ("hoodie", "shirt", "sweater") else "",
        bool(random.random() < 0.16),
    )


def paint_neck_of(pen: Pen, palette: Palette, outfit: Outfit) -> None:
    """The neck, in a high collar where there is one."""
    paint_neck(pen, palette.skin)
    if outfit.garment == "sweater":
        collar = outline(((238, 205), (256, 210), (274, 205), (280, 236), (256, 244), (232, 236)))
        _cloth(pen, collar, palette.first)


def paint_body(pen: Pen, figure: Figure, palette: Palette, outfit: Outfit) -> None:
    """Legs, arms and all that is sewn to each other."""
    _paint_legs(pen, figure, palette, outfit)
    cloth = palette.white if outfit.garment in ("sailor", "blazer") else palette.first
    for sign in (-1.0, 1.0):
        _paint_arm(pen, figure, palette, outfit, sign)
    _cloth(pen, _trunk(figure, outfit), cloth)
    _GARMENT_PAINTERS[outfit.garment](pen, figure, palette)
    _paint_emblem(pen, palette, outfit)
    if outfit.scarf:
        scarf = outline(
            ((222, 214), (256, 226), (290, 214), (300, 236), (284, 252), (256, 258), (228, 252), (212, 236))
        )
        _cloth(pen, scarf, palette.accent)
        _cloth(pen, outline(((268, 246), (290, 244), (296, 320), (276, 324))), palette.accent)


def _trunk(figure: Figure, outfit: Outfit) -> Curve:
    shoulder, waist, hip, _ = figure
    neck = 238 if outfit.garment != "dress" else 246
    right: Knots = (
        (256, neck), (256 + 0.34 * shoulder, neck - 10), (256 + 0.82 * shoulder, 240), (256 + shoulder, 262),
        (256 + 0.9 * shoulder, 300), (256 + waist, 360), (256 + hip, 440), (256 + hip, 474), (256, 480),
    )  # fmt: skip
    left = [(512 - x, y) for x, y in right[-2:0:-1]]
    return outline([*right, *left])


def _paint_legs(pen: Pen, figure: Figure, palette: Palette, outfit: Outfit) -> None:
    hip = figure.hip
    if outfit.legs == "skirt" or outfit.garment == "dress":
        cloth = palette.first if outfit.garment == "dress" else palette.second
        flare = 1.35 + 0.25 * (outfit.garment == "dress")
        skirt = outline([(256 - hip, 430), (256 + hip, 430), (256 + flare * hip, 530), (256 - flare * hip, 530)])
        _cloth(pen, skirt, cloth)
        with pen.inside(skirt):
            for place in (0.15, 0.5, 0.85):
                for pleat in halves(line([(256 + place * hip, 446), (256 + place * flare * hip, 520)])):
                    pen.stroke(pleat, 1.1, cloth.line, opacity=0.6)
        return
    cloth = palette.second
    for half in halves(line([(256, 440), (256 + hip, 440), (256 + 1.02 * hip, 530), (259, 530)])):
        if outfit.legs == "shorts":
            skin = palette.skin
            _cloth(pen, half, Cloth(skin.base, skin.base, skin.shade, skin.deep, skin.line))
            half = np.stack((half[:, 0], np.minimum(half[:, 1], 496.0)), axis=1)
        _cloth(pen, half, cloth)


def _paint_arm(pen: Pen, figure: Figure, palette: Palette, outfit: Outfit, sign: float) -> None:
    shoulder, (hand_x, hand_y) = figure.shoulder, figure.hand
    bones = line(
        [
            (256 + sign * (shoulder - 9), 254),
            (256 + sign * (shoulder + 6), 300),
            (256 + sign * (0.4 * (shoulder + 14) + 0.6 * max(hand_x, shoulder * 0.9)), 350),
            (256 + sign * hand_x, hand_y),
        ]
    )
    skin = palette.skin
    arm = _tube(bones, (12, 10, 8, 7))
    _cloth(pen, arm, Cloth(skin.base, skin.base, skin.shade, skin.deep, skin.line))
    pen.ellipse(256 + sign * hand_x, hand_y, 9.5, 11, skin.base)
    if outfit.sleeve <= 0.0:
        return
    widths = {"kimono": (17, 20, 27, 36), "hoodie": (18, 18, 17, 15), "cape": (14, 13, 12, 12)}.get(
        outfit.garment, (16, 14, 12, 12)
    )
    cloth = palette.white if outfit.garment == "sailor" else palette.first
    sleeve = _tube(bones[: max(2, int(len(bones) * min(0.93, outfit.sleeve)))], widths)
    _cloth(pen, sleeve, cloth)


def _tube(bones: Curve, widths: tuple[float, float, float, float]) -> Curve:
    def half(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.interp(t, (0.0, 0.35, 0.75, 1.0), widths))

    return swept(bones, half, half)


def _cloth(pen: Pen, shape: Curve, cloth: Cloth) -> None:
    """Fill, shade away from the light, ink."""
    top, bottom = float(shape[:, 1].min()), float(shape[:, 1].max())
    pen.fill(shape, Gradient((0, top), (0, bottom), (cloth.light, cloth.base, cloth.base)))
    with pen.inside(shape):
        # All but what the same shape covers, moved towards the light.
        far = line([(-40, -40), (560, -40), (560, 560), (-40, 560)])
        pen.fill(closed_polygon(closed(far), closed(shifted(shape, -7.0, -5.0))[::-1]), cloth.shade)
    pen.stroke(closed(shape), 1.25, cloth.line, start=0.75, stop=0.75)


def _paint_hoodie(pen: Pen, figure: Figure, palette: Palette) -> None:
    cloth = palette.first
    for hood in halves(outline(((256, 266), (274, 226), (288, 206), (312, 222), (304, 248), (276, 264)))):
        pen.fill(shifted(hood, 0, 3), with_alpha(cloth.line, 0.4), blur=1.4)
        _cloth(pen, hood, cloth)
    for cord in halves(line(((263, 256), (265, 276), (263, 296)))):
        pen.stroke(cord, 2.4, palette.white.base, start=0.9, stop=0.9)
    pocket = outline(
        ((256 - 0.4 * figure.waist, 386), (256 + 0.4 * figure.waist, 386), (256 + 0.75 * figure.waist, 440),
         (256 - 0.75 * figure.waist, 440))
    )  # fmt: skip
    _cloth(pen, pocket, cloth)


def _paint_sailor(pen: Pen, figure: Figure, palette: Palette) -> None:
    for collar in halves(
        outline(((256, 286), (256, 286), (272, 232), (280, 216), (256 + 0.86 * figure.shoulder, 244),
                 (256 + 0.8 * figure.shoulder, 276), (276, 278)))
    ):  # fmt: skip
        _cloth(pen, collar, palette.second)
        with pen.inside(collar):
            pen.stroke(closed(collar), 6.0, palette.white.base, start=1, stop=1)
            pen.stroke(closed(collar), 4.0, palette.second.base, start=1, stop=1)
    _paint_bow(pen, 256, 288, 1.0, palette.accent)


def _paint_blazer(pen: Pen, figure: Figure, palette: Palette) -> None:
    cloth, width = palette.first, figure.shoulder
    for side in halves(
        outline(((270, 222), (270, 222), (256 + 0.8 * width, 240), (256 + width, 264), (256 + figure.waist, 360),
                 (256 + figure.hip + 2, 470), (257, 474), (257, 474), (258, 356), (278, 290)))
    ):  # fmt: skip
        _cloth(pen, side, cloth)
    _cloth(pen, outline(((252, 250), (260, 250), (264, 330), (256, 342), (248, 330))), palette.accent)
    for lapel in halves(line([(268, 222), (298, 262), (286, 276), (258, 348), (274, 286)])):
        _cloth(pen, lapel, Cloth(cloth.light, cloth.light, cloth.base, cloth.shade, cloth.line))
    for y in (372, 396):
        pen.ellipse(262, y, 2.6, 2.6, palette.accent.light)


def _paint_dress(pen: Pen, figure: Figure, palette: Palette) -> None:
    for strap in halves(line([(256 + 0.5 * figure.shoulder, 262), (256 + 0.42 * figure.shoulder, 240), (276, 226)])):
        pen.stroke(strap, 6.5, palette.first.base, start=1, stop=1)
    for ruffle in halves(line([(256, 262), (256 + 0.4 * figure.shoulder, 256), (256 + 0.9 * figure.shoulder, 268)])):
        pen.stroke(ruffle, 7.0, palette.white.base, start=1, stop=0.6)
    belt = outline(
        ((256 - figure.waist - 2, 356), (256, 362), (256 + figure.waist + 2, 356), (256 + figure.waist + 3, 372),
         (256, 378), (256 - figure.waist - 3, 372))
    )  # fmt: skip
    _cloth(pen, belt, palette.accent)


def _paint_shirt(pen: Pen, _figure: Figure, palette: Palette) -> None:
    for side in halves(outline(((256, 250), (256, 250), (266, 228), (276, 222), (290, 240), (272, 262)))):
        _cloth(pen, side, palette.white)


def _paint_kimono(pen: Pen, figure: Figure, palette: Palette) -> None:
    for sign in (-1.0, 1.0):
        lapel = line([(256 + sign * 24, 224), (256 + sign * 4, 272), (256 - sign * 30, 346)])
        pen.stroke(lapel, 15.0, palette.second.line, start=1, stop=1)
        pen.stroke(lapel, 12.5, palette.second.base, start=1, stop=1)
        pen.stroke(lapel, 3.0, palette.white.base, start=1, stop=1)
    obi = outline(
        ((256 - figure.waist - 3, 340), (256 + figure.waist + 3, 340), (256 + figure.waist + 5, 388),
         (256 - figure.waist - 5, 388))
    )  # fmt: skip
    _cloth(pen, obi, palette.accent)
    pen.stroke(line([(256 - figure.waist, 364), (256 + figure.waist, 364)]), 4.5, palette.white.base, start=1, stop=1)


def _paint_sweater(pen: Pen, figure: Figure, palette: Palette) -> None:
    cloth = palette.first
    for k in range(-4, 5):
        rib = line([(256 + k * 0.2 * figure.waist, 262), (256 + k * 0.22 * figure.waist, 470)])
        pen.stroke(rib, 1.0, cloth.shade, start=0.8, stop=0.8)


def _paint_cape(pen: Pen, figure: Figure, palette: Palette) -> None:
    width = figure.shoulder
    for side in halves(
        outline(((260, 234), (260, 234), (282, 218), (256 + width, 246), (256 + 1.35 * width, 340), (256 + width, 352),
                 (272, 332), (272, 332)))
    ):  # fmt: skip
        pen.fill(shifted(side, 0, 3), with_alpha(palette.second.line, 0.45), blur=1.4)
        _cloth(pen, side, palette.second)
        with pen.inside(side):
            pen.stroke(closed(shifted(side, 0, -4)), 2.4, palette.accent.base, start=1, stop=1)
    _paint_bow(pen, 256, 240, 0.8, palette.accent)


def _paint_bow(pen: Pen, x: float, y: float, size: float, cloth: Cloth) -> None:
    for loop in halves(outline(((0, 0), (14, -11), (30, -9), (31, 9), (15, 10))) * size + (x, y), x):
        _cloth(pen, loop, cloth)
    for tail in halves(outline(((2, 2), (16, 22), (18, 42), (7, 36))) * size + (x, y), x):
        _cloth(pen, tail, cloth)
    pen.ellipse(x, y, 5 * size, 6 * size, cloth.shade)


def _paint_emblem(pen: Pen, palette: Palette, outfit: Outfit) -> None:
    ink, y = palette.accent.base, 330.0
    if outfit.emblem == "star":
        angles = np.pi * np.arange(10) / 5 - np.pi / 2
        reach = np.where(np.arange(10) % 2, 9.0, 21.0)
        pen.fill(np.stack((256 + reach * np.cos(angles), y + reach * np.sin(angles)), axis=1), ink)
    elif outfit.emblem == "heart":
        pen.fill(outline(((256, 350), (256, 350), (234, 328), (240, 314), (256, 322), (272, 314), (278, 328))), ink)
    elif outfit.emblem == "stripes":
        for row in (306, 326, 346):
            pen.stroke(line([(222, row), (256, row + 3), (290, row)]), 7.0, ink, start=1, stop=1)
    elif outfit.emblem == "circle":
        pen.ellipse(256, y, 20, 20, ink)
        pen.ellipse(256, y, 12, 12, palette.white.base)
    elif outfit.emblem == "buttons":
        for row in (282, 316, 350, 384):
            pen.ellipse(256, row, 4, 4, ink)


_GARMENT_PAINTERS: Final[Mapping[str, Callable[[Pen, Figure, Palette], None]]] = {
    "hoodie": _paint_hoodie,
    "sailor": _paint_sailor,
    "blazer": _paint_blazer,
    "dress": _paint_dress,
    "shirt": _paint_shirt,
    "kimono": _paint_kimono,
    "sweater": _paint_sweater,
    "cape": _paint_cape,
}
