from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.drawings import mannequin, two_of
from tha4_core.character import Character
from tha4_core.drawing.boxes import HEAD_BOX
from tha4_core.drawing.silhouette import Confidence, Silhouette, find_silhouette


def silhouette_of(pixels: np.ndarray) -> Silhouette:
    return find_silhouette(pixels[..., 3])


def test_a_head_over_a_clear_neck_is_found_with_good_confidence() -> None:
    head = silhouette_of(mannequin()).head
    assert head.confidence is Confidence.GOOD
    assert head.centre_x == pytest.approx(256, abs=2)
    assert head.top == pytest.approx(66, abs=3)  # where the hair is drawn
    assert 186 <= head.neck <= 206  # between the drawn chin and the collar


@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_the_heads_of_published_characters_are_found_in_the_head_box(
    reference_character: Callable[[str], Character], name: str
) -> None:
    head = silhouette_of(reference_character(name).image).head
    assert head.confidence is Confidence.GOOD
    np.testing.assert_allclose(head.box, HEAD_BOX, atol=4)


@pytest.mark.parametrize("options", [{"ears": True}, {"raised_hand": True}], ids=["ears", "raised hand"])
def test_what_stands_above_a_head_is_not_taken_for_it(options: dict[str, bool]) -> None:
    np.testing.assert_allclose(
        silhouette_of(mannequin(**options)).head.box, silhouette_of(mannequin()).head.box, atol=6
    )


def test_hair_that_hides_the_neck_leaves_a_guess_and_says_so() -> None:
    head = silhouette_of(mannequin(hair="long")).head
    assert head.confidence is Confidence.POOR
    np.testing.assert_allclose(head.box, HEAD_BOX, atol=16)


@given(
    scale=st.floats(0.4, 1.3),
    x=st.floats(-60, 60),
    y=st.floats(0, 60),
    size=st.sampled_from([300, 512, 700]),
)
@example(scale=0.6396509455903383, x=0.0, y=3.25, size=700)  # its topmost pixels are the larger disc's alone
@settings(max_examples=12, deadline=None)
def test_a_head_is_found_wherever_and_however_large_it_is(scale: float, x: float, y: float, size: int) -> None:
    plain = silhouette_of(mannequin()).head
    head = silhouette_of(mannequin(size, scale=scale, offset=(x, y))).head
    unit = size / 512
    assert head.centre_x == pytest.approx((256 + x) * unit, abs=6 * unit)
    assert head.height == pytest.approx(plain.height * scale * unit, rel=0.08)


def test_two_figures_are_two() -> None:
    left, right = sorted(silhouette_of(two_of(mannequin())).figures)
    assert left.x + left.width <= 256 <= right.x


def test_specks_are_no_figures() -> None:
    drawing = mannequin().copy()
    drawing[50:56, 60:66] = 255
    found = silhouette_of(drawing)
    assert len(found.figures) == 1
    assert found.specks == ((60, 50, 6, 6),)
    assert found.speck_area == 36


def test_something_beside_the_head_is_measured_against_it() -> None:
    assert silhouette_of(mannequin()).beside_head == 0
    assert silhouette_of(mannequin(ears=True)).beside_head < 0.06
    assert silhouette_of(mannequin(raised_hand=True)).beside_head > 0.1


def test_a_tilted_head_mirrors_worse_than_an_upright_one() -> None:
    upright = mannequin(hair="short")
    lopsided = upright.copy()
    lopsided[66:180, 300:360] = (120, 70, 60, 255)  # hair to one side
    assert silhouette_of(upright).mirrored > 0.95
    assert silhouette_of(lopsided).mirrored < 0.85


@pytest.mark.parametrize(
    "alpha", [np.zeros((512, 512), np.uint8), np.zeros((1, 1), np.uint8), np.eye(40, dtype=np.uint8)]
)
def test_an_empty_picture_has_no_head(alpha: np.ndarray) -> None:
    assert find_silhouette(alpha).head is None


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_any_alpha_can_be_looked_at(seed: int, height: int, width: int) -> None:
    alpha = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    head = find_silhouette(alpha).head
    assert head is None or (head.height >= 0 and head.width > 0)
