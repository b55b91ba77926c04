"""Several processors' Mach-O files in one, as macOS loads them: a table of what begins where, then the files."""

from __future__ import annotations

import struct
from typing import Final

_FAT_MAGIC: Final = 0xCAFEBABE
_MACHO_64: Final = 0xFEEDFACF
#: Files begin at multiples of 2 ** 14 bytes, a page of Apple's processors.
_ALIGNMENT_BITS: Final = 14


def universal(files: list[bytes]) -> bytes:
    """64-bit Mach-O files, each for another processor, as one file. Raises ValueError for anything else."""
    table = struct.pack(">II", _FAT_MAGIC, len(files))
    place = 0
    body = b""
    head_size = len(table) + len(files) * struct.calcsize(">iiIII")
    for content in files:
        magic, processor, subtype = struct.unpack_from("<Iii", content)
        if magic != _MACHO_64:
            raise ValueError("only 64-bit Mach-O files go into a universal one")
        place = _aligned(head_size + len(body))
        body = body.ljust(place - head_size, b"\0") + content
        table += struct.pack(">iiIII", processor, subtype, place, len(content), _ALIGNMENT_BITS)
    return table + body


def _aligned(size: int) -> int:
    unit = 1 << _ALIGNMENT_BITS
    return (size + unit - 1) // unit * unit
