from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tha4_core.picture.region import DEFAULT_HEAD_VIEW, FULL_PICTURE, RegionError, as_region


def test_none_is_the_full_picture() -> None:
    assert as_region(None) == FULL_PICTURE == (0, 0, 512, 512)


def test_the_head_view_is_a_region() -> None:
    assert as_region(DEFAULT_HEAD_VIEW) == (160, 48, 192, 192)


@given(st.tuples(*[st.integers(-600, 1200)] * 4))
def test_a_region_is_accepted_exactly_when_it_is_inside_and_not_empty(value: tuple[int, int, int, int]) -> None:
    x, y, width, height = value
    columns, rows = range(x, x + width), range(y, y + height)
    fits = bool(columns and rows) and all(0 <= edge < 512 for edge in (columns[0], columns[-1], rows[0], rows[-1]))
    if fits:
        assert as_region(list(value)) == value
    else:
        with pytest.raises(RegionError, match="must lie inside 512x512"):
            as_region(value)


@pytest.mark.parametrize("value", [(1, 2, 3), "0000", (0.0, 0, 1, 1), (True, 0, 1, 1), 5, {}, (0, 0, None, 1)])
def test_other_than_four_whole_numbers_is_refused(value: Any) -> None:
    with pytest.raises(RegionError, match="four whole numbers"):
        as_region(value)
