from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tha4_core.distill.report import paper_multiply_adds, verdict
from tha4_core.distill.report_charts import Line, bar_list, line_chart
from tha4_core.distill.report_pictures import difference


@given(st.lists(st.tuples(st.floats(0.0, 1e9), st.floats(-10.0, 100.0)), min_size=1, max_size=20))
def test_every_point_of_a_chart_lies_within_it(points: list[tuple[float, float]]) -> None:
    svg = line_chart("seconds", "dB", [Line("face", "face", points)])
    places = [(float(x), float(y)) for x, y in re.findall(r'cx="([^"]*)" cy="([^"]*)"', svg)]
    assert len(places) == len(points)
    assert all(0.0 <= x <= 560.0 and 0.0 <= y <= 260.0 for x, y in places)


def test_a_chart_without_points_says_so() -> None:
    assert line_chart("x", "y", [Line("face", "face", [(0.0, float("nan"))])]) == "<p>Nothing was measured.</p>"


def test_names_are_no_markup() -> None:
    assert "<script>" not in bar_list({"<script>": 1.0}, "dB", 50.0)
    assert "<script>" not in line_chart("<script>", "y", [Line("<script>", "a", [(0.0, 1.0), (1.0, 2.0)])])


def test_equal_pictures_differ_nowhere_and_others_brightly() -> None:
    picture = np.zeros((4, 8, 8), np.float32)
    assert not difference(picture, picture)[..., :3].any()
    other = picture.copy()
    other[0, 2, 3] = 1.0
    shown = difference(picture, other)
    assert shown[2, 3, 0] == 255
    assert shown[..., :3].any(axis=2).sum() == 1
    assert (shown[..., 3] == 255).all()


def test_a_verdict_is_for_every_likeness() -> None:
    sentences = [verdict(psnr) for psnr in (-3.0, 10.0, 26.0, 30.0, 34.0, 40.0)]
    assert sentences[0] == sentences[1]
    assert len(set(sentences)) == 5


def test_the_papers_work_is_what_its_text_gives() -> None:
    # 1 M faces at 32.6 G + 3 x 1.98 G, 1.5 M bodies at 312.6 G + 3 x 16.97 G (DISTILLATION.md A.3)
    assert paper_multiply_adds() == pytest.approx(3.854e16 + 5.4527e17, rel=1e-3)
