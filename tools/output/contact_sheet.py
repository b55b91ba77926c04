"""Labelled contact sheets: many small pictures with their names, in sections, over a background of choice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from tha4_core.errors import UserError

#: The colours of a sheet: paper, ink, faded ink.
PAPER: Final = (250, 249, 247, 255)
INK: Final = (38, 38, 44, 255)
FADED: Final = (112, 112, 122, 255)
_CHECKER: Final = ((242, 242, 242, 255), (222, 222, 222, 255))
_CHECKER_SQUARE: Final = 12
_MARGIN: Final = 24
_GAP: Final = 12
_TITLE_SIZE: Final = 26
_HEADING_SIZE: Final = 19
_LABEL_SIZE: Final = 15
_SMALLEST_LABEL: Final = 10


class Tile(NamedTuple):
    """One picture, straight-alpha bytes (h, w, 4), and its name."""

    pixels: NDArray[np.uint8]
    label: str


class Section(NamedTuple):
    """Tiles under a heading; an empty heading takes no room."""

    heading: str
    tiles: Sequence[Tile]


class BackgroundError(UserError):
    """A background that is none."""


def parse_background(text: str) -> str:
    """``text`` if it is "transparent", "checker" or a colour. Raises BackgroundError."""
    if text not in ("transparent", "checker"):
        try:
            ImageColor.getrgb(text)
        except ValueError:
            raise BackgroundError(
                f"{text!r} is no background; give transparent, checker, or a colour as white or #336699."
            ) from None
    return text


def on_background(picture: Image.Image, background: str) -> Image.Image:
    """A copy of an RGBA picture over "transparent", "checker" or a colour."""
    if background == "transparent":
        return picture.copy()
    if background == "checker":
        below = checkerboard(picture.size)
    else:
        below = Image.new("RGBA", picture.size, ImageColor.getrgb(background))
    below.alpha_composite(picture)
    return below


def checkerboard(size: tuple[int, int]) -> Image.Image:
    """Two greys in squares, as paint programs show what is transparent."""
    rows, columns = (np.arange(length) // _CHECKER_SQUARE for length in (size[1], size[0]))
    odd = (rows[:, None] + columns[None, :]) % 2  # (h, w)
    return Image.fromarray(np.array(_CHECKER, dtype=np.uint8)[odd])


@cache
def font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """Pillow's own scalable font."""
    return ImageFont.load_default(size=size)


def text_width(text: str, size: int) -> float:
    """How wide one line of text is, in pixels."""
    return font(size).getlength(text)


def wrapped(text: str, size: int, width: float) -> list[str]:
    """Text in lines of at most ``width`` pixels, broken at spaces where that is possible."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, size) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def shrunk_to(text: str, size: int, width: float) -> tuple[str, int]:
    """A line of text and the largest size up to ``size`` in which it fits ``width``; cut short where none does."""
    while size > _SMALLEST_LABEL and text_width(text, size) > width:
        size -= 1
    if text_width(text, size) <= width:
        return text, size
    while text and text_width(f"{text}...", size) > width:
        text = text[:-1]
    return f"{text}...", size


def contact_sheet(
    sections: Sequence[Section], *, title: str, tile: int = 192, columns: int = 6, background: str = "checker"
) -> Image.Image:
    """All sections under one title, RGBA.

    tile: the longer side of a picture, in pixels; smaller ones are enlarged. columns: pictures in a row.
    background: what the pictures are laid over.
    """
    sizes = [_size(picture, tile) for section in sections for picture in section.tiles]
    tile_width, tile_height = max(width for width, _ in sizes), max(height for _, height in sizes)
    columns = min(columns, max(len(section.tiles) for section in sections))
    row = tile_height + _LABEL_SIZE + 2 * _GAP
    # A sheet of few pictures is as wide as its title needs.
    grid = columns * (tile_width + _GAP) - _GAP
    total = max(grid, round(min(text_width(title, _TITLE_SIZE), 4 * tile_width))) + 2 * _MARGIN
    heading = _HEADING_SIZE + 2 * _GAP
    heights = [(heading if s.heading else 0) + -(-len(s.tiles) // columns) * row for s in sections]
    sheet = Image.new("RGBA", (total, _MARGIN + _TITLE_SIZE + _MARGIN + sum(heights) + _GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    text, size = shrunk_to(title, _TITLE_SIZE, total - 2 * _MARGIN)
    draw.text((_MARGIN, _MARGIN), text, INK, font(size))
    y = _MARGIN + _TITLE_SIZE + _MARGIN
    for section, section_height in zip(sections, heights, strict=True):
        top = y
        if section.heading:
            draw.text((_MARGIN, top + _GAP // 2), section.heading, FADED, font(_HEADING_SIZE))
            top += heading
        for number, picture in enumerate(section.tiles):
            left, above = _MARGIN + number % columns * (tile_width + _GAP), top + number // columns * row
            width, height = _size(picture, tile)
            small = Image.fromarray(picture.pixels).resize((width, height), Image.Resampling.LANCZOS)
            place = (left + (tile_width - width) // 2, above + (tile_height - height) // 2)
            sheet.alpha_composite(on_background(small, background), place)
            text, size = shrunk_to(picture.label, _LABEL_SIZE, tile_width)
            draw.text((left + tile_width / 2, above + tile_height + 6), text, INK, font(size), anchor="ma")
        y += section_height
    return sheet


def _size(picture: Tile, tile: int) -> tuple[int, int]:
    """Width and height in which a picture is shown, its longer side ``tile``."""
    height, width = picture.pixels.shape[:2]
    return max(1, round(tile * width / max(width, height))), max(1, round(tile * height / max(width, height)))
