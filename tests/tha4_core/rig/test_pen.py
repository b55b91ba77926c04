from __future__ import annotations

import numpy as np
import pytest

from tha4_core.picture.region import Region
from tha4_core.rig.curves import outline, shifted
from tha4_core.rig.pen import Gradient, Pen, with_alpha

BOX = Region(100, 50, 16, 16)
SQUARE = np.array([(104.0, 54.0), (112.0, 54.0), (112.0, 62.0), (104.0, 62.0)])


def test_nothing_drawn_is_transparent() -> None:
    assert not Pen(BOX).pixels().any()


def test_a_shape_lies_where_the_picture_has_it_whatever_the_box() -> None:
    pen = Pen(BOX)
    pen.fill(SQUARE, "#ffffff")
    alpha = pen.pixels()[3]
    expected = np.zeros((16, 16))
    expected[4:12, 4:12] = 1.0
    np.testing.assert_allclose(alpha, expected, atol=1e-3)


def test_colours_are_linear_light_and_premultiplied() -> None:
    pen = Pen(BOX)
    pen.fill(SQUARE, "#ff8000", opacity=0.5)
    linear = ((128 / 255 + 0.055) / 1.055) ** 2.4
    np.testing.assert_allclose(pen.pixels()[:, 8, 8], (0.5, 0.5 * linear, 0.0, 0.5), atol=2e-3)


def test_half_covered_pixels_are_half_opaque() -> None:
    pen = Pen(BOX)
    pen.fill(shifted(SQUARE, 0.5, 0.0), "#ffffff")
    np.testing.assert_allclose(pen.pixels()[3, 8, [3, 4, 5, 11, 12, 13]], (0, 0.5, 1, 1, 0.5, 0), atol=0.01)


def test_drawing_inside_a_shape_leaves_the_rest_alone() -> None:
    pen = Pen(BOX)
    with pen.inside(SQUARE):
        pen.ellipse(108, 58, 30, 30, "#00ff00")
    pen.ellipse(101.5, 51.5, 1, 1, "#00ff00")  # no longer
    alpha = pen.pixels()[3]
    assert alpha[4:12, 4:12].min() > 0.99
    assert alpha[13:].max() == 0.0
    assert alpha[1, 1] > 0.5


def test_overlapping_shapes_of_opposite_directions_are_one_inside() -> None:
    pen = Pen(BOX)
    with pen.inside(SQUARE, shifted(SQUARE[::-1], 2, 0)):
        pen.ellipse(108, 58, 30, 30, "#00ff00")
    assert pen.pixels()[3, 8, 4:14].min() > 0.99


def test_overlaps_within_a_faded_block_do_not_add_up() -> None:
    pen = Pen(BOX)
    with pen.faded(0.5):
        pen.fill(SQUARE, "#ffffff")
        pen.fill(SQUARE, "#ffffff")
    assert pen.pixels()[3, 8, 8] == pytest.approx(0.5, abs=0.01)


def test_a_gradient_runs_from_start_to_stop() -> None:
    pen = Pen(BOX)
    pen.fill(SQUARE, Gradient((104, 0), (112, 0), ("#000000", "#ffffff")))
    row = pen.pixels()[0, 8, 4:12]
    assert (np.diff(row) > 0.05).all()
    assert row[0] < 0.1
    assert row[-1] > 0.9


def test_a_blurred_shape_has_a_soft_edge() -> None:
    pen = Pen(BOX)
    pen.fill(outline(SQUARE), "#ffffff", blur=1.5)
    across = pen.pixels()[3, 8, :8]
    assert ((across > 0.02) & (across < 0.98)).sum() >= 3


def test_alpha_of_a_colour_multiplies() -> None:
    assert with_alpha("#102030", 0.5) == "#10203080"
    assert with_alpha("#10203080", 0.5) == "#10203040"
