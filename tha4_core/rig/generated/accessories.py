"""What a generated character wears on its head and before its eyes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.random import Generator

from tha4_core.rig.curves import closed, closed_polygon, halves, line, outline, shifted
from tha4_core.rig.generated.palette import Cloth, Palette
from tha4_core.rig.pen import Gradient, Pen, with_alpha

ON_HEAD: Final = (
    "",
    "",
    "cat ears",
    "fox ears",
    "rabbit ears",
    "horns",
    "band",
    "bow",
    "flower",
    "pin",
    "beret",
    "crown",
)
GLASSES: Final = 0.2


def head_wear_of(random: Generator) -> str:
    """Something of ON_HEAD, or nothing."""
    return ON_HEAD[int(random.integers(len(ON_HEAD)))]


def paint_head_wear(pen: Pen, wear: str, palette: Palette) -> None:
    """Over the hair."""
    if wear:
        _PAINTERS[wear](pen, palette)


def paint_glasses(pen: Pen, palette: Palette) -> None:
    """Frames before the eyes, with a little light on the glass."""
    for sign in (-1.0, 1.0):
        x = 256 + sign * 23
        ring = np.linspace(0, 2 * np.pi, 73)
        rim = np.stack((x + 17 * np.cos(ring), 161 + 14 * np.sin(ring)), axis=1)
        pen.fill(rim, with_alpha("#ffffff", 0.10))
        pen.stroke(rim, 1.9, palette.accent.line, start=1, stop=1)
        pen.stroke(line([(x - 9, 154), (x - 4, 150)]), 1.6, "#ffffff", opacity=0.7)
        pen.stroke(line([(x + sign * 17, 159), (256 + sign * 47, 156)]), 1.7, palette.accent.line, start=1, stop=1)
    pen.stroke(line([(250, 159), (256, 157), (262, 159)]), 1.7, palette.accent.line, start=1, stop=1)


def _ears(pen: Pen, palette: Palette, outer: object, inner: object) -> None:
    hair = palette.hair
    for ear, inside in zip(halves(outline(outer)), halves(outline(inner)), strict=True):  # type: ignore[arg-type]
        pen.fill(ear, hair.base)
        with pen.inside(ear):
            pen.fill(shifted(ear, 7, 4), hair.shade)
        pen.fill(inside, Gradient((0, 20), (0, 100), (palette.skin.blush, palette.skin.shade)))
        pen.stroke(closed(ear), 1.2, hair.line, start=0.7, stop=0.7)


def _paint_cat_ears(pen: Pen, palette: Palette) -> None:
    _ears(
        pen,
        palette,
        ((272, 88), (272, 88), (282, 62), (300, 45), (300, 45), (309, 72), (308, 104), (308, 104)),
        ((283, 86), (283, 86), (289, 68), (298, 56), (298, 56), (303, 76), (302, 94), (302, 94)),
    )


def _paint_fox_ears(pen: Pen, palette: Palette) -> None:
    _ears(
        pen,
        palette,
        ((266, 88), (266, 88), (280, 44), (304, 22), (304, 22), (318, 66), (310, 108), (310, 108)),
        ((280, 84), (280, 84), (290, 54), (303, 36), (303, 36), (310, 70), (303, 96), (303, 96)),
    )


def _paint_rabbit_ears(pen: Pen, palette: Palette) -> None:
    _ears(
        pen,
        palette,
        ((264, 90), (266, 44), (276, 12), (290, 10), (298, 40), (290, 92)),
        ((271, 84), (273, 48), (280, 24), (287, 22), (290, 44), (284, 84)),
    )


def _paint_horns(pen: Pen, palette: Palette) -> None:
    for horn in halves(
        outline(((284, 92), (296, 78), (302, 58), (296, 42), (296, 42), (312, 54), (314, 78), (304, 100)))
    ):
        _solid(pen, horn, palette.accent)


def _paint_band(pen: Pen, palette: Palette) -> None:
    outer = line([(200, 128), (214, 96), (256, 76), (298, 96), (312, 128)])
    inner = line([(204, 134), (220, 104), (256, 87), (292, 104), (308, 134)])
    _solid(pen, closed_polygon(outer, inner[::-1]), palette.accent)


def _paint_bow(pen: Pen, palette: Palette) -> None:
    for sign, size in ((-1.0, 1.0), (1.0, 1.0)):
        loop = outline(((0, 0), (16, -17), (36, -13), (35, 9), (15, 9))) * (sign * size, size) + (292, 96)
        _solid(pen, loop, palette.accent)
    pen.ellipse(292, 96, 6, 7, palette.accent.shade)


def _paint_flower(pen: Pen, palette: Palette) -> None:
    for k in range(5):
        angle = 2 * np.pi * k / 5 - np.pi / 2
        x, y = 222 + 10 * np.cos(angle), 104 + 10 * np.sin(angle)
        pen.ellipse(float(x), float(y), 8.6, 8.6, palette.accent.line)
        pen.ellipse(float(x), float(y), 7.6, 7.6, palette.accent.light)
    pen.ellipse(222, 104, 5.5, 5.5, "#ffe08a")


def _paint_pin(pen: Pen, palette: Palette) -> None:
    for start, stop in (((208, 118), (228, 138)), ((228, 116), (208, 140))):
        pen.stroke(line([start, stop]), 5.2, palette.accent.line, start=0.9, stop=0.9)
        pen.stroke(line([start, stop]), 3.4, palette.accent.base, start=0.9, stop=0.9)


def _paint_beret(pen: Pen, palette: Palette) -> None:
    beret = outline(((196, 104), (206, 70), (250, 50), (302, 60), (322, 88), (300, 102), (256, 88), (220, 98)))
    _solid(pen, beret, palette.second)
    pen.stroke(line([(258, 54), (260, 45)]), 3.4, palette.second.line, start=1, stop=1)


def _paint_crown(pen: Pen, palette: Palette) -> None:
    gold = Cloth("#fff0c0", "#f0c76c", "#c58a3e", "#9c6a2c", "#7d4f24")
    crown = np.array(
        [(226, 90), (220, 58), (238, 72), (256, 48), (274, 72), (292, 58), (286, 90), (256, 82)], dtype=np.float64
    )
    _solid(pen, crown, gold)
    pen.ellipse(256, 74, 4, 5, palette.accent.base)


def _solid(pen: Pen, shape: np.ndarray[tuple[int, ...], np.dtype[np.float64]], cloth: Cloth) -> None:
    pen.fill(shifted(shape, 0.6, 1.8), with_alpha(cloth.line, 0.45), blur=1.0)
    pen.fill(shape, Gradient((0, float(shape[:, 1].min())), (0, float(shape[:, 1].max())), (cloth.light, cloth.base)))
    with pen.inside(shape):
        pen.stroke(closed(shifted(shape, 3, 2)), 5.0, cloth.shade, opacity=0.7, blur=1.0)
    pen.stroke(closed(shape), 1.1, cloth.line, start=0.8, stop=0.8)


_PAINTERS: Final[Mapping[str, Callable[[Pen, Palette], None]]] = {
    "cat ears": _paint_cat_ears,
    "fox ears": _paint_fox_ears,
    "rabbit ears": _paint_rabbit_ears,
    "horns": _paint_horns,
    "band": _paint_band,
    "bow": _paint_bow,
    "flower": _paint_flower,
    "pin": _paint_pin,
    "beret": _paint_beret,
    "crown": _paint_crown,
}
