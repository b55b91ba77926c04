from __future__ import annotations

import numpy as np
import pytest

from tests.drawings import mannequin, over_color, probe_of_marks, slim, two_of
from tha4_core.drawing.boxes import HEAD_BOX, Box
from tha4_core.drawing.findings import Level, examine
from tha4_core.drawing.preparing import PreparationError, Prepared, prepare
from tha4_core.drawing.reading import Drawing
from tha4_core.drawing.silhouette import find_silhouette


def prepared(pixels: np.ndarray, head: Box | None = None) -> Prepared:
    drawing = Drawing(pixels, has_alpha=True, mode="RGBA", file_format="PNG")
    return prepare(drawing, examine(drawing), head)


def finding(result: Prepared, subject: str) -> tuple[Level, str]:
    (found,) = (f for f in result.examination.findings if f.subject == subject)
    return found.level, found.text


@pytest.mark.parametrize(
    "drawing",
    [
        mannequin(offset=(60, 40)),
        mannequin(scale=0.4),
        mannequin(scale=1.7),
        mannequin(300, offset=(0, 60)),
        mannequin(1300, scale=0.5, offset=(-80, 30)),
        np.pad(mannequin(), ((0, 0), (100, 300), (0, 0))),
    ],
    ids=["off centre", "tiny", "huge", "small picture", "large picture", "wide picture"],
)
def test_a_fitted_head_lies_in_the_head_box(drawing: np.ndarray) -> None:
    result = prepared(drawing)
    assert result.fitted.pixels.shape == (512, 512, 4)
    assert result.examination.usable
    head = find_silhouette(result.fitted.pixels[..., 3]).head
    assert head is not None
    np.testing.assert_allclose(head.box, HEAD_BOX, atol=13)
    assert head.box.width == pytest.approx(128, abs=5)


def test_a_head_in_its_place_is_not_touched() -> None:
    assert prepared(mannequin()).fitted.placement == (1.0, 0.0, 0.0)


def test_a_head_in_whose_place_nothing_speaks_against_one_is_not_touched() -> None:
    assert prepared(slim(mannequin(hair="long"))).fitted.placement == (1.0, 0.0, 0.0)


def looked_at(pixels: np.ndarray) -> Prepared:
    """Fitted with a teacher that sees marks."""
    drawing = Drawing(pixels, has_alpha=True, mode="RGBA", file_format="PNG")
    return prepare(drawing, examine(drawing, probe_of_marks), None, probe_of_marks)


@pytest.mark.parametrize(
    "drawing",
    [
        mannequin(hair="long", marks=True, offset=(60, 40)),
        mannequin(hair="long", marks=True, scale=0.6),
        mannequin(1100, hair="long", marks=True, scale=1.4),
    ],
    ids=["off centre", "small", "large picture"],
)
def test_a_head_is_fitted_by_its_face(drawing: np.ndarray) -> None:
    result = looked_at(drawing)
    assert finding(result, "fit") == (Level.OK, "The head was found by its face: hair, eyes and chin.")
    assert result.examination.usable
    assert result.examination.sighting is not None
    np.testing.assert_allclose(result.examination.sighting.head.box, HEAD_BOX, atol=3)


def test_a_picture_in_which_no_face_is_seen_is_not_touched() -> None:
    result = looked_at(mannequin(offset=(60, 40)))
    assert result.fitted.placement == (1.0, 0.0, 0.0)
    assert "fit" not in {f.subject for f in result.examination.findings}


def test_a_drawing_of_another_size_without_a_face_is_fitted_by_a_guess() -> None:
    level, text = finding(looked_at(mannequin(700)), "fit")
    assert level is Level.WARNING
    assert "guess" in text


def test_a_given_head_is_taken_as_it_is() -> None:
    result = prepared(mannequin(), Box(180, 60, 160, 120))
    assert result.fitted.placement.of(Box(180, 60, 160, 120)) == pytest.approx((192, 96, 128, 96))
    assert "fit" not in {f.subject for f in result.examination.findings}


def test_a_head_that_was_guessed_is_said_to_be() -> None:
    level, text = finding(prepared(mannequin(hair="long", offset=(60, 0))), "fit")
    assert level is Level.WARNING
    assert "guess" in text


def test_a_figure_cut_off_at_a_side_is_a_problem() -> None:
    drawing = mannequin().copy()
    drawing[300:320, 30:200] = (70, 100, 160, 255)  # an arm
    result = prepared(drawing, Box(256 - 32, 96, 64, 64))
    level, text = finding(result, "cut")
    assert level is Level.PROBLEM
    # The arm's end, 226 pixels left of the middle, doubled: 452, where 256 have room.
    assert "196 pixels at the left" in text
    assert not result.examination.usable


def test_a_second_figure_that_fitting_pushes_out_is_reported() -> None:
    assert not prepared(two_of(mannequin())).examination.usable


def test_a_body_that_ended_at_the_drawings_edge_and_now_ends_in_sight_is_told_of() -> None:
    level, text = finding(prepared(mannequin(scale=1.8)), "bottom")
    assert level is Level.WARNING
    assert "cut off there" in text


def test_a_small_gap_under_the_body_is_closed() -> None:
    result = prepared(np.pad(mannequin(), ((0, 0), (4, 4), (0, 0))))
    assert finding(result, "bottom")[0] is Level.OK
    assert result.fitted.pixels[-1, 256, 3] == 255


def test_without_a_head_there_is_nothing_to_fit_by() -> None:
    with pytest.raises(PreparationError, match="--head"):
        prepared(over_color(mannequin(), (255, 255, 255)))
