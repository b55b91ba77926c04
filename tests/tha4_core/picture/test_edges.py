"""Pictures for games: no dark rim where a filter mixes visible pixels with transparent ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from tha4_core.character import Character
from tha4_core.engines import create_engine
from tha4_core.picture.edges import _fill_edges, fill_edges
from tha4_core.pose import neutral_pose


def drawn_larger(pixels: np.ndarray, times: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Colours and alphas as a graphics card interpolates them, each channel by itself, float64."""
    size = (pixels.shape[1] * times, pixels.shape[0] * times)
    bands = [Image.fromarray(pixels[..., c]).resize(size, Image.Resampling.BILINEAR) for c in range(4)]
    large = np.stack([np.asarray(band, dtype=np.float64) for band in bands], axis=-1)
    return large[..., :3], large[..., 3]


def test_a_light_disc_on_white_gets_no_dark_rim() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    y, x = np.mgrid[:64, :64]
    pixels[(x - 32) ** 2 + (y - 32) ** 2 < 400] = (250, 240, 230, 255)

    def darkest() -> float:
        colour, alpha = drawn_larger(pixels)
        on_white = (colour * alpha[..., None] + 255 * (255 - alpha[..., None])) / 255
        return float(on_white.min())

    assert darkest() < 200
    fill_edges(pixels)
    assert darkest() > 225


def test_a_characters_edges_have_the_colours_beside_them(character: Character) -> None:
    pixels = create_engine(character).render(neutral_pose())
    before = pixels.copy()
    fill_edges(pixels)
    np.testing.assert_array_equal(pixels[..., 3], before[..., 3])
    np.testing.assert_array_equal(pixels[before[..., 3] >= 16], before[before[..., 3] >= 16])
    changed = (pixels != before).any(axis=-1)
    assert changed.any()
    assert pixels[changed][:, :3].max(axis=1).min() > 0


@settings(deadline=None)
@given(
    pixels=arrays(
        np.uint8,
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4)),
        elements=st.sampled_from((0, 1, 15, 16, 200, 255)),
    )
)
def test_both_ways_of_filling_are_the_same(pixels: np.ndarray) -> None:
    pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")
    one, other = pixels.copy(), pixels.copy()
    fill_edges(one)
    _fill_edges(other)
    np.testing.assert_array_equal(one, other)


def test_what_is_far_from_everything_stays_empty() -> None:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[0, 0] = (9, 8, 7, 255)
    fill_edges(pixels)
    assert not pixels[2:].any()
    assert not pixels[:, 2:].any()
    assert tuple(pixels[1, 1]) == (9, 8, 7, 0)
