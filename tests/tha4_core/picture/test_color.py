from __future__ import annotations

import contextlib
import io
import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from tests.tha4_core.picture.png_files import packed_profile, packed_text, with_chunks
from tha4_core.picture import color


def png(size: tuple[int, int] = (512, 512), mode: str = "RGBA") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, format="PNG")
    return buffer.getvalue()


@given(arrays(np.uint8, (4, 5, 4)))
@settings(max_examples=50)
def test_opaque_and_transparent_pixels_survive_the_way_to_the_networks_and_back(pixels: np.ndarray) -> None:
    pixels[..., 3] = np.where(pixels[..., 3] > 127, 255, 0)
    seen = pixels * (pixels[..., 3:] > 0)
    np.testing.assert_array_equal(color.to_rgba8_straight(color.to_network(pixels)), seen)


@given(arrays(np.uint8, (4, 5, 4)))
@settings(max_examples=50)
def test_half_transparent_pixels_keep_alpha_and_lose_at_most_what_alpha_amplifies(pixels: np.ndarray) -> None:
    back = color.to_rgba8_straight(color.to_network(pixels))
    np.testing.assert_array_equal(back[..., 3], pixels[..., 3])
    visible = pixels[..., 3] > 0
    assert np.abs(back[visible].astype(int) - pixels[visible]).max(initial=0) <= 1


def test_a_transparent_pixel_is_minus_one_everywhere_whatever_its_hidden_colour() -> None:
    pixels = np.full((1, 1, 4), 200, dtype=np.uint8)
    pixels[..., 3] = 0
    np.testing.assert_array_equal(color.to_network(pixels), np.full((4, 1, 1), -1.0))


def test_mid_grey_is_linear_and_premultiplied() -> None:
    grey = np.array([[[188, 188, 188, 128]]], dtype=np.uint8)
    linear, alpha = ((188 / 255 + 0.055) / 1.055) ** 2.4, 128 / 255
    expected = [2 * linear * alpha - 1] * 3 + [2 * alpha - 1]
    np.testing.assert_allclose(color.to_network(grey)[:, 0, 0], expected, atol=1e-7)


def test_values_outside_the_range_are_clipped() -> None:
    values = np.array([[2.0, -3.0], [2.0, 0.0], [2.0, 0.0], [1.5, -1.2]], dtype=np.float32).reshape(4, 1, 2)
    np.testing.assert_array_equal(color.to_rgba8_straight(values), [[[255, 255, 255, 255], [0, 0, 0, 0]]])


def test_bytes_are_written_into_the_given_array() -> None:
    out = np.full((1, 1, 4), 9, dtype=np.uint8)
    assert color.to_rgba8_straight(np.full((4, 1, 1), -1.0, dtype=np.float32), out) is out
    np.testing.assert_array_equal(out, np.zeros((1, 1, 4)))


def test_a_good_picture_is_decoded() -> None:
    assert color.decode_png(png(), "a.png").shape == (512, 512, 4)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (png((512, 511)), "a.png is 512x511 pixels; a character's picture must be 512x512"),
        (png((20000, 20000), "1"), "a.png is 20000x20000 pixels"),
        (png(mode="LA"), "a.png has its transparency in another form than RGBA"),
        (png(mode="RGB"), "a.png has no alpha channel"),
        (png(mode="P"), "a.png has no alpha channel"),
        (png()[:300], "a.png is damaged"),
        (b"", "a.png is not a PNG file"),
        (b"GIF89a" + bytes(100), "a.png is not a PNG file"),
        (bytes(9 << 20), "a.png is larger than 8 MiB"),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused_with_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(color.PictureError, match=sentence):
        color.decode_png(data, "a.png")


@given(st.binary(max_size=200), st.integers(0, 100))
def test_damaged_bytes_never_raise_anything_else(noise: bytes, place: int) -> None:
    good = png()
    with contextlib.suppress(color.PictureError):
        color.decode_png(good[:place] + noise + good[place + len(noise) :], "a.png")


@pytest.mark.parametrize(
    "more",
    [
        packed_text(bytes(80 << 20)),
        packed_text(bytes(range(256)) * 9000),
        packed_profile(random.Random(1).randbytes(2 << 20)),
    ],
    ids=["80 MB of text", "2 MB of text", "profile"],
)
def test_large_metadata_is_skipped(more: tuple[bytes, bytes]) -> None:
    np.testing.assert_array_equal(color.decode_png(with_chunks(png(), more), "a.png"), color.decode_png(png(), "a.png"))


def test_a_file_of_hundreds_of_thousands_of_parts_costs_next_to_nothing() -> None:
    data = with_chunks(png(), *[(b"teXt", b"")] * 300_000)
    begin = time.process_time()
    with pytest.raises(color.PictureError, match=r"a\.png is cut into more than 8192 parts; save the picture again"):
        color.decode_png(data, "a.png")
    assert time.process_time() - begin < 0.5
