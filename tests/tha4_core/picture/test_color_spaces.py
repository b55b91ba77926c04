from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tests.color_profiles import adobe_rgb, adobe_rgb_as_srgb, as_srgb, display_p3, display_p3_as_srgb, grey
from tha4_core.picture.color_spaces import MAX_PROFILE_BYTES, ColorError, space_of_png, space_of_profile

_P3_PLACES = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def colors() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (40, 30, 3), dtype=np.uint8)


def gamma(value: float) -> bytes:
    return struct.pack(">I", round(value * 100_000))


def places(*values: float) -> bytes:
    return struct.pack(">8I", *(round(value * 100_000) for value in values))


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize(
    ("profile", "expected"), [(display_p3, display_p3_as_srgb), (adobe_rgb, adobe_rgb_as_srgb)], ids=["P3", "Adobe"]
)
def test_a_profiles_colours_become_the_same_in_srgb(
    profile: Callable[[], bytes], expected: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
) -> None:
    space = space_of_profile(profile())
    converted = np.asarray(space.to_srgb(Image.fromarray(colors())))
    assert np.abs(converted.astype(int) - expected(colors())).max() <= 1
    assert np.abs(converted.astype(int) - colors()).max() > 20
    assert not space.is_srgb


def test_srgb_is_known_as_such() -> None:
    assert space_of_profile(srgb_profile()).is_srgb


def test_a_space_is_named_for_people() -> None:
    assert space_of_profile(display_p3()).name == "the profile 'Display P3'"


def test_a_grey_profile_is_about_grey() -> None:
    space = space_of_profile(grey(1.0))
    assert space.mode == "L"
    assert space.to_srgb(Image.new("L", (1, 1), 55)).getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize("profile", [b"", b"ICC", bytes(200), display_p3()[:300], b"\xff" * 4000])
def test_what_is_no_profile_is_said(profile: bytes) -> None:
    with pytest.raises(ColorError, match="damaged"):
        space_of_profile(profile)


@given(st.integers(0, 500), st.binary(min_size=1, max_size=8))
@example(16, b"\x80")  # the letters of its kind are none
@settings(max_examples=100, deadline=None)
def test_a_damaged_profile_is_a_space_or_an_error(place: int, noise: bytes) -> None:
    profile = adobe_rgb()
    with contextlib.suppress(ColorError):
        space = space_of_profile(profile[:place] + noise + profile[place + len(noise) :])
        space.to_srgb(Image.new(space.mode, (2, 2)))


def test_a_png_says_it_by_a_profile() -> None:
    packed = b"any name\0\0" + zlib.compress(display_p3(2 << 20))
    space = space_of_png({b"iCCP": packed, b"sRGB": b"\0", b"gAMA": gamma(0.1)})
    assert space is not None
    assert space.name == "the profile 'Display P3'"


def test_a_profile_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    with pytest.raises(ColorError, match="larger than 16 MiB"):
        space_of_png({b"iCCP": b"name\0\0" + zlib.compress(bytes(MAX_PROFILE_BYTES * 3))})


def test_a_png_says_it_by_gamma_and_primaries() -> None:
    space = space_of_png({b"gAMA": gamma(0.45455), b"cHRM": places(*_P3_PLACES)})
    assert space is not None
    converted = np.asarray(space.to_srgb(Image.fromarray(colors())))
    assert np.abs(converted.astype(int) - display_p3_as_srgb(colors())).max() <= 1


@pytest.mark.parametrize("value", [1.0, 0.55556])
def test_a_png_says_it_by_a_gamma_alone(value: float) -> None:
    space = space_of_png({b"gAMA": gamma(value)})
    assert space is not None
    converted = np.asarray(space.to_srgb(Image.fromarray(colors())))
    assert np.abs(converted.astype(int) - as_srgb((colors() / 255.0) ** (1.0 / value))).max() <= 1


def test_another_white_stays_white() -> None:
    d50 = (0.3457, 0.3585, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
    space = space_of_png({b"cHRM": places(*d50)})
    assert space is not None
    assert space.to_srgb(Image.new("RGB", (1, 1), "white")).getpixel((0, 0)) == (255, 255, 255)


def test_a_png_says_it_by_numbers_for_video() -> None:
    space = space_of_png({b"cICP": bytes([12, 13, 0, 1]), b"iCCP": b"junk"})
    assert space is not None
    assert space.name == "Display P3"
    converted = np.asarray(space.to_srgb(Image.fromarray(colors())))
    assert np.abs(converted.astype(int) - display_p3_as_srgb(colors())).max() <= 1


@pytest.mark.parametrize(
    "showing",
    [
        {},
        {b"sRGB": b"\0", b"gAMA": gamma(1.0), b"cHRM": places(*_P3_PLACES)},
        {b"gAMA": gamma(0.45455)},
        {b"gAMA": gamma(0.45455), b"cHRM": places(0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)},
        {b"cICP": bytes([1, 13, 0, 1])},
    ],
)
def test_what_means_srgb_is_no_news(showing: dict[bytes, bytes]) -> None:
    assert space_of_png(showing) is None


@pytest.mark.parametrize(
    ("showing", "reason"),
    [
        ({b"gAMA": gamma(0.0)}, "a gamma of 0 cannot be meant"),
        ({b"gAMA": b"1"}, "damaged"),
        ({b"cHRM": bytes(32)}, "no colours"),
        ({b"cHRM": places(*(0.3, 0.3) * 4)}, "on a line"),
        ({b"cICP": bytes([9, 16, 0, 1])}, r"numbers for video \(9, 16, 0, 1\)"),
        ({b"cICP": b""}, "numbers for video"),
        ({b"iCCP": b"no zero"}, "damaged"),
    ],
)
def test_what_cannot_be_used_is_said(showing: dict[bytes, bytes], reason: str) -> None:
    with pytest.raises(ColorError, match=reason):
        space_of_png(showing)
