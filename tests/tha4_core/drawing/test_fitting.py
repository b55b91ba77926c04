from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.drawings import mannequin
from tha4_core.drawing.boxes import HEAD_BOX, Box
from tha4_core.drawing.fitting import Placement, find_cut, fit, place_head
from tha4_core.picture.color import PictureError, to_network

numbers = st.floats(-2000, 2000)
lengths = st.floats(1, 4000)
boxes = st.builds(Box, numbers, numbers, lengths, lengths)


@given(boxes)
def test_a_head_lands_in_the_head_box_centred_and_as_large_as_it_goes(head: Box) -> None:
    placed = place_head(head).of(head)
    assert placed.centre_x == pytest.approx(HEAD_BOX.x + 64, abs=1e-6)
    assert placed.centre_y == pytest.approx(HEAD_BOX.y + 64, abs=1e-6)
    assert max(placed.width, placed.height) == pytest.approx(128)


@given(boxes, boxes)
def test_proportions_are_kept(head: Box, other: Box) -> None:
    placed = place_head(head).of(other)
    assert placed.width / placed.height == pytest.approx(other.width / other.height)


@pytest.mark.parametrize(
    "head", [Box(0, 0, 0, 10), Box(0, 0, 10, -1), Box(float("nan"), 0, 1, 1), Box(0, 0, float("inf"), 1)]
)
def test_a_head_without_extent_is_refused(head: Box) -> None:
    with pytest.raises(PictureError, match="box"):
        place_head(head)


@given(
    st.tuples(st.integers(0, 59), st.integers(0, 39)),
    st.tuples(st.integers(1, 60), st.integers(1, 40)),
    st.builds(Placement, st.floats(0.5, 20), st.floats(-300, 500), st.floats(-300, 500)),
)
@settings(max_examples=60, deadline=None)
def test_nothing_is_cut_off_that_is_not_reported(
    corner: tuple[int, int], extent: tuple[int, int], placement: Placement
) -> None:
    drawing = np.zeros((60, 40, 4), np.uint8)
    (top, left), (height, width) = corner, extent
    drawing[top : top + height, left : left + width] = (200, 100, 50, 255)
    cut = find_cut(drawing[..., 3], placement)
    bottom, right = min(60, top + height), min(40, left + width)
    whole = (bottom - top) * (right - left) * placement.scale**2
    # A figure as large as reported: what is missing of its area is what the cuts say, no more.
    seen_width = max(0.0, (right - left) * placement.scale - cut.left - cut.right)
    seen_height = max(0.0, (bottom - top) * placement.scale - cut.top - cut.bottom)
    assume(seen_width > 0 and seen_height > 0 and placement.scale * 60 >= 16)
    seen = float((fit(drawing, placement).pixels[..., 3] / 255.0).sum())
    # What resampling may add or take at the rim of the figure.
    rim = 2.0 * (seen_width + seen_height) * max(1.0, placement.scale) * 0.2 + 4.0
    assert seen == pytest.approx(seen_width * seen_height, abs=rim)
    if cut == (0, 0, 0, 0):
        assert seen == pytest.approx(whole, abs=rim)


def test_a_drawing_that_stays_where_it_is_stays_as_it_is() -> None:
    drawing = mannequin()
    fitted = fit(drawing, Placement(1.0, 0.0, 0.0))
    assert fitted.cut == (0, 0, 0, 0)
    np.testing.assert_array_equal(fitted.pixels[..., 3], drawing[..., 3])
    solid = drawing[..., 3] > 40
    np.testing.assert_array_equal(fitted.pixels[solid], drawing[solid])


def test_whole_pixels_are_moved_without_loss() -> None:
    drawing = mannequin()
    moved = fit(drawing, Placement(1.0, 7.0, -12.0))
    np.testing.assert_array_equal(moved.pixels[:500, 7:, 3], drawing[12:, :505, 3])
    assert not moved.pixels[500:].any()
    assert not moved.pixels[:, :7].any()


@pytest.mark.parametrize("size", [200, 1024, 1500])
def test_a_drawing_of_another_size_becomes_what_it_would_have_been_at_512(size: int) -> None:
    expected = to_network(mannequin())
    fitted = to_network(fit(mannequin(size), Placement(512 / size, 0.0, 0.0)).pixels)
    assert np.abs(fitted - expected).mean() < (0.02 if size < 512 else 0.006)


@pytest.mark.parametrize("scale", [0.31, 0.77, 1.9])
def test_edges_get_no_seams(scale: float) -> None:
    # A light figure whose transparent pixels hide black: wrongly resampled it gets a dark rim, or rings.
    drawing = np.zeros((400, 400, 4), np.uint8)
    drawing[100:300, 100:300] = (240, 200, 180, 255)
    fitted = fit(drawing, Placement(scale, 20.3, 11.7)).pixels
    seen = fitted[..., 3] >= 16
    assert np.abs(fitted[seen][:, :3].astype(int) - (240, 200, 180)).max() <= 3
    inside = np.zeros((512, 512), bool)
    inside[
        int(11.7 + scale * 100) - 3 : int(11.7 + scale * 300) + 4,
        int(20.3 + scale * 100) - 3 : int(20.3 + scale * 300) + 4,
    ] = True
    assert not fitted[~inside].any()


@pytest.mark.parametrize(
    "placement", [Placement(1.0, 600.0, 0.0), Placement(1.0, 0.0, -600.0), Placement(1e-9, 0.0, 0.0)]
)
def test_a_placement_that_shows_nothing_is_refused(placement: Placement) -> None:
    with pytest.raises(PictureError, match="head's box"):
        fit(mannequin(), placement)
