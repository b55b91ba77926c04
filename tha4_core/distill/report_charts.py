"""Charts for the report as inline SVG and HTML: nothing but text, coloured by the page's own style."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, NamedTuple

_WIDTH: Final = 560
_HEIGHT: Final = 260
_LEFT: Final = 46
_RIGHT: Final = 64
_TOP: Final = 14
_BOTTOM: Final = 42
_TICKS: Final = 5


class Line(NamedTuple):
    """name: written at its end. style: a class of the page's style sheet. points: (x, y)."""

    name: str
    style: str
    points: Sequence[tuple[float, float]]


def line_chart(x_label: str, y_label: str, lines: Sequence[Line]) -> str:
    """One SVG of lines over a common axis, each named at its end; points that are no finite numbers are left out."""
    lines = [line._replace(points=[p for p in line.points if all(map(math.isfinite, p))]) for line in lines]
    points = [point for line in lines for point in line.points]
    if not points:
        return "<p>Nothing was measured.</p>"
    x_ticks = _ticks(0.0, max(x for x, _ in points))
    y_ticks = _ticks(min(y for _, y in points), max(y for _, y in points))

    def place(x: float, y: float) -> tuple[float, float]:
        along = (x - x_ticks[0]) / (x_ticks[-1] - x_ticks[0])
        up = (y - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])
        return _LEFT + along * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(y_label)} against {escape(x_label)}">'
    ]
    for tick in y_ticks:
        left, y = place(x_ticks[0], tick)
        parts.append(f'<line class="grid" x1="{left:.1f}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{left - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in x_ticks:
        x, bottom = place(tick, y_ticks[0])
        label = _short(tick)
        parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 17:.1f}" text-anchor="middle">{label}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text class="axis" x="{middle:.0f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x_label)}</text>')
    parts += _drawn_lines(lines, place)
    parts.append("</svg>")
    return "".join(parts)


def standalone(chart: str, colours: Mapping[str, str]) -> str:
    """A chart as an SVG file of its own, on white. colours: of the lines' styles."""
    rules = "".join(
        f".line.{style}{{stroke:{colour}}}.dot.{style}{{fill:{colour}}}" for style, colour in colours.items()
    )
    style = (
        "text{font:12px system-ui,sans-serif;fill:#6b6b75}.name{font-size:13px;fill:#26262c}.grid{stroke:#e3e1dc}"
        f".line{{fill:none;stroke-width:2}}{rules}"
    )
    start = chart.index(">") + 1
    opening = chart[: start - 1].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    back = '<rect width="100%" height="100%" fill="#fff"/>'
    return f"{opening}><style>{style}</style>{back}{chart[start:]}\n"


def bar_list(values: Mapping[str, float], unit: str, most: float) -> str:
    """Named values as horizontal bars; ``most`` is the longest a bar can be."""
    rows = [
        f'<div class="bar"><span>{escape(name)}</span><span class="track"><span class="fill"'
        f' style="width:{100.0 * min(1.0, max(0.0, value / most)):.1f}%"></span></span>'
        f"<b>{value:.1f} {escape(unit)}</b></div>"
        for name, value in values.items()
    ]
    return "".join(rows)


def _drawn_lines(lines: Sequence[Line], place: object) -> list[str]:
    assert callable(place)
    parts: list[str] = []
    label_places: list[float] = []
    for line in lines:
        if not line.points:
            continue
        places = [place(*point) for point in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline class="line {line.style}" points="{path}"/>')
        for (x, y), (along, value) in zip(places, line.points, strict=True):
            title = f"{escape(line.name)}: {value:.1f} at {_short(along)}"
            parts.append(
                f'<circle class="dot {line.style}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"><title>{title}</title></circle>'
            )
        # Two lines that end at one height would be named on top of each other.
        end_x, end_y = places[-1]
        while any(abs(end_y - other) < 14 for other in label_places):
            end_y += 14
        label_places.append(end_y)
        parts.append(f'<text class="name" x="{end_x + 7:.1f}" y="{end_y + 4:.1f}">{escape(line.name)}</text>')
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """About five round numbers from at most ``low`` to at least ``high``."""
    span = max(high - low, 1e-9, abs(high) * 1e-6)
    size = 10.0 ** math.floor(math.log10(span / _TICKS))
    step = next(size * factor for factor in (1.0, 2.0, 5.0, 10.0) if span / (size * factor) <= _TICKS)
    first = math.floor(low / step)
    last = max(math.ceil(high / step), first + 1)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _short(number: float) -> str:
    """1500 -> 1.5k."""
    for limit, suffix in ((1e6, "M"), (1e4, "k")):
        if abs(number) >= limit:
            return f"{number / (1e6 if suffix == 'M' else 1e3):g}{suffix}"
    return f"{number:g}"
