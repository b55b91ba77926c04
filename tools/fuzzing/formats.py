"""Breaking PNGs and zips where it hurts: inside, with lengths and sums that are right again."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from tha4_core.picture.png import SIGNATURE, chunk
from tools.fuzzing.mutation import broken_bytes

_CHUNKS: Final = (
    b"iCCP", b"gAMA", b"cHRM", b"sRGB", b"tRNS", b"PLTE", b"zTXt", b"iTXt", b"tEXt", b"eXIf", b"acTL", b"fcTL", b"fdAT",
    b"IDAT", b"IHDR", b"IEND", b"bKGD", b"pHYs", b"cICP", b"qqQq",
)  # fmt: skip
_MANY: Final = 20_000


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Type and content of each chunk of a well-formed PNG."""
    chunks: list[tuple[bytes, bytes]] = []
    at = len(SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return chunks


def png_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG of these chunks, with the right lengths and sums."""
    return SIGNATURE + b"".join(chunk(kind, content) for kind, content in chunks)


def broken_png(data: bytes, random: Random) -> bytes:
    """A PNG with chunks that are changed, gone, twice there, strange or very many."""
    if random.random() < 0.2:
        return broken_bytes(data, random)
    chunks = png_chunks(data)
    for _ in range(random.randint(1, 3)):
        if not chunks:
            break
        at = random.randrange(len(chunks))
        kind, content = chunks[at]
        match random.randrange(7):
            case 0:
                chunks[at] = (kind, broken_bytes(content, random))
            case 1:
                del chunks[at]
            case 2:
                chunks.insert(random.randrange(len(chunks) + 1), (kind, content))
            case 3:
                chunks.insert(at, (random.choice(_CHUNKS), random.randbytes(random.choice((0, 1, 4, 13, 300)))))
            case 4:
                packed = b"name\0\0" + zlib.compress(bytes(random.choice((10, 1 << 20, 8 << 20))))
                chunks.insert(at, (random.choice((b"iCCP", b"zTXt")), packed))
            case 5 if random.random() < 0.1:
                chunks[at:at] = [(random.choice(_CHUNKS[6:]), b"")] * random.choice((100, _MANY))
            case _:
                pixels = bytearray(
                    zlib.decompress(b"".join(part for name, part in png_chunks(data) if name == b"IDAT"))
                )
                changed = broken_bytes(bytes(pixels[: 1 << 16]), random) + bytes(pixels[1 << 16 :])
                chunks = [chunk for chunk in chunks if chunk[0] != b"IDAT"]
                chunks.insert(max(0, len(chunks) - 1), (b"IDAT", zlib.compress(changed, 1)))
    return png_of(chunks)


def broken_zip(data: bytes, random: Random, breakers: Mapping[str, Callable[[bytes, Random], bytes]]) -> bytes:
    """A zip with members that are changed, gone, packed, renamed, twice there, encrypted or very many.

    breakers: by the end of a member's name, how to change its content; :func:`broken_bytes` for the others.
    """
    if random.random() < 0.2:
        return broken_bytes(data, random)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    stored = [zipfile.ZIP_STORED] * 4
    buffer = io.BytesIO()
    at = random.randrange(len(members))
    name, content = members[at]
    match random.randrange(8):
        case 0:
            del members[at]
        case 1:
            members[at] = (random.choice(("", "../up", "/etc/x", "\\x", "é\u202e", name + "/", name.upper())), content)
        case 2:
            members.extend((f"{random.random()}", b"") for _ in range(random.choice((3, 40, 2000))))
        case 3:
            stored = [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
        case _:
            breaker = next((change for end, change in breakers.items() if name.endswith(end)), broken_bytes)
            members[at] = (name, breaker(content, random))
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, held in members:
            # writestr cuts a name at a NUL, and a ZipInfo's date is fixed: the same seed gives the same bytes.
            archive.writestr(zipfile.ZipInfo(member or "x"), held, compress_type=random.choice(stored))
    broken = bytearray(buffer.getvalue())
    if random.random() < 0.2:  # the directory at the end, of which readers believe much
        start = max(0, broken.rfind(b"PK\x01\x02") - 200)
        broken[start:] = broken_bytes(bytes(broken[start:]), random)
    return bytes(broken)
