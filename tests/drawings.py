"""A made-up drawing of a character, and ways to spoil it, free of anybody's rights."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tha4_core.drawing.face import FaceResponse

_SKIN = (250, 222, 205, 255)
_HAIR = (120, 70, 60, 255)
_COAT = (70, 100, 160, 255)
_LINE = (60, 40, 50, 255)
#: Drawn this many times larger and reduced, so that edges are half transparent as a drawing's are.
_FINE = 4


def mannequin(
    size: int = 512,
    *,
    hair: Literal["short", "long"] = "short",
    ears: bool = False,
    raised_hand: bool = False,
    marks: bool = False,
    offset: tuple[float, float] = (0.0, 0.0),
    scale: float = 1.0,
) -> NDArray[np.uint8]:
    """Head, hair, neck and coat, straight-alpha bytes (size, size, 4).

    Where a character's picture wants them when size is 512, and in proportion when it is another; moved by ``offset``
    and enlarged by ``scale`` around the head, both in pixels of 512. marks: the character's left eye is red, its right
    one green, and a blue line goes from the mouth to the chin.
    """
    picture = Image.new("RGBA", (size * _FINE, size * _FINE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    unit = size * _FINE / 512

    def at(*points: float) -> list[float]:
        """x, y, x, y ... of the well-placed figure as places of the canvas."""
        xs = [((x - 256) * scale + 256 + offset[0]) * unit for x in points[::2]]
        ys = [((y - 128) * scale + 128 + offset[1]) * unit for y in points[1::2]]
        return [value for pair in zip(xs, ys, strict=True) for value in pair]

    line = max(1, round(2 * unit * scale))
    if ears:
        draw.polygon(at(205, 100, 208, 38, 245, 70), fill=_HAIR, outline=_LINE, width=line)
        draw.polygon(at(307, 100, 304, 38, 267, 70), fill=_HAIR, outline=_LINE, width=line)
    if hair == "long":
        draw.rounded_rectangle(at(188, 64, 324, 360), radius=68 * unit * scale, fill=_HAIR, outline=_LINE, width=line)
    if raised_hand:
        draw.line(at(340, 300, 370, 200, 350, 100), fill=_SKIN, width=round(24 * unit * scale), joint="curve")
        draw.ellipse(at(330, 70, 370, 115), fill=_SKIN, outline=_LINE, width=line)
    draw.rectangle(at(236, 170, 276, 230), fill=_SKIN, outline=_LINE, width=line)
    draw.polygon(
        at(236, 206, 276, 206, 340, 236, 372, 420, 360, 600, 152, 600, 140, 420, 172, 236),
        fill=_COAT,
        outline=_LINE,
        width=line,
    )
    draw.ellipse(at(194, 66, 318, 186), fill=_HAIR, outline=_LINE, width=line)
    draw.ellipse(at(206, 96, 306, 192), fill=_SKIN, outline=_LINE, width=line)
    for x, mark in ((226, (0, 255, 0, 255)), (270, (255, 0, 0, 255))):
        draw.ellipse(at(x, 124, x + 16, 148), fill=mark if marks else _LINE)
    draw.arc(at(244, 155, 268, 175), 20, 160, fill=_LINE, width=line)
    if marks:
        draw.rectangle(at(252, 168, 260, 191), fill=(0, 0, 255, 255))
    return np.asarray(picture.resize((size, size), Image.Resampling.BOX))


def slim(drawing: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """With a narrow waist: in the shadow of one with long hair that looks like the neck under a large head."""
    waisted = drawing.copy()
    for edge in (slice(0, 228), slice(284, 512)):
        waisted[310:370, edge] = 0
    return waisted


def probe_of_marks(face: NDArray[np.float32]) -> FaceResponse:
    """Stands in for a teacher: shuts the eyes and opens the mouth of a :func:`mannequin` with marks, of no other."""
    colors = (face[:3] + 1.0) / 2.0  # linear premultiplied, (3, 192, 192)
    red, green, blue = (color * (2.0 * color - colors.sum(axis=0) > 0.4) for color in colors)
    return FaceResponse(red, green, blue)


def over_color(drawing: NDArray[np.uint8], color: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The drawing on an opaque background."""
    background = Image.new("RGBA", (drawing.shape[1], drawing.shape[0]), (*color, 255))
    background.alpha_composite(Image.fromarray(drawing))
    return np.asarray(background)


def with_halo(drawing: NDArray[np.uint8], color: tuple[int, int, int], pixels: int = 2) -> NDArray[np.uint8]:
    """As if cut out of a background too generously: a rim of its colour around the figure."""
    wide = drawing[..., 3]
    for _ in range(pixels):
        padded = np.pad(wide, 1)
        wide = np.max([padded[1 + y : 513 + y, 1 + x : 513 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)], axis=0)
    rim = np.zeros_like(drawing)
    rim[..., :3], rim[..., 3] = color, wide
    result = Image.fromarray(rim)
    result.alpha_composite(Image.fromarray(drawing))
    return np.asarray(result)


def two_of(drawing: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The figure twice, side by side."""
    half = Image.fromarray(drawing).resize((256, 256), Image.Resampling.BOX)
    both = Image.new("RGBA", (512, 512), (0, 0, 0, 0))
    both.paste(half, (0, 256))
    both.paste(half, (256, 256))
    return np.asarray(both)
