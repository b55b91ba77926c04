"""Which colours a picture file means by its numbers, and the same colours as sRGB.

A file says so by an ICC profile, which any format may hold, or, in a PNG, by cICP, gAMA and cHRM chunks.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tha4_core.picture.color import SRGB_TO_LINEAR, linear_to_srgb

#: The largest profile that is read; those of printing machines have 3 MB at most.
MAX_PROFILE_BYTES: Final = 16 << 20
#: What a profile calls its kind of pixels, and Pillow.
_MODES: Final[Mapping[str, str]] = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
#: Levels of 255 by which "sRGB" of one make may differ from that of another.
_SAME: Final = 2
#: Gammas that PNG files give for sRGB, which is near 1/2.2 and no power at all.
_USUAL_GAMMA: Final = (0.43, 0.48)
#: x and y of white, red, green and blue.
_Primaries = tuple[float, float, float, float, float, float, float, float]
_SRGB: Final[_Primaries] = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
#: What cICP's first number stands for (ITU-T H.273): names and primaries.
_CICP: Final[Mapping[int, tuple[str, _Primaries]]] = {
    1: ("BT.709", _SRGB),
    9: ("BT.2020", (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)),
    12: ("Display P3", (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
}
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
#: Rows that are converted at a time, to bound memory.
_BAND: Final = 256
_LINEAR_STEPS: Final = 1 << 16


class ColorError(ValueError):
    """What says which colours are meant cannot be used; the text is the reason, a clause."""


@dataclass(frozen=True)
class ColorSpace:
    """name: for people. mode: Pillow's name of the pixels that it is about: RGB, L, CMYK or LAB. to_srgb: such a
    picture as one of mode RGB in sRGB; raises ColorError."""

    name: str
    mode: str
    to_srgb: Callable[[Image.Image], Image.Image]

    @property
    def is_srgb(self) -> bool:
        """Whether numbers of the space mean what they mean in sRGB, as nearly as matters."""
        if self.mode not in ("RGB", "L"):
            return False
        probe = _probe(self.mode)
        off = np.abs(np.asarray(self.to_srgb(probe), dtype=np.int16) - np.asarray(probe.convert("RGB"), dtype=np.int16))
        return int(off.max()) <= _SAME


def space_of_profile(profile: bytes) -> ColorSpace:
    """The space that an ICC profile describes. Raises ColorError."""
    if len(profile) > MAX_PROFILE_BYTES:
        raise ColorError(f"it is larger than {MAX_PROFILE_BYTES >> 20} MiB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        kind = source.profile.xcolor_space.strip()
        mode = _MODES.get(kind)
        if mode is None:
            raise ColorError(f"it is for pixels of {kind!r}")
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        name = "".join(letter for letter in ImageCms.getProfileDescription(source) if letter.isprintable()).strip()
    except ImportError:
        raise ColorError("this Pillow was built without LittleCMS") from None
    except (ImageCms.PyCMSError, OSError, TypeError, AttributeError, UnicodeDecodeError):
        raise ColorError("it is damaged") from None

    def to_srgb(picture: Image.Image) -> Image.Image:
        try:
            converted = ImageCms.applyTransform(picture, transform)
        except ImageCms.PyCMSError:
            raise ColorError("it is damaged") from None
        assert converted is not None
        return converted

    return ColorSpace(f"the profile {name[:80]!r}" if name else "its profile", mode, to_srgb)


def space_of_png(showing: Mapping[bytes, bytes]) -> ColorSpace | None:
    """The space that a PNG's chunks describe, the weightiest first; None where they say nothing, or sRGB.

    showing: contents by chunks' names, as of ``PngFile``. Raises ColorError.
    """
    if b"cICP" in showing:
        return _space_of_cicp(showing[b"cICP"])
    if b"iCCP" in showing:
        return space_of_profile(_unpacked_profile(showing[b"iCCP"]))
    if b"sRGB" in showing or not (b"gAMA" in showing or b"cHRM" in showing):
        return None
    names: list[str] = []
    curve, primaries = SRGB_TO_LINEAR, _SRGB
    if b"gAMA" in showing:
        gamma = _numbers(showing[b"gAMA"], 1)[0]
        if not 0.1 <= gamma <= 10.0:
            raise ColorError(f"a gamma of {gamma:g} cannot be meant")
        if not _USUAL_GAMMA[0] <= gamma <= _USUAL_GAMMA[1]:
            curve = np.power(np.arange(256) / 255.0, 1.0 / gamma, dtype=np.float64)
            names.append(f"a gamma of 1/{1.0 / gamma:.3g}")
    if b"cHRM" in showing:
        white_x, white_y, red_x, red_y, green_x, green_y, blue_x, blue_y = _numbers(showing[b"cHRM"], 8)
        primaries = (white_x, white_y, red_x, red_y, green_x, green_y, blue_x, blue_y)
        if max(abs(one - other) for one, other in zip(primaries, _SRGB, strict=True)) > 0.001:
            names.append("primaries of its own")
    return _space_of_primaries(" and ".join(names), curve, primaries) if names else None


def _space_of_cicp(content: bytes) -> ColorSpace | None:
    primaries, transfer, matrix, full_range = content if len(content) == 4 else (0, 0, 0, 0)
    curves = {8: np.arange(256) / 255.0, 13: SRGB_TO_LINEAR}
    if primaries not in _CICP or transfer not in curves or (matrix, full_range) != (0, 1):
        raise ColorError(f"its cICP chunk has numbers for video ({', '.join(str(number) for number in content[:4])})")
    if (primaries, transfer) == (1, 13):
        return None
    name, places = _CICP[primaries]
    return _space_of_primaries(name if transfer == 13 else f"linear {name}", curves[transfer], places)


def _unpacked_profile(content: bytes) -> bytes:
    """The profile in an iCCP chunk: a name, a zero, the way of packing, the packed profile."""
    _, _, packed = content.partition(b"\0")
    try:
        profile = zlib.decompressobj().decompress(packed[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        raise ColorError("it is damaged") from None
    return profile


def _numbers(content: bytes, count: int) -> list[float]:
    """The content of a gAMA or cHRM chunk."""
    if len(content) != 4 * count:
        raise ColorError("its gAMA or cHRM chunk is damaged")
    return [number / 100_000.0 for number in struct.unpack(f">{count}I", content)]


def _space_of_primaries(name: str, curve: NDArray[np.float64], primaries: _Primaries) -> ColorSpace:
    """curve: the linear value of each byte, (256,)."""
    matrix = np.linalg.solve(_to_xyz(_SRGB), _adapted(primaries) @ _to_xyz(primaries))  # (3, 3)
    encoded = np.rint(linear_to_srgb(np.arange(_LINEAR_STEPS) / (_LINEAR_STEPS - 1.0)) * 255.0).astype(np.uint8)

    def to_srgb(picture: Image.Image) -> Image.Image:
        pixels = np.array(picture)  # (h, w, 3)
        for start in range(0, len(pixels), _BAND):
            band = pixels[start : start + _BAND]
            linear = np.clip(curve[band] @ matrix.T, 0.0, 1.0)
            band[...] = encoded[np.rint(linear * (_LINEAR_STEPS - 1.0)).astype(np.intp)]
        return Image.fromarray(pixels)

    return ColorSpace(name, "RGB", to_srgb)


def _to_xyz(primaries: _Primaries) -> NDArray[np.float64]:
    """The matrix from linear red, green, blue to XYZ, (3, 3). Raises ColorError where there is none."""
    white, *columns = (_xyz(primaries[index], primaries[index + 1]) for index in (0, 2, 4, 6))
    matrix = np.stack(columns, axis=1)
    if abs(np.linalg.det(matrix)) < 1e-6:
        raise ColorError("its cHRM chunk's primaries lie on a line")
    return np.asarray(matrix * np.linalg.solve(matrix, white), dtype=np.float64)


def _adapted(primaries: _Primaries) -> NDArray[np.float64]:
    """The matrix that turns XYZ under the primaries' white into XYZ under sRGB's (Bradford), (3, 3)."""
    source, target = (_BRADFORD @ _xyz(white[0], white[1]) for white in (primaries, _SRGB))
    if min(abs(source)) < 1e-6:
        raise ColorError("its cHRM chunk's white is none")
    return np.asarray(np.linalg.solve(_BRADFORD, np.diag(target / source) @ _BRADFORD), dtype=np.float64)


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    """XYZ of a colour of luminance 1."""
    if not (0.0 <= x <= 1.0 and 0.00001 <= y <= 1.0):
        raise ColorError("its cHRM chunk's numbers are no colours")
    return np.array([x / y, 1.0, (1.0 - x - y) / y])


def _probe(mode: str) -> Image.Image:
    """A picture of mode RGB or L with colours from everywhere."""
    if mode == "L":
        return Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    levels = np.linspace(0, 255, 18).astype(np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(18, 324, 3))
