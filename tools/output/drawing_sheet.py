"""The sheet of tools/check.py: a drawing with the boxes over it, on three backgrounds, and what was found."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tha4_core.drawing.boxes import EYEBROW_CROP, FACE_CROP, HEAD_BOX, Box
from tha4_core.drawing.face import Face
from tha4_core.drawing.findings import Examination, Finding, Level
from tha4_core.drawing.silhouette import Confidence
from tha4_core.picture.region import PICTURE_SIZE
from tools.output.contact_sheet import FADED, INK, PAPER, font, on_background, shrunk_to, wrapped

_Color = tuple[int, int, int, int]

#: The drawing is shown so large; its copies on dark and light ground half as large, one above the other.
_LARGE: Final = 768
_MARGIN: Final = 24
_GAP: Final = 16
_TITLE_SIZE: Final = 26
_TEXT_SIZE: Final = 17
_LINE: Final = 24
_DARK: Final = "#24242c"
_LIGHT: Final = "#ffffff"
_WIDTH: Final = 2 * _MARGIN + _LARGE + _GAP + _LARGE // 2
_LEVELS: Final[dict[Level, tuple[str, _Color]]] = {
    Level.OK: ("ok", (46, 125, 80, 255)),
    Level.WARNING: ("warning", (176, 112, 0, 255)),
    Level.PROBLEM: ("problem", (190, 40, 50, 255)),
}
_BADGE: Final = 92
_HEAD_COLOR: Final = (220, 30, 60, 255)
_FACE_COLOR: Final = (30, 100, 220, 255)
_EYEBROW_COLOR: Final = (20, 140, 90, 255)
_FOUND_COLOR: Final = (150, 70, 200, 255)


class _Outline(NamedTuple):
    """A box to draw, in pixels of the drawing, and its line in the legend."""

    box: Box
    color: _Color
    name: str
    dashed: bool = False


def drawing_sheet(pixels: NDArray[np.uint8], examination: Examination, title: str) -> Image.Image:
    """The sheet of a drawing, straight-alpha bytes (h, w, 4), RGBA; the networks' boxes only on a 512x512 one."""
    outlines = _outlines(pixels, examination)
    body = _LARGE + _GAP + _LINE * -(-len(outlines) // 2) + _GAP
    texts = [_lines(finding) for finding in examination.findings]
    top = _MARGIN + _TITLE_SIZE + _GAP
    height = top + body + sum(len(lines) for lines in texts) * _LINE + _MARGIN + len(texts) * 4
    sheet = Image.new("RGBA", (_WIDTH, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    verdict = "usable" if examination.usable else "not usable yet"
    text, size = shrunk_to(f"{title}: {verdict}", _TITLE_SIZE, _WIDTH - 2 * _MARGIN)
    draw.text((_MARGIN, _MARGIN - 4), text, INK, font(size))
    face = examination.sighting.face if examination.sighting else None
    _draw_views(sheet, pixels, outlines, face, top)
    _draw_legend(draw, outlines, top + _LARGE + _GAP)
    y = top + body
    for finding, lines in zip(examination.findings, texts, strict=True):
        name, color = _LEVELS[finding.level]
        draw.rounded_rectangle((_MARGIN, y, _MARGIN + _BADGE - 12, y + _LINE - 4), 6, fill=color)
        draw.text((_MARGIN + (_BADGE - 12) / 2, y + _LINE / 2 - 2), name, PAPER, font(14), anchor="mm")
        for line, ink in lines:
            draw.text((_MARGIN + _BADGE, y), line, ink, font(_TEXT_SIZE))
            y += _LINE
        y += 4
    return sheet


def stacked(upper: Image.Image, lower: Image.Image) -> Image.Image:
    """Two sheets as one, the second below the first."""
    sheet = Image.new("RGBA", (max(upper.width, lower.width), upper.height + lower.height), PAPER)
    sheet.paste(upper, (0, 0))
    sheet.paste(lower, (0, upper.height))
    return sheet


def _outlines(pixels: NDArray[np.uint8], examination: Examination) -> list[_Outline]:
    outlines: list[_Outline] = []
    if pixels.shape[:2] == (PICTURE_SIZE, PICTURE_SIZE):
        outlines += [
            _Outline(Box(*HEAD_BOX), _HEAD_COLOR, "head box: eyes, brows, mouth and chin must lie in it"),
            _Outline(Box(*FACE_CROP), _FACE_COLOR, "what the teacher sees of the face"),
            _Outline(Box(*EYEBROW_CROP), _EYEBROW_COLOR, "what it sees of the eyebrows"),
        ]
    head = examination.silhouette.head if examination.silhouette else None
    if head is not None:
        seen = head.confidence is Confidence.SEEN
        name = "the head, by the face that was seen" if seen else "the head, as the silhouette has it (a guess)"
        outlines.append(_Outline(head.box, _FOUND_COLOR, name, dashed=True))
    return outlines


def _draw_views(
    sheet: Image.Image, pixels: NDArray[np.uint8], outlines: list[_Outline], face: Face | None, top: int
) -> None:
    scale = _LARGE / max(pixels.shape[:2])
    drawing = Image.fromarray(pixels)
    size = (max(1, round(drawing.width * scale)), max(1, round(drawing.height * scale)))
    large = _centred(drawing.resize(size, Image.Resampling.LANCZOS), _LARGE)
    left = _MARGIN + (_LARGE - size[0]) // 2
    above = top + (_LARGE - size[1]) // 2
    sheet.alpha_composite(on_background(large, "checker"), (_MARGIN, top))
    draw = ImageDraw.Draw(sheet)
    for outline in outlines:
        x, y, width, height = (value * scale for value in outline.box)
        corners = (left + x, above + y, left + x + width, above + y + height)
        _draw_rectangle(draw, corners, outline)
    if face is not None:
        _draw_face(draw, face.mapped(scale, left, above))
    small = (_LARGE - _GAP) // 2
    for number, background in enumerate((_DARK, _LIGHT)):
        view = on_background(large.resize((small, small), Image.Resampling.LANCZOS), background)
        sheet.alpha_composite(view, (_MARGIN + _LARGE + _GAP, top + number * (small + _GAP)))


def _draw_face(draw: ImageDraw.ImageDraw, face: Face) -> None:
    """Rings around the eyes and a line under the chin of a face, in the sheet's pixels."""
    radius = 0.3 * face.distance
    for eye in (face.left_eye, face.right_eye):
        draw.ellipse((eye.x - radius, eye.y - radius, eye.x + radius, eye.y + radius), outline=_FOUND_COLOR, width=2)
    if face.chin is not None:
        reach = 0.5 * face.distance
        draw.line((face.middle.x - reach, face.chin, face.middle.x + reach, face.chin), _FOUND_COLOR, 2)


def _centred(picture: Image.Image, edge: int) -> Image.Image:
    """A picture in the middle of a transparent square."""
    square = Image.new("RGBA", (edge, edge), (0, 0, 0, 0))
    square.paste(picture, ((edge - picture.width) // 2, (edge - picture.height) // 2))
    return square


def _draw_rectangle(
    draw: ImageDraw.ImageDraw, corners: tuple[float, float, float, float], outline: _Outline, dash: int = 9
) -> None:
    if not outline.dashed:
        draw.rectangle(corners, outline=outline.color, width=2)
        return
    left, top, right, bottom = corners
    for x in np.arange(left, right, 2 * dash):
        for y in (top, bottom):
            draw.line((x, y, min(x + dash, right), y), outline.color, 2)
    for y in np.arange(top, bottom, 2 * dash):
        for x in (left, right):
            draw.line((x, y, x, min(y + dash, bottom)), outline.color, 2)


def _draw_legend(draw: ImageDraw.ImageDraw, outlines: list[_Outline], top: int) -> None:
    column = (_WIDTH - 2 * _MARGIN) // 2
    for number, outline in enumerate(outlines):
        x, y = _MARGIN + number % 2 * column, top + number // 2 * _LINE
        _draw_rectangle(draw, (x, y + 2, x + 28, y + 16), outline, dash=5)
        draw.text((x + 38, y - 1), outline.name, FADED, font(_TEXT_SIZE - 2))


def _lines(finding: Finding) -> list[tuple[str, _Color]]:
    """A finding and its advice in lines that fit the sheet, each with its ink."""
    width = _WIDTH - 2 * _MARGIN - _BADGE
    return [(line, INK) for line in wrapped(finding.text, _TEXT_SIZE, width)] + [
        (line, FADED) for line in wrapped(finding.advice, _TEXT_SIZE, width)
    ]
