from __future__ import annotations

import contextlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.drawings import mannequin
from tha4_core.drawing.reading import read_drawing
from tha4_core.picture.color import PictureError


def test_a_png_is_read_as_it_is(tmp_path: Path) -> None:
    Image.fromarray(mannequin(100)).save(tmp_path / "a.png")
    drawing = read_drawing(tmp_path / "a.png")
    np.testing.assert_array_equal(drawing.pixels, mannequin(100))
    assert (drawing.has_alpha, drawing.mode, drawing.file_format) == (True, "RGBA", "PNG")
    assert (drawing.width, drawing.height) == (100, 100)


@pytest.mark.parametrize(
    ("mode", "name", "has_alpha"),
    [
        ("RGB", "a.jpg", False),
        ("L", "a.png", False),
        ("LA", "a.png", True),
        ("RGBA", "a.webp", True),
    ],
)
def test_other_kinds_of_pictures_are_read_too(tmp_path: Path, mode: str, name: str, has_alpha: bool) -> None:
    Image.fromarray(mannequin(64)).convert(mode).save(tmp_path / name)
    drawing = read_drawing(tmp_path / name)
    assert drawing.pixels.shape == (64, 64, 4)
    assert drawing.has_alpha == has_alpha


def test_a_palette_with_transparency_keeps_it(tmp_path: Path) -> None:
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putpixel((1, 0), 1)
    picture.save(tmp_path / "a.png", transparency=0)
    drawing = read_drawing(tmp_path / "a.png")
    assert drawing.has_alpha
    assert [int(alpha) for alpha in drawing.pixels[0, :2, 3]] == [0, 255]


def test_a_photograph_of_a_drawing_is_turned_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (20, 10), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    picture.save(tmp_path / "a.jpg", exif=exif)
    drawing = read_drawing(tmp_path / "a.jpg")
    assert (drawing.width, drawing.height) == (10, 20)


def test_an_absurd_size_is_refused_unread(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 9000, 9000, 8, 6, 0, 0, 0))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    with pytest.raises(PictureError, match="too many pixels"):
        read_drawing(tmp_path / "a.png")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="could not be read"):
        read_drawing(tmp_path / "nothing.png")


@given(st.integers(0, 2000), st.integers(0, 255), st.integers(1, 2000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_one_sentence_or_a_picture(tmp_path: Path, place: int, value: int, length: int) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(mannequin(32)).save(path)
    data = bytearray(path.read_bytes())
    data[place % len(data)] = value
    path.write_bytes(bytes(data[: max(length, 1)]))
    with contextlib.suppress(PictureError):
        assert read_drawing(path).pixels.shape[2] == 4
