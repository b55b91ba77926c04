"""Hair: tapered locks, inked, shaded and lit alike, so that many of them read as one head of hair.

The light comes from the upper left of the picture.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from tha4_core.rig.curves import (
    Curve,
    Knots,
    Spine,
    between,
    closed_polygon,
    line,
    lock_edges,
    part,
    resampled,
    shifted,
)
from tha4_core.rig.pen import Gradient, Pen, with_alpha


class HairColours(NamedTuple):
    """base: a vertical gradient's inks (top to bottom). shade: the second tone. deep: beneath other locks.
    line: the ink of outlines. shine: the light on it."""

    base: Gradient
    shade: Gradient
    deep: Gradient
    line: str
    shine: str


class Lock(NamedTuple):
    """One lock of hair.

    spine: from root to tip. inked: the fraction of its length after which its edges are inked, so that locks grow
    together at the roots. shaded: how much of its width, from the side away from the light, is in the second tone.
    strands: where thin lines follow it, in fractions of its width. line_width: of its outline, in pixels.
    """

    spine: Spine
    inked: float = 0.3
    shaded: float = 0.34
    strands: tuple[float, ...] = (0.45,)
    line_width: float = 0.95


def lock_shape(lock: Lock) -> Curve:
    """The closed outline of a lock."""
    left, right = lock_edges(lock.spine)
    return closed_polygon(left, right[::-1])


def paint_lock(pen: Pen, lock: Lock, colours: HairColours) -> None:
    """Fill, shade and ink one lock."""
    left, right = lock_edges(lock.spine)
    shape = closed_polygon(left, right[::-1])
    pen.fill(shape, colours.base)
    # The side away from the light: the one further right, at the middle of the lock.
    middle = len(left) // 2
    dark, light = (left, right) if left[middle, 0] > right[middle, 0] else (right, left)
    with pen.inside(shape):
        if lock.shaded > 0:
            t = np.linspace(0, 1, 64)[:, None]
            # The shade is widest past the middle and runs out at the root.
            reach = lock.shaded * np.sin(np.pi * np.clip(t, 0, 1) ** 0.7 * 0.62) ** 1.2
            edge = resampled(dark, 64) * (1 - reach) + resampled(light, 64) * reach
            pen.fill(closed_polygon(dark, edge[::-1]), colours.shade)
        for place in lock.strands:
            strand = part(between(light, dark, place), 0.12 + 0.2 * place, 0.93)
            pen.stroke(strand, 0.65, with_alpha(colours.line, 0.5), peak=0.6)
    for edge in (left, right):
        pen.stroke(part(edge, lock.inked, 1.0), lock.line_width, colours.line, start=0.0, stop=0.35, peak=0.6)


def paint_locks(pen: Pen, locks: tuple[Lock, ...], colours: HairColours) -> None:
    """Locks in order: each lies over those before it."""
    for lock in locks:
        paint_lock(pen, lock, colours)


class Crown(NamedTuple):
    """The hair on top of a head.

    edge: its outline, from the left over the top to the right. hairline: its border on the face, from right to left.
    parting: where it grows from. fringe: its locks, in order. ring: the light around it, from left to right.
    strands: where lines from the parting lead to, (x, y, how far they bend).
    """

    edge: Knots
    hairline: Knots
    parting: tuple[float, float]
    fringe: tuple[Lock, ...]
    ring: Knots
    strands: tuple[tuple[float, float, float], ...]


#: Half the height of the ring of light, in pixels.
_RING: Final = 7.5


def paint_crown(pen: Pen, crown: Crown, colours: HairColours) -> None:
    """The top of the head and the fringe."""
    edge = line(crown.edge)
    cap = closed_polygon(edge, line(crown.hairline))
    pen.fill(cap, colours.base)
    with pen.inside(cap):
        pen.stroke(shifted(part(edge, 0.5, 0.95), -2, 3), 12, colours.shade, opacity=0.8, blur=2.0)
        pen.stroke(shifted(part(edge, 0.05, 0.4), 2, 3), 8, colours.shade, opacity=0.5, blur=2.0)
    paint_locks(pen, crown.fringe, colours)
    root_x, root_y = crown.parting
    for x, y, bend in crown.strands:
        strand = line([(root_x, root_y), ((root_x + x) / 2 + bend * 0.3, (root_y + y) / 2 - 1), (x, y)])
        pen.stroke(strand, 0.8, colours.line, opacity=0.45)
    with pen.inside(cap, *(lock_shape(lock) for lock in crown.fringe)), pen.faded(0.62):
        for fleck, width in _ring_of_light(crown):
            pen.stroke(fleck, width, colours.shine, peak=0.4)
    pen.stroke(part(edge, 0.06, 0.94), 1.15, colours.line)


def crown_shadow(crown: Crown, sides: tuple[Lock, ...] = ()) -> tuple[Curve, ...]:
    """Where a crown, and locks at its sides, throw their shadow on the face: a little lower and to the right."""
    return (
        shifted(closed_polygon(line(crown.edge), line(crown.hairline)), 0.0, 5.0),
        *(shifted(lock_shape(lock), 1.6, 4.5) for lock in crown.fringe),
        *(shifted(lock_shape(lock), 1.5, 2.0) for lock in sides),
    )


def _ring_of_light(crown: Crown) -> list[tuple[Curve, float]]:
    """Flecks that point to the parting, as curves and widths."""
    ring = line(crown.ring)
    count = max(2, int(np.hypot(*np.diff(ring, axis=0).T).sum() / 3.2))
    places = ring[np.linspace(0, len(ring) - 1, count).astype(int)]
    flecks = []
    for i, place in enumerate(places):
        towards = np.array(crown.parting) - place
        towards /= np.hypot(*towards)
        # Lengths from a fixed irregular sequence; the ring runs out at both ends.
        wave = 0.5 + 0.3 * np.sin(i * 1.9) + 0.2 * np.sin(i * 3.7 + 1.0)
        fade = np.sin(np.pi * (i + 0.5) / count) ** 0.6
        if fade < 0.4:
            continue
        up, down = _RING * (0.5 + 0.3 * wave) * fade, _RING * (0.35 + 0.9 * wave**2) * fade
        t = np.linspace(0, 1, 9)[:, None]
        flecks.append((place + towards * (up - (up + down) * t), float(3.0 + 2.0 * fade)))
    return flecks
