"""The directory of a zip file from strangers: where its members lie, checked before anything is copied or unpacked.

Python's own reader takes a directory of any length apart before it says how long it is, and has many ways to fail.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64: Final = struct.Struct("<4sLQL")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
#: Of a directory, for each member: the entry, a name, and what some programs add.
_MAX_ENTRY: Final = 512
_MAX_COMMENT: Final = 0xFFFF
_ENCRYPTED: Final = 1
_STORED: Final = 0
_DEFLATED: Final = 8


class ZipError(Exception):
    """A zip that is not read; the text is a clause that says why: "it has ..."."""


class DamagedZipError(ZipError):
    """A zip that is damaged or cut short, or no zip at all."""

    def __init__(self) -> None:
        super().__init__("it is damaged or cut short")


@dataclass(frozen=True)
class Member:
    """A file in a zip: ``size`` bytes, packed or not into ``length`` bytes from ``start`` on."""

    name: str
    start: int
    length: int
    size: int
    checksum: int
    packed: bool


def list_members(data: bytes | bytearray | memoryview, limit: int) -> dict[str, Member]:
    """The members of the zip file ``data``, by name, at most ``limit`` of them, none over another's bytes.

    Raises ZipError.
    """
    view = memoryview(data)
    try:
        start, end, count = _directory(view)
        if count > limit or end - start > limit * _MAX_ENTRY:
            raise ZipError(f"it has more than {limit} members")
        members = _members(view, start, end)
    except struct.error:
        raise DamagedZipError from None
    if len(members) != count:
        raise DamagedZipError
    named: dict[str, Member] = {}
    for member in members:
        if member.name in named:
            raise ZipError(f"it has two members named {member.name!r:.100}")
        named[member.name] = member
    return named


def stored_bytes(
    data: bytes | bytearray | memoryview, member: Member, *, may_lack_checksum: bool = False
) -> memoryview:
    """A stored member's bytes, where they lie. may_lack_checksum: 0 stands for none. Raises ZipError."""
    if member.packed:
        raise ZipError(f"its member {member.name!r:.100} is packed, but members must be stored")
    found = memoryview(data)[member.start : member.start + member.length]
    unchecked = may_lack_checksum and member.checksum == 0
    if not unchecked and zlib.crc32(found) != member.checksum:
        raise DamagedZipError
    return found


def unpacked_bytes(data: bytes | bytearray | memoryview, member: Member) -> bytes:
    """A member's bytes, unpacked if need be: ``member.size`` of them, and never more. Raises ZipError."""
    if not member.packed:
        return bytes(stored_bytes(data, member))
    packed = memoryview(data)[member.start : member.start + member.length]
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        # One more, so that a longer one shows.
        found = unpacker.decompress(packed, member.size + 1)
    except zlib.error:
        raise DamagedZipError from None
    if len(found) != member.size or zlib.crc32(found) != member.checksum:
        raise DamagedZipError
    return found


def _directory(view: memoryview) -> tuple[int, int, int]:
    """Where the directory begins and ends, and how many members it has."""
    tail = bytes(view[-(_END.size + _MAX_COMMENT) :])
    place = tail.rfind(b"PK\x05\x06")
    if place < 0:
        raise DamagedZipError
    _, disk, first_disk, _, count, length, start, comment = _END.unpack_from(tail, place)
    if place + _END.size + comment != len(tail) or disk or first_disk:
        raise DamagedZipError
    end = len(view) - len(tail) + place
    locator = end - _LOCATOR_64.size
    # Files of 4 GiB and more have a second, longer end; PyTorch writes one always.
    if locator >= 0 and bytes(view[locator : locator + 4]) == b"PK\x06\x07":
        end = _LOCATOR_64.unpack_from(view, locator)[2]
        if not 0 <= end <= locator - _END_64.size:
            raise DamagedZipError
        mark, *_, count, length, start = _END_64.unpack_from(view, end)
        if mark != b"PK\x06\x06":
            raise DamagedZipError
    if start + length != end:
        raise DamagedZipError
    return start, end, count


def _members(view: memoryview, place: int, end: int) -> list[Member]:
    """The entries of a directory, each with its local header found and nothing of it outside or over another."""
    members: list[Member] = []
    spans: list[tuple[int, int]] = []
    directory = place
    while place < end:
        entry = _ENTRY.unpack_from(view, place)
        mark, _, _, flags, method, _, _, checksum, length, size, name_length, extra, comment, *_, local = entry
        name = bytes(view[place + _ENTRY.size : place + _ENTRY.size + name_length])
        place += _ENTRY.size + name_length + extra + comment
        if mark != b"PK\x01\x02" or place > end or local + _LOCAL.size > directory:
            raise DamagedZipError
        local_mark, *_, local_name, local_extra = _LOCAL.unpack_from(view, local)
        name_place = local + _LOCAL.size
        start = name_place + local_name + local_extra
        # Readers that believe the one name or the other must find the same.
        same = bytes(view[name_place : name_place + local_name]) == name
        if local_mark != b"PK\x03\x04" or not same or start + length > directory:
            raise DamagedZipError
        shown = name.decode("utf-8", "backslashreplace")
        if flags & _ENCRYPTED:
            raise ZipError(f"its member {shown!r:.100} is encrypted (zip it without a password)")
        if method not in (_STORED, _DEFLATED):
            raise ZipError(f"its member {shown!r:.100} is packed in a way that is not read (store it)")
        if method == _STORED and size != length:
            raise DamagedZipError
        members.append(Member(shown, start, length, size, checksum, method == _DEFLATED))
        spans.append((local, start + length))
    spans.sort()
    if any(second < first_end for (_, first_end), (second, _) in pairwise(spans)):
        raise DamagedZipError
    return members
