from __future__ import annotations

import contextlib
import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.tha4_core.picture.png_files import chunk, packed_profile, packed_text, with_chunks
from tha4_core.picture.png import SIGNATURE, PngError, split_png


def png(mode: str = "RGBA", size: tuple[int, int] = (9, 7), **options: object) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 256, (size[1], size[0]), dtype=np.uint8)
    Image.fromarray(noise).convert(mode).save(buffer, format="PNG", **options)
    return buffer.getvalue()


def pixels(data: bytes) -> tuple[str, bytes]:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.mode, picture.tobytes()


def test_a_plain_file_is_kept_byte_for_byte() -> None:
    data = png()
    assert split_png(data).pixels == data
    assert split_png(data).plain
    assert (split_png(data).width, split_png(data).height) == (9, 7)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_what_is_no_pixels_is_left_out_and_the_pixels_stay(mode: str) -> None:
    data = png(mode)
    more = with_chunks(
        data, (b"pHYs", bytes(9)), packed_text(b"words"), packed_profile(bytes(3000)), (b"gAMA", b"1234")
    )
    file = split_png(more)
    assert pixels(file.pixels) == pixels(data)
    assert len(file.pixels) <= len(data)
    assert not file.plain
    assert file.showing == {b"iCCP": packed_profile(bytes(3000))[1], b"gAMA": b"1234"}


def test_a_palettes_transparency_is_pixels() -> None:
    data = png("P", transparency=0)
    file = split_png(with_chunks(data, packed_text(b"words")))
    with Image.open(io.BytesIO(file.pixels)) as kept, Image.open(io.BytesIO(data)) as original:
        assert kept.convert("RGBA").tobytes() == original.convert("RGBA").tobytes()


def test_pixels_in_many_parts_are_joined() -> None:
    data = split_png(png(size=(300, 300))).pixels
    start, end = data.index(b"IDAT") - 4, data.index(b"IEND") - 4
    scans = data[start + 8 : end - 4]
    cut = b"".join(chunk(b"IDAT", scans[place : place + 100]) for place in range(0, len(scans), 100))
    file = split_png(data[:start] + cut + data[end:])
    assert file.pixels == data
    assert file.plain


def test_of_an_animation_the_still_picture_stays() -> None:
    buffer = io.BytesIO()
    first, second = (Image.new("RGBA", (8, 8), color) for color in ("red", "blue"))
    first.save(buffer, format="PNG", save_all=True, append_images=[second])
    file = split_png(buffer.getvalue())
    assert pixels(file.pixels) == pixels(png_of(first))
    assert b"acTL" in file.showing


def png_of(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def test_text_that_unpacks_to_much_is_not_unpacked() -> None:
    more = with_chunks(png(), packed_text(bytes(80 << 20)))
    tracemalloc.start()
    try:
        assert split_png(more).pixels == png()
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_what_follows_the_end_and_a_missing_end_do_not_matter() -> None:
    data = png()
    assert split_png(data + b"a zip file, say").pixels == data
    assert split_png(data[:-12]).pixels == data


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (with_chunks(png(), *[(b"teXt", b"")] * 100), "more than 50 parts"),
        (png()[:60], "cut short"),
        (png()[:-5], "cut short"),
        (SIGNATURE, "has no pixels"),
        (SIGNATURE + chunk(b"IHDR", bytes(13)), "has no pixels"),
        (SIGNATURE + chunk(b"IDAT", b""), "does not begin"),
        (SIGNATURE + chunk(b"IHDR", bytes(12)), "does not begin"),
        (with_chunks(png(), (b"IHDR", bytes(13))), "does not begin"),
        (png().replace(b"IDATx", b"IDATy"), "a checksum does not match"),
        (SIGNATURE + chunk(b"CgBI", bytes(4)) + png()[8:], "does not begin"),
        (with_chunks(png(), (b"CgBI", bytes(4))), "b'CgBI' that is no part of plain PNG"),
    ],
)
def test_what_cannot_be_used_is_said(data: bytes, sentence: str) -> None:
    with pytest.raises(PngError, match=sentence):
        split_png(data, most_chunks=50)


def test_a_damaged_part_that_is_no_pixels_is_left_out() -> None:
    more = bytearray(with_chunks(png(), (b"gAMA", b"1234")))
    more[more.index(b"1234")] ^= 1
    assert split_png(bytes(more)).pixels == png()
    assert not split_png(bytes(more)).showing


@given(st.integers(0, 400), st.binary(max_size=40))
@settings(max_examples=200)
def test_any_bytes_are_a_file_or_an_error(place: int, noise: bytes) -> None:
    data = png("P", transparency=0)
    with contextlib.suppress(PngError):
        split_png(SIGNATURE + (data[:place] + noise + data[place + len(noise) :])[8:])
