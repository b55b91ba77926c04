"""Reading any drawing that an artist may bring: its pixels, upright and in sRGB, and what is to be said of them."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tha4_core.files.reading import FileError, read_file
from tha4_core.picture.color import PictureError, decode_png, encode_png
from tha4_core.picture.color_spaces import ColorError, ColorSpace, space_of_png, space_of_profile
from tha4_core.picture.png import SIGNATURE, PngError, PngFile, split_png

#: Width times height of the largest drawing that is read, in pixels.
MAX_PIXELS: Final = 64_000_000
#: The largest file that is read, in bytes.
MAX_FILE_BYTES: Final = 256 << 20
_FORMATS: Final = ("WEBP", "JPEG", "BMP", "TIFF")
#: How files of these formats begin.
_BEGINNINGS: Final = (b"RIFF", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")
_ORIENTATION: Final = 0x0112
_UPRIGHT: Final[Mapping[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_CONVERT: Final = "If they look wrong, convert the drawing to sRGB in a paint program, and save it again."
_GREY: Final = ("1", "L", "LA")
#: What Pillow and its parts raise for damaged pictures.
_DAMAGE: Final = (OSError, SyntaxError, ValueError, struct.error, KeyError, IndexError, TypeError, OverflowError)


class Remark(NamedTuple):
    """Something about how a drawing was read that its artist should know. subject: a word; text, advice: sentences."""

    subject: str
    text: str
    advice: str


@dataclass(frozen=True, eq=False)
class Drawing:
    """A drawing as it came.

    pixels: straight-alpha sRGB uint8 (h, w, 4), opaque where the file has no alpha. has_alpha: whether the file has
    any. mode: Pillow's name of how the file holds its pixels, as "RGBA" or "P". file_format: as "PNG". remarks: what
    was converted or left out.
    """

    pixels: NDArray[np.uint8]
    has_alpha: bool
    mode: str
    file_format: str
    remarks: tuple[Remark, ...] = ()

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


class ReadyDrawing(NamedTuple):
    """A drawing that can be a character's picture as it is, and the PNG for the character: pixels, nothing else."""

    drawing: Drawing
    png: bytes


def read_drawing(path: Path) -> Drawing:
    """A picture file of any usual kind and size. Raises PictureError."""
    return _parsed(_bytes_of(path), str(path))


def read_ready_drawing(path: Path) -> ReadyDrawing:
    """A drawing in the one form that characters have, a PNG of 512x512 RGBA. Raises PictureError for any other."""
    data = _bytes_of(path)
    if not data.startswith(SIGNATURE):
        raise PictureError(f"{path} is not a PNG file; save the picture as a 512x512 PNG with alpha.")
    file = _split(data, str(path))
    png = data if file.plain else file.pixels
    plain = decode_png(png, str(path))
    drawing = _parsed(data, str(path))
    return ReadyDrawing(drawing, png if np.array_equal(plain, drawing.pixels) else encode_png(drawing.pixels))


def _bytes_of(path: Path) -> bytes:
    try:
        return read_file(path, MAX_FILE_BYTES, "save the picture smaller")
    except FileError as error:
        raise PictureError(str(error)) from None


def _split(data: bytes, source: str) -> PngFile:
    try:
        return split_png(data)
    except PngError as error:
        raise PictureError(f"{source} {error}") from None


def _parsed(data: bytes, source: str) -> Drawing:
    """The drawing in a file's bytes. Raises PictureError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large sizes, which are refused, and of damage beside pixels
        return _read(data, source)


def _read(data: bytes, source: str) -> Drawing:
    png = _split(data, source) if data.startswith(SIGNATURE) else None
    picture = _opened(data if png is None else png.pixels, source, ("PNG",) if png else _FORMATS)
    if picture.mode == "P" and picture.palette is None:
        raise PictureError(f"{source} is damaged (its colours are not in it: the palette is missing); save it again.")
    mode, file_format, has_alpha = picture.mode, picture.format or "", picture.has_transparency_data
    if mode == "F" or (mode == "I" and png is None):
        raise PictureError(f"{source} has numbers of 32 bits for its pixels; save it with 8 bits, as a PNG.")
    remarks: list[Remark] = []
    try:
        pictures = _count_of_pictures(picture, png)
        picture.load()
        pixels = _in_srgb(picture, png, remarks)
        orientation = _orientation(picture, png)
    except _DAMAGE as error:
        raise PictureError(f"{source} is damaged ({error}); save it again.") from None
    if orientation is not None and orientation in _UPRIGHT:
        pixels = np.array(Image.fromarray(pixels).transpose(_UPRIGHT[orientation]))
    if pictures > 1:
        text = f"The file holds {pictures} pictures, an animation or pages; the first is taken, the others are not."
        remarks.append(Remark("pictures", text, "Save the one that is meant as a PNG of its own if it is another."))
    return Drawing(pixels, has_alpha, mode, file_format, tuple(remarks))


def _opened(data: bytes, source: str, formats: tuple[str, ...]) -> Image.Image:
    """A picture whose head was read, of a size that can be. Raises PictureError."""
    too_large = f"{source} has too many pixels; save it with at most {MAX_PIXELS // 1_000_000} million."
    try:
        picture = Image.open(io.BytesIO(data), formats=formats)
    except Image.DecompressionBombError:
        raise PictureError(too_large) from None
    except _DAMAGE:
        if data.startswith((SIGNATURE, *_BEGINNINGS)):
            raise PictureError(f"{source} is damaged or cut short; save it again, as a PNG.") from None
        raise PictureError(f"{source} is no picture that can be read; save it as a PNG with transparency.") from None
    # The size stands in the file's head: an absurd one is refused before anything is decoded.
    if picture.width * picture.height > MAX_PIXELS:
        raise PictureError(too_large)
    return picture


def _count_of_pictures(picture: Image.Image, png: PngFile | None) -> int:
    if png is None:
        return int(getattr(picture, "n_frames", 1))
    animation = png.showing.get(b"acTL", b"")
    return int.from_bytes(animation[:4], "big") if len(animation) == 8 else 1


def _orientation(picture: Image.Image, png: PngFile | None) -> int | None:
    """How a camera was held, by the file's EXIF; None where it does not say so, in any way that can be read."""
    exif = Image.Exif()
    try:
        if png is None:
            exif = picture.getexif()
        elif b"eXIf" in png.showing:
            exif.load(png.showing[b"eXIf"])
        value = exif.get(_ORIENTATION)
    except _DAMAGE:
        return None
    return value if type(value) is int else None


def _in_srgb(picture: Image.Image, png: PngFile | None, remarks: list[Remark]) -> NDArray[np.uint8]:
    """Straight-alpha sRGB bytes (h, w, 4) of a loaded picture; what was done to its colours goes to ``remarks``."""
    if picture.mode == "I" or picture.mode.startswith("I;16"):
        picture = _with_8_bits(picture)
    if png is not None and picture.mode == "RGB" and png.pixels[24] == 16 and "transparency" in picture.info:
        # Pillow halves the pixels' bits, and not those of the colour that is transparent.
        picture.info["transparency"] = tuple(level >> 8 for level in picture.info["transparency"])
    printing = picture.mode in ("CMYK", "LAB")
    straight = None if printing else picture.convert("RGBA")
    color: Image.Image | None = None
    text = "The drawing's colours are for printing, and no profile says which; they were guessed." if printing else ""
    try:
        space = _space(picture, png)
        if space is not None and (printing or not space.is_srgb):
            color = space.to_srgb(_for_space(picture, straight, space))
            text = f"The drawing's colours, of {space.name}, were converted to sRGB, which games show."
    except ColorError as error:
        text = f"What says which colours the drawing has cannot be used ({error}); they were taken as sRGB."
    if text:
        remarks.append(Remark("colours", text, _CONVERT))
    if straight is None and color is None:
        color = picture.convert("RGB")
    if color is not None:
        alpha = straight.getchannel("A") if straight is not None else Image.new("L", picture.size, 255)
        straight = Image.merge("RGBA", (*color.split(), alpha))
    return np.array(straight, dtype=np.uint8)


def _space(picture: Image.Image, png: PngFile | None) -> ColorSpace | None:
    """What the file says of its colours. Raises ColorError."""
    if png is not None:
        return space_of_png(png.showing)
    profile = picture.info.get("icc_profile")
    if profile:
        return space_of_profile(profile)
    if picture.mode == "LAB":
        return space_of_profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())
    return None


def _for_space(picture: Image.Image, straight: Image.Image | None, space: ColorSpace) -> Image.Image:
    """The colours of a picture as a space takes them. Raises ColorError when it is for other kinds of pixels."""
    if straight is None and space.mode == picture.mode:
        return picture
    if straight is not None and (space.mode == "RGB" or (space.mode == "L" and picture.mode in _GREY)):
        return straight.convert(space.mode)
    raise ColorError(f"it is for pixels of mode {space.mode}, and these are {picture.mode}")


def _with_8_bits(picture: Image.Image) -> Image.Image:
    """A grey picture of 16 bits with 8 of them, and alpha."""
    levels = np.asarray(picture).astype(np.int64)  # (h, w)
    alpha = np.where(levels == picture.info.get("transparency", -1), 0, 255)
    grey = np.clip(np.rint(levels / 257.0), 0, 255)
    return Image.fromarray(np.stack((grey, alpha), axis=-1).astype(np.uint8))
