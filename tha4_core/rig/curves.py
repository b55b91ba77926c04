"""Curves: smooth lines through points, and the tapered shapes that an inked drawing is made of.

A curve is an array of points, float64 (N, 2): x to the right, y downwards, in pixels of the 512x512 picture. Curves
are sampled so densely (a point every half pixel or so) that they may be treated as polygons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Curve = NDArray[np.float64]
#: Knots as they are written in drawings: (x, y) pairs. A point written twice is a corner.
Knots = Sequence[tuple[float, float]]
#: (x, y, half width) triples, from root to tip.
Spine = Sequence[tuple[float, float, float]]

#: Distance between samples of a curve, in pixels.
_STEP: Final = 0.6
#: The picture's vertical axis, which symmetric parts are mirrored at.
AXIS: Final = 256.0


def _catmull_rom(knots: NDArray[np.float64], closed: bool) -> NDArray[np.float64]:
    """Centripetal Catmull-Rom through ``knots`` (N, D), which lie apart from each other; samples (M, D).

    Centripetal, because a uniform one loops and overshoots where knots are unevenly spaced. Length and spacing are
    measured in the first two columns only, so that further ones (widths) ride along.
    """
    if len(knots) < 2:
        return knots
    if closed:
        padded = np.concatenate((knots[-1:], knots, knots[:2]))
    else:
        padded = np.concatenate((2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]))
    pieces = []
    for i in range(len(padded) - 3):
        p0, p1, p2, p3 = padded[i : i + 4]
        d1, d2, d3 = (max(float(np.hypot(*(b - a)[:2])) ** 0.5, 1e-6) for a, b in ((p0, p1), (p1, p2), (p2, p3)))
        # Tangents of the centripetal parametrisation, as a cubic Hermite segment.
        m1 = p2 - p1 + d2 * ((p1 - p0) / d1 - (p2 - p0) / (d1 + d2))
        m2 = p2 - p1 + d2 * ((p3 - p2) / d3 - (p3 - p1) / (d2 + d3))
        count = max(2, int(np.ceil(d2 * d2 / _STEP)))
        t = (np.arange(count) / count)[:, None]  # (count, 1)
        pieces.append(
            (2 * t**3 - 3 * t**2 + 1) * p1
            + (t**3 - 2 * t**2 + t) * m1
            + (-2 * t**3 + 3 * t**2) * p2
            + (t**3 - t**2) * m2
        )
    if not closed:
        pieces.append(knots[-1:])
    return np.concatenate(pieces)


def line(knots: Knots | ArrayLike) -> Curve:
    """An open smooth curve through ``knots``; one that is written twice in a row is a corner. (N, 2)."""
    points = np.asarray(knots, dtype=np.float64)
    breaks = [i for i in range(1, len(points)) if np.array_equal(points[i], points[i - 1])]
    pieces = []
    for start, stop in zip([0, *breaks], [*breaks, len(points)], strict=True):
        if stop - start > 1:
            pieces.append(_catmull_rom(points[start:stop], closed=False))
    return np.concatenate(pieces)


def outline(knots: Knots | ArrayLike) -> Curve:
    """A closed smooth curve through ``knots``; one that is written twice in a row is a corner. (N, 2)."""
    points = np.asarray(knots, dtype=np.float64)
    corners = [i for i in range(1, len(points)) if np.array_equal(points[i], points[i - 1])]
    if not corners:
        return _catmull_rom(points, closed=True)
    first = corners[0]  # start at a corner: all that follows is open pieces
    return line(np.concatenate((points[first:], points[:first])))


def mirrored(points: ArrayLike, axis: float = AXIS) -> NDArray[np.float64]:
    """The same points, left and right exchanged at x = ``axis``, in reverse order; further columns are kept."""
    turned = np.array(points, dtype=np.float64)[::-1]
    turned[:, 0] = 2 * axis - turned[:, 0]
    return turned


def halves(curve: Curve, axis: float = AXIS) -> tuple[Curve, Curve]:
    """A curve on the right of the picture and its mirror image on the left, of the same first point."""
    return curve, mirrored(curve, axis)[::-1]


def closed(curve: Curve) -> Curve:
    """A closed curve with its first point repeated at its end, to be inked all around."""
    return np.concatenate((curve, curve[:1]))


def shifted(curve: Curve, dx: float, dy: float) -> Curve:
    """The same curve, so many pixels to the right and down."""
    return np.asarray(curve + np.array((dx, dy)))


def lengths(curve: Curve) -> NDArray[np.float64]:
    """How far along the curve each of its points lies, 0 to 1; (N,)."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))))
    return np.asarray(along / max(along[-1], 1e-9))


def normals(curve: Curve) -> Curve:
    """Unit normals, to the left as one walks along the curve on paper (y downwards); (N, 2)."""
    tangent = np.gradient(curve, axis=0)
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    return np.stack((tangent[:, 1], -tangent[:, 0]), axis=1)


def part(curve: Curve, start: float, stop: float) -> Curve:
    """The piece of a curve between two fractions of its length; (M, 2)."""
    along = lengths(curve)
    inside = (along > start) & (along < stop)
    ends = np.array([at(curve, start), at(curve, stop)])
    return np.concatenate((ends[:1], curve[inside], ends[1:]))


def at(curve: Curve, fraction: float) -> NDArray[np.float64]:
    """The point at a fraction of a curve's length; (2,)."""
    along = lengths(curve)
    return np.array([np.interp(fraction, along, curve[:, axis]) for axis in (0, 1)])


def resampled(curve: Curve, count: int) -> Curve:
    """``count`` points evenly spaced along a curve; (count, 2)."""
    along = lengths(curve)
    wanted = np.linspace(0.0, 1.0, count)
    return np.stack([np.interp(wanted, along, curve[:, axis]) for axis in (0, 1)], axis=1)


def between(first: Curve, second: Curve, fraction: float, count: int = 64) -> Curve:
    """A curve a fraction of the way from one to another of the same direction; (count, 2)."""
    return resampled(first, count) * (1.0 - fraction) + resampled(second, count) * fraction


def tapered(curve: Curve, width: float, start: float = 0.0, stop: float = 0.0, peak: float = 0.5) -> Curve:
    """A pen stroke along a curve as a filled outline; (M, 2).

    width: at its thickest, in pixels, which it is at the fraction ``peak`` of its length. start, stop: its width at
    the ends, as fractions of ``width``.
    """

    def profile(t: NDArray[np.float64]) -> NDArray[np.float64]:
        rising = start + (1.0 - start) * np.sin(np.pi / 2 * np.clip(t / max(peak, 1e-6), 0, 1)) ** 0.8
        falling = stop + (1.0 - stop) * np.sin(np.pi / 2 * np.clip((1 - t) / max(1 - peak, 1e-6), 0, 1)) ** 0.8
        return np.asarray(width / 2 * np.where(t < peak, rising, falling))

    return swept(curve, profile, profile)


def swept(
    curve: Curve,
    left: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    right: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Curve:
    """What lies within ``left`` and ``right`` pixels of a curve on its two sides, each a function of the fraction of
    its length; a closed polygon (2 N, 2)."""
    along = lengths(curve)[:, None]
    normal = normals(curve)
    return np.concatenate((curve + normal * left(along), (curve - normal * right(along))[::-1]))


def lock_edges(spine: Spine) -> tuple[Curve, Curve]:
    """Both edges of a lock of hair, root to tip: to the left and right as one walks along it on paper; (N, 2) each."""
    samples = _catmull_rom(np.asarray(spine, dtype=np.float64), closed=False)  # (N, 3)
    middle, half = samples[:, :2], np.maximum(samples[:, 2:], 0.0)
    normal = normals(middle)
    return middle + normal * half, middle - normal * half


def closed_polygon(*pieces: Curve) -> Curve:
    """Curves joined end to end, each given in its own direction; (N, 2)."""
    return np.concatenate(pieces)
