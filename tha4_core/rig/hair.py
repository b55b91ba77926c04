"""Hair: tapered locks, inked, shaded and lit alike, so that many of them read as one head of hair.

The light comes from the upper left of the picture.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tha4_core.rig.curves import Curve, Knots, Spine, between, closed_polygon, line, lock_edges, part
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
            edge = between(dark, light, 0.0) * (1 - reach) + between(light, light, 0.0) * reach
            pen.fill(closed_polygon(between(dark, dark, 0.0), edge[::-1]), colours.shade)
        for place in lock.strands:
            strand = part(between(light, dark, place), 0.12 + 0.2 * place, 0.93)
            pen.stroke(strand, 0.65, with_alpha(colours.line, 0.5), peak=0.6)
    for edge in (left, right):
        pen.stroke(part(edge, lock.inked, 1.0), lock.line_width, colours.line, start=0.0, stop=0.35, peak=0.6)


def paint_locks(pen: Pen, locks: tuple[Lock, ...], colours: HairColours) -> None:
    """Locks in order: each lies over those before it."""
    for lock in locks:
        paint_lock(pen, lock, colours)


def paint_shine(pen: Pen, shapes: tuple[Curve, ...], band: Knots, root: tuple[float, float], colours: HairColours, size: float = 9.0) -> None:
    """The ring of light around a head: a band of tapered flecks that point to where the hair grows from.

    band: the ring's middle, as seen. root: where the hair parts. shapes: what hair there is; light falls on no other.
    size: half the ring's height, in pixels.
    """
    ring = line(band)
    count = max(2, int(np.hypot(*np.diff(ring, axis=0).T).sum() / 3.2))
    places = ring[np.linspace(0, len(ring) - 1, count).astype(int)]
    origin = np.array(root)
    with pen.inside(*shapes), pen.faded(0.62):
        for i, place in enumerate(places):
            towards = (origin - place) / np.hypot(*(origin - place))
            # Lengths from a fixed irregular sequence; the ring runs out at both ends, and thins out in its midst.
            wave = 0.5 + 0.3 * np.sin(i * 1.9) + 0.2 * np.sin(i * 3.7 + 1.0)
            fade = np.sin(np.pi * (i + 0.5) / count) ** 0.6
            up, down = size * (0.5 + 0.3 * wave) * fade, size * (0.35 + 0.9 * wave**2) * fade
            fleck = np.stack([place + towards * (up - (up + down) * t) for t in np.linspace(0, 1, 9)])
            pen.stroke(fleck, 4.6 * fade, colours.shine, peak=0.4)
