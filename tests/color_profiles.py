"""ICC profiles as cameras, screens and paint programs put them into pictures, made by hand."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

_Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

#: XYZ of red, green and blue under D50.
_DISPLAY_P3: Final[_Matrix] = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
_ADOBE_RGB: Final[_Matrix] = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
#: Linear Display P3 to linear sRGB.
_P3_TO_SRGB: Final = np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]])
_ADOBE_TO_SRGB: Final = np.array([[1.3984, -0.3984, 0.0], [0.0, 1.0, 0.0], [0.0, -0.0429, 1.0429]])


def srgb_to_linear(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sRGB curve, which Display P3 has, too."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def as_srgb(linear: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Linear sRGB as bytes, clipped."""
    linear = np.clip(linear, 0.0, 1.0)
    values = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1.0 / 2.4) - 0.055)
    return np.rint(values * 255.0).astype(np.uint8)


def display_p3_as_srgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What Display P3's bytes (..., 3) are in sRGB, by the published matrix."""
    return as_srgb(srgb_to_linear(pixels / 255.0) @ _P3_TO_SRGB.T)


def adobe_rgb_as_srgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What Adobe RGB's bytes (..., 3) are in sRGB, by the published matrix."""
    return as_srgb((pixels / 255.0) ** (563 / 256) @ _ADOBE_TO_SRGB.T)


def display_p3(filler: int = 0) -> bytes:
    """The profile of Apple's screens; with so many bytes that mean nothing."""
    table = np.rint(srgb_to_linear(np.arange(1024) / 1023.0) * 65535.0).astype(">u2")
    return _rgb_profile("Display P3", _DISPLAY_P3, struct.pack(">I", 1024) + table.tobytes(), filler)


def adobe_rgb() -> bytes:
    """The profile of cameras and print shops."""
    return _rgb_profile("Adobe RGB (1998)", _ADOBE_RGB, struct.pack(">IH", 1, 563))


def grey(gamma: float) -> bytes:
    """A profile of grey pictures."""
    curve = struct.pack(">IH", 1, round(gamma * 256))
    return _profile("Grey", b"GRAY", {b"kTRC": b"curv" + bytes(4) + curve})


def _rgb_profile(name: str, primaries: _Matrix, curve: bytes, filler: int = 0) -> bytes:
    tags = {f"{letter}XYZ".encode(): _xyz(column) for letter, column in zip("rgb", primaries, strict=True)}
    tags |= {f"{letter}TRC".encode(): b"curv" + bytes(4) + curve for letter in "rgb"}
    if filler:
        tags[b"fill"] = b"data" + np.random.default_rng(1).bytes(filler)
    return _profile(name, b"RGB ", tags)


def _profile(name: str, space: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = name.encode() + b"\0"
    tags = tags | {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text" + bytes(4) + b"CC0\0",
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
    }
    place = 128 + 4 + 12 * len(tags)
    table, contents = struct.pack(">I", len(tags)), b""
    for tag, content in tags.items():
        table += tag + struct.pack(">II", place + len(contents), len(content))
        contents += content + bytes(-len(content) % 4)
    head = bytearray(128)
    struct.pack_into(">I4sI4s4s4s", head, 0, place + len(contents), b"none", 0x02400000, b"mntr", space, b"XYZ ")
    head[36:40] = b"acsp"
    head[68:80] = _xyz((0.9642, 1.0, 0.8249))[8:]
    return bytes(head) + table + contents


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))
