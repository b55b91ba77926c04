from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tha4_core.rig.curves import (
    at,
    between,
    lengths,
    line,
    lock_edges,
    mirrored,
    outline,
    part,
    resampled,
    swept,
    tapered,
)

#: Knots at least a pixel apart: each step is of its own length and direction.
KNOTS = st.lists(st.tuples(st.floats(1, 60), st.floats(0, 2 * np.pi)), min_size=2, max_size=8).map(
    lambda steps: np.cumsum([(100.0, 100.0), *((r * np.cos(a), r * np.sin(a)) for r, a in steps)], axis=0)
)


def distance_to(curve: np.ndarray, point: np.ndarray) -> float:
    return float(np.hypot(*(curve - point).T).min())


@settings(deadline=None)
@given(KNOTS)
def test_a_line_goes_through_its_knots_from_first_to_last(knots: np.ndarray) -> None:
    curve = line(knots)
    np.testing.assert_allclose(curve[[0, -1]], knots[[0, -1]])
    assert max(distance_to(curve, knot) for knot in knots) < 1e-6


@settings(deadline=None)
@given(KNOTS)
def test_a_line_has_no_gaps(knots: np.ndarray) -> None:
    steps = np.hypot(*np.diff(line(knots), axis=0).T)
    assert steps.max() < 3.0


def test_a_knot_written_twice_is_a_corner() -> None:
    smooth = line([(0, 0), (10, 0), (10, 10)])
    sharp = line([(0, 0), (10, 0), (10, 0), (10, 10)])
    assert smooth[:, 0].max() > 10.2  # rounds the corner by swinging out
    assert sharp[:, 0].max() == pytest.approx(10.0)


def test_an_outline_closes_smoothly() -> None:
    angles = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    circle = outline(np.stack((10 * np.cos(angles), 10 * np.sin(angles)), axis=1))
    np.testing.assert_allclose(np.hypot(*circle.T), 10.0, atol=0.4)
    assert np.hypot(*(circle[0] - circle[-1])) < 1.0


def test_an_outline_starts_at_its_corner() -> None:
    drop = outline([(0, 10), (-10, 0), (0, -20), (0, -20), (10, 0)])
    np.testing.assert_allclose(drop[0], (0, -20))


@settings(deadline=None)
@given(KNOTS)
def test_mirroring_twice_gives_the_same_points_back(knots: np.ndarray) -> None:
    np.testing.assert_allclose(mirrored(mirrored(knots)), knots)


@settings(deadline=None)
@given(KNOTS, st.floats(0.05, 0.45), st.floats(0.55, 0.95))
def test_a_part_starts_and_ends_at_the_given_fractions(knots: np.ndarray, start: float, stop: float) -> None:
    curve = line(knots)
    piece = part(curve, start, stop)
    np.testing.assert_allclose(piece[[0, -1]], [at(curve, start), at(curve, stop)])
    whole = np.hypot(*np.diff(curve, axis=0).T).sum()
    assert np.hypot(*np.diff(piece, axis=0).T).sum() == pytest.approx((stop - start) * whole, rel=0.02)


@settings(deadline=None)
@given(KNOTS)
def test_resampling_spaces_points_evenly(knots: np.ndarray) -> None:
    curve = line(knots)
    again = resampled(curve, 50)
    np.testing.assert_allclose(again[[0, -1]], curve[[0, -1]])
    assert lengths(again)[0] == 0.0
    assert lengths(again)[-1] == 1.0


def test_between_two_curves_lies_their_mean() -> None:
    top, bottom = line([(0, 0), (20, 0)]), line([(0, 10), (20, 10)])
    np.testing.assert_allclose(between(top, bottom, 0.3)[:, 1], 3.0)


def test_a_stroke_is_thickest_at_its_peak_and_thin_at_its_ends() -> None:
    polygon = tapered(line([(0, 0), (100, 0)]), width=4.0, start=0.0, stop=0.5, peak=0.25)
    upper, lower = polygon[: len(polygon) // 2], polygon[len(polygon) // 2 :][::-1]
    width = lower[:, 1] - upper[:, 1]
    assert width.max() == pytest.approx(4.0, abs=0.01)
    assert upper[width.argmax(), 0] == pytest.approx(25, abs=1)
    assert (width[0], width[-1]) == (pytest.approx(0.0, abs=0.01), pytest.approx(2.0, abs=0.01))


def test_left_of_a_curve_to_the_right_is_up() -> None:
    polygon = swept(line([(0, 0), (100, 0)]), lambda t: np.full_like(t, 3.0), lambda t: np.full_like(t, 1.0))
    assert (polygon[:, 1].min(), polygon[:, 1].max()) == (pytest.approx(-3.0), pytest.approx(1.0))


def test_a_lock_ends_in_a_point() -> None:
    left, right = lock_edges(((0, 0, 4), (0, 20, 6), (0, 40, 0)))
    np.testing.assert_allclose(left[-1], right[-1], atol=1e-9)
    assert np.hypot(*(left[0] - right[0])) == pytest.approx(8.0)
