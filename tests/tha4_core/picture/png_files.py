"""PNG files put together part by part."""

from __future__ import annotations

import struct
import zlib


def chunk(kind: bytes, content: bytes) -> bytes:
    """One part of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file with more parts, kinds and contents, behind its head."""
    return png[:33] + b"".join(chunk(kind, content) for kind, content in chunks) + png[33:]


def packed_text(content: bytes) -> tuple[bytes, bytes]:
    """A part with packed text."""
    return b"zTXt", b"Comment\0\0" + zlib.compress(content, 9)


def packed_profile(profile: bytes) -> tuple[bytes, bytes]:
    """A part with a colour profile."""
    return b"iCCP", b"profile\0\0" + zlib.compress(profile, 1)
