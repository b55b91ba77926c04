from __future__ import annotations

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.color_profiles import adobe_rgb, display_p3, display_p3_as_srgb, grey
from tests.drawings import mannequin
from tests.stand_ins import STAND_INS
from tests.tha4_core.picture.png_files import chunk, packed_profile, packed_text, with_chunks
from tha4_core.drawing.reading import Drawing, read_drawing, read_ready_drawing
from tha4_core.picture.color import PictureError, decode_png
from tha4_core.picture.png import SIGNATURE, split_png


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


def test_a_palette_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("P", (4, 4), 0).save(path)
    data = path.read_bytes()
    start = data.index(b"PLTE") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4], "big")
    path.write_bytes(data[:start] + data[end:])
    with pytest.raises(PictureError, match="the palette is missing"):
        read_drawing(path)


def test_a_photograph_of_a_drawing_is_turned_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (20, 10), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    picture.save(tmp_path / "a.jpg", exif=exif)
    drawing = read_drawing(tmp_path / "a.jpg")
    assert (drawing.width, drawing.height) == (10, 20)


def test_an_absurd_size_is_refused_unread(tmp_path: Path) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 9000, 9000, 8, 6, 0, 0, 0))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    with pytest.raises(PictureError, match="too many pixels"):
        read_drawing(tmp_path / "a.png")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="could not be read"):
        read_drawing(tmp_path / "nothing.png")


@pytest.mark.parametrize("content", STAND_INS)
def test_what_a_failed_download_leaves_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    for reader in (read_drawing, read_ready_drawing):
        with pytest.raises(PictureError, match="not the file itself: download it again"):
            reader(tmp_path / "a.png")


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


def encoded(picture: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format=file_format, **options)
    return buffer.getvalue()


def read(tmp_path: Path, data: bytes) -> Drawing:
    (tmp_path / "a").write_bytes(data)
    return read_drawing(tmp_path / "a")


def subjects(drawing: Drawing) -> list[str]:
    return [remark.subject for remark in drawing.remarks]


@pytest.mark.parametrize(
    "more",
    [packed_text(bytes(range(256)) * 9000), packed_text(bytes(80 << 20)), (b"iTXt", bytes(3 << 20))],
    ids=["2 MB of text", "80 MB of text", "a long text"],
)
def test_what_is_not_pixels_is_skipped(tmp_path: Path, more: tuple[bytes, bytes]) -> None:
    drawing = read(tmp_path, with_chunks(encoded(Image.fromarray(mannequin(64))), more))
    np.testing.assert_array_equal(drawing.pixels, mannequin(64))
    assert not drawing.remarks


@pytest.mark.parametrize("file_format", ["WEBP", "JPEG", "TIFF"])
def test_other_formats_may_have_much_beside_their_pixels_too(tmp_path: Path, file_format: str) -> None:
    picture = Image.new("RGB", (64, 64), (200, 120, 60))
    exif = Image.Exif()
    exif[0x010E] = "words " * 10_000
    options = {"quality": 100} | ({"lossless": True} if file_format == "WEBP" else {})
    data = encoded(picture, file_format, icc_profile=display_p3(2 << 20), exif=exif, **options)
    drawing = read(tmp_path, data)
    expected = display_p3_as_srgb(np.array([200, 120, 60], dtype=np.uint8))
    assert np.abs(drawing.pixels[..., :3].astype(int) - expected).max() <= 2
    assert subjects(drawing) == ["colours"]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_drawing_in_display_p3_is_converted_and_keeps_its_alpha(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(mannequin(64)).convert(mode)
    drawing = read(tmp_path, encoded(picture, icc_profile=display_p3(2 << 20)))
    plain = np.asarray(picture.convert("RGBA"))
    assert np.abs(drawing.pixels[..., :3].astype(int) - display_p3_as_srgb(plain[..., :3])).max() <= 1
    np.testing.assert_array_equal(drawing.pixels[..., 3], plain[..., 3])
    assert [remark.text for remark in drawing.remarks] == [
        "The drawing's colours, of the profile 'Display P3', were converted to sRGB, which games show."
    ]


def test_a_grey_profile_is_applied_to_grey(tmp_path: Path) -> None:
    drawing = read(tmp_path, encoded(Image.new("LA", (4, 4), (55, 99)), icc_profile=grey(1.0)))
    assert drawing.pixels[0, 0].tolist() == [128, 128, 128, 99]


@pytest.mark.parametrize("mode", ["L", "P"])
def test_a_profile_of_colours_is_applied_to_other_kinds_of_pixels(tmp_path: Path, mode: str) -> None:
    drawing = read(tmp_path, encoded(Image.new(mode, (4, 4), 90), icc_profile=display_p3()))
    assert subjects(drawing) == ["colours"]
    assert "were converted" in drawing.remarks[0].text


def test_an_srgb_profile_is_no_news_and_changes_nothing(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    drawing = read(tmp_path, encoded(Image.fromarray(mannequin(64)), icc_profile=profile))
    np.testing.assert_array_equal(drawing.pixels, mannequin(64))
    assert not drawing.remarks


def test_a_gamma_is_applied(tmp_path: Path) -> None:
    data = with_chunks(encoded(Image.new("RGBA", (4, 4), (55, 0, 255, 7))), (b"gAMA", struct.pack(">I", 100_000)))
    drawing = read(tmp_path, data)
    assert drawing.pixels[0, 0].tolist() == [128, 0, 255, 7]
    assert "a gamma of 1/1" in drawing.remarks[0].text


@pytest.mark.parametrize(
    ("profile", "reason"),
    [(b"junk" * 100, "it is damaged"), (grey(1.0), "it is for pixels of mode L, and these are RGBA")],
)
def test_a_profile_that_cannot_be_used_is_said(tmp_path: Path, profile: bytes, reason: str) -> None:
    drawing = read(tmp_path, with_chunks(encoded(Image.fromarray(mannequin(64))), packed_profile(profile)))
    np.testing.assert_array_equal(drawing.pixels, mannequin(64))
    assert reason in drawing.remarks[0].text


def test_colours_for_printing_are_converted_and_said(tmp_path: Path) -> None:
    drawing = read(tmp_path, encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=100))
    assert np.abs(drawing.pixels[0, 0].astype(int) - (255, 0, 0, 255)).max() <= 3
    assert "are for printing" in drawing.remarks[0].text


def test_lab_is_converted(tmp_path: Path) -> None:
    drawing = read(tmp_path, encoded(Image.new("LAB", (8, 8), (255, 128, 128)), "TIFF"))
    assert drawing.pixels.shape == (8, 8, 4)
    assert subjects(drawing) == ["colours"]


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    levels = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    drawing = read(tmp_path, encoded(Image.fromarray(levels)))
    np.testing.assert_array_equal(drawing.pixels[..., 0], np.arange(256, dtype=np.uint8).reshape(16, 16))
    assert drawing.pixels[..., 3].min() == 255


@pytest.mark.parametrize(("kind", "transparent"), [(0, ">H"), (2, ">HHH")])
def test_a_colour_of_sixteen_bits_may_be_the_transparent_one(tmp_path: Path, kind: int, transparent: str) -> None:
    count = len(transparent) - 1
    row = struct.pack(f">{2 * count}H", *[40_000] * count, *[20_000] * count)
    data = (
        SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 16, kind, 0, 0, 0))
        + chunk(b"tRNS", struct.pack(transparent, *[40_000] * count))
        + chunk(b"IDAT", zlib.compress(b"\0" + row))
        + chunk(b"IEND", b"")
    )
    drawing = read(tmp_path, data)
    assert drawing.has_alpha
    assert drawing.pixels[0, :, 3].tolist() == [0, 255]
    assert abs(int(drawing.pixels[0, 1, 0]) - 78) <= 1


def test_of_an_interlaced_png_every_pixel_is_read(tmp_path: Path) -> None:
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    scans = b"".join(
        b"\0" + row.tobytes() for top, left, down, right in passes for row in pixels[top::down, left::right]
    )
    data = (
        SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1))
        + chunk(b"IDAT", zlib.compress(scans))
        + chunk(b"IEND", b"")
    )
    np.testing.assert_array_equal(read(tmp_path, data).pixels[..., 0], pixels)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "JPEG", "TIFF"])
def test_every_format_is_turned_upright(tmp_path: Path, file_format: str) -> None:
    picture = Image.new("RGB", (24, 16), "black")
    picture.paste("white", (0, 0, 8, 8))  # at the top left; shown at the top right
    exif = Image.Exif()
    exif[0x0112] = 6
    drawing = read(tmp_path, encoded(picture, file_format, exif=exif))
    assert (drawing.width, drawing.height) == (16, 24)
    assert drawing.pixels[2, 13, 0] > 200
    assert drawing.pixels[2, 2, 0] < 50


@pytest.mark.parametrize("exif", [b"", b"junk", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\0\x01\x01\x12"])
def test_what_cannot_be_read_of_a_camera_does_not_matter(tmp_path: Path, exif: bytes) -> None:
    drawing = read(tmp_path, with_chunks(encoded(Image.fromarray(mannequin(64))), (b"eXIf", exif)))
    np.testing.assert_array_equal(drawing.pixels, mannequin(64))


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
def test_of_several_pictures_the_first_is_taken_and_said(tmp_path: Path, file_format: str) -> None:
    first, second = (Image.new("RGBA", (8, 8), color) for color in ("red", "blue"))
    options = {"lossless": True} if file_format == "WEBP" else {}
    drawing = read(tmp_path, encoded(first, file_format, save_all=True, append_images=[second], **options))
    assert drawing.pixels[0, 0].tolist() == [255, 0, 0, 255]
    assert drawing.remarks[0].text.startswith("The file holds 2 pictures")


def test_numbers_that_are_no_colours_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="numbers of 32 bits"):
        read(tmp_path, encoded(Image.new("F", (8, 8), 0.5), "TIFF"))


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "JPEG", "TIFF", "BMP"])
def test_a_file_that_is_cut_short_is_said_to_be_damaged(tmp_path: Path, file_format: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), file_format)
    for length in (len(data) // 2, 40):
        with pytest.raises(PictureError, match="is damaged"):
            read(tmp_path, data[:length])


def test_no_picture_at_all_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="is no picture that can be read"):
        read(tmp_path, b"no picture, but words")


_WITH_MUCH_IN_IT = {
    "png": with_chunks(
        encoded(Image.fromarray(mannequin(32))), packed_profile(adobe_rgb()), (b"eXIf", b"II*\0" + bytes(20))
    ),
    "webp": encoded(Image.fromarray(mannequin(32)), "WEBP", icc_profile=adobe_rgb()),
    "jpeg": encoded(Image.fromarray(mannequin(32)).convert("CMYK"), "JPEG", icc_profile=adobe_rgb()),
    "tiff": encoded(Image.fromarray(mannequin(32)), "TIFF", icc_profile=adobe_rgb()),
    "bmp": encoded(Image.fromarray(mannequin(32)), "BMP"),
}


@given(st.sampled_from(sorted(_WITH_MUCH_IN_IT)), st.integers(0, 5000), st.binary(min_size=1, max_size=4))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damaged_file_is_one_sentence_or_a_picture(tmp_path: Path, kind: str, place: int, noise: bytes) -> None:
    data = bytearray(_WITH_MUCH_IN_IT[kind])
    place %= len(data)
    data[place : place + len(noise)] = noise
    with contextlib.suppress(PictureError):
        assert read(tmp_path, bytes(data)).pixels.shape[2] == 4


def test_a_ready_drawing_is_kept_byte_for_byte(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(mannequin()))
    (tmp_path / "a.png").write_bytes(data)
    assert read_ready_drawing(tmp_path / "a.png").png == data


def test_a_character_gets_the_pixels_of_its_drawing_in_srgb_and_nothing_else(tmp_path: Path) -> None:
    data = with_chunks(encoded(Image.fromarray(mannequin())), packed_profile(display_p3()), packed_text(b"my name"))
    (tmp_path / "a.png").write_bytes(data)
    ready = read_ready_drawing(tmp_path / "a.png")
    assert split_png(ready.png).plain
    np.testing.assert_array_equal(decode_png(ready.png, "a.png"), ready.drawing.pixels)
    expected = display_p3_as_srgb(mannequin()[..., :3])
    assert np.abs(ready.drawing.pixels[..., :3].astype(int) - expected).max() <= 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (encoded(Image.new("RGB", (512, 512))), "has no alpha channel"),
        (encoded(Image.new("RGBA", (511, 512))), "is 511x512 pixels"),
        (encoded(Image.new("RGBA", (512, 512)), "WEBP"), "is not a PNG file"),
    ],
)
def test_a_drawing_that_is_not_ready_is_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(PictureError, match=sentence):
        read_ready_drawing(tmp_path / "a.png")
