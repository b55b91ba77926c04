"""A PNG file's parts ("chunks"): what is pixels, what says how to show them, and the rest, which is skipped unread.

A file's metadata may be larger than its picture, packed so that it unpacks to gigabytes, or cut into hundreds of
thousands of parts; none of that is a reason to refuse a picture, or to spend time or memory on it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
#: Parts that are looked at in a file; libpng, which most programs write with, makes one for every 8 KiB of pixels.
MOST_CHUNKS: Final = 1 << 16
#: What a picture cannot be shown without.
_PIXELS: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
#: What says which colours are meant (iCCP, cICP, sRGB, gAMA, cHRM), which way is up, and that the file is animated.
_SHOWING: Final = (b"iCCP", b"cICP", b"sRGB", b"gAMA", b"cHRM", b"eXIf", b"acTL")


class PngError(ValueError):
    """A PNG that cannot be used; the text goes on where a file's name has begun the sentence."""


@dataclass(frozen=True)
class PngFile:
    """width, height: as the file's head has them, unchecked. pixels: a PNG of the same picture with nothing else in
    it. plain: whether the file had nothing else in it, either. showing: the contents of the parts that say how to show
    it, by their names, unchecked."""

    width: int
    height: int
    pixels: bytes
    plain: bool
    showing: Mapping[bytes, bytes]


def split_png(data: bytes, most_chunks: int = MOST_CHUNKS) -> PngFile:
    """Tell apart what a PNG file is made of, without unpacking anything.

    data: begins with SIGNATURE. Raises PngError for a file that is cut short or damaged where it matters, or that has
    more than ``most_chunks`` parts.
    """
    view = memoryview(data)
    kept: dict[bytes, bytes] = {}
    showing: dict[bytes, bytes] = {}
    scans: list[bytes] = []
    place, count, other = len(SIGNATURE), 0, False
    while place < len(data) and b"IEND" not in kept:
        count += 1
        if count > most_chunks:
            raise PngError(f"is cut into more than {most_chunks} parts; save the picture again as a plain PNG.")
        if place + 12 > len(data):
            raise PngError("is damaged (it is cut short); save it again.")
        length, kind = struct.unpack_from(">I4s", data, place)
        start, place = place + 8, place + 12 + length
        if place > len(data):
            raise PngError("is damaged (it is cut short); save it again.")
        if (kind == b"IHDR") != (count == 1) or (count == 1 and length != 13):
            raise PngError("is damaged (it does not begin as a PNG does); save it again.")
        if kind not in _PIXELS and kind not in _SHOWING:
            other = True
            if not kind[0] & 0x20:  # by the format, a part without which the picture would be shown wrongly
                raise PngError(f"has a part {kind!r} that is no part of plain PNG files; save it as a plain PNG.")
            continue
        content = data[start : start + length]
        if zlib.crc32(view[start - 4 : start + length]) != int.from_bytes(data[place - 4 : place], "big"):
            if kind in _PIXELS:
                raise PngError("is damaged (a checksum does not match); save it again.")
            other = True
        elif kind == b"IDAT":
            scans.append(content)
        else:
            (kept if kind in _PIXELS else showing).setdefault(kind, content)
    if not scans:
        raise PngError("is damaged (it has no pixels); save it again.")
    plain = not other and not showing and place == len(data) and b"IEND" in kept
    if not plain or len(scans) > 1:
        kept[b"IDAT"], kept[b"IEND"] = b"".join(scans), b""
        data = SIGNATURE + b"".join(chunk(kind, kept[kind]) for kind in _PIXELS if kind in kept)
    width, height = struct.unpack_from(">II", kept[b"IHDR"])
    return PngFile(width, height, data, plain, showing)


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part as it stands in a file: its length, its name, its content and their checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
