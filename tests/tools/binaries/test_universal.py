"""Two processors' libraries in one file."""

from __future__ import annotations

import struct

import pytest

from tools.binaries.universal import universal

X86_64, ARM64 = 0x01000007, 0x0100000C


def library(processor: int, size: int) -> bytes:
    """The start of a 64-bit Mach-O file, and something behind it."""
    return struct.pack("<Iii", 0xFEEDFACF, processor, 3).ljust(size, bytes([processor & 0xFF]))


def test_each_part_is_found_by_its_processor_at_a_page() -> None:
    parts = [library(X86_64, 5000), library(ARM64, 40001)]
    whole = universal(parts)
    magic, count = struct.unpack_from(">II", whole)
    assert (magic, count) == (0xCAFEBABE, 2)
    for number, part in enumerate(parts):
        processor, subtype, place, size, alignment = struct.unpack_from(">iiIII", whole, 8 + 20 * number)
        assert (processor, subtype) == struct.unpack_from("<ii", part, 4)
        assert place % (1 << alignment) == 0
        assert whole[place : place + size] == part


def test_other_files_do_not_go_in() -> None:
    with pytest.raises(ValueError, match="Mach-O"):
        universal([b"\x7fELF" + bytes(20)])
