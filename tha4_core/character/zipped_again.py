"""Character files that another program has zipped again: with compression, in a folder, or whole into another zip.

Readers refuse them, since what is packed can be far larger than its file; ``tools/convert.py`` writes them anew.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

from tha4_core.character.model import CharacterError
from tha4_core.files.reading import shown_size
from tha4_core.files.zip_members import DamagedZipError, Member, ZipError, list_members, unpacked_bytes

#: A real one has 7, and twice that after a Mac has zipped it.
MAX_MEMBERS: Final = 32
_SUFFIX: Final = ".tha4"
_INFO: Final = "character.json"


def is_zipped_again(members: Mapping[str, Member]) -> bool:
    """Whether a zip with these members is a character file that another program wrote, or a zip of one."""
    if _INFO in members:
        return any(member.packed for member in members.values())
    return any(name.endswith((f"/{_INFO}", _SUFFIX)) for name in members)


def store_again(data: bytes, source: str, limit: int) -> bytes:
    """A character file as readers want it, from one that may have been zipped again; others as they are.

    source: names the file in errors. limit: bytes that it may unpack to. Raises CharacterError.
    """
    try:
        members = list_members(data, MAX_MEMBERS)
        if not is_zipped_again(members):
            return data
        whole = [member for member in members.values() if _is_real(member.name) and member.name.endswith(_SUFFIX)]
        if _INFO not in members and len(whole) == 1:
            data = _unpacked(data, whole, source, limit)[0]
            members = list_members(data, MAX_MEMBERS)
            if _INFO not in members:
                raise CharacterError(f"{source} was zipped more than once; unpack it, and convert what is in it.")
        return _stored(data, members, source, limit)
    except ZipError as error:
        raise refused_zip(error, source) from None


def refused_zip(error: ZipError, source: str) -> CharacterError:
    """The sentence for a zip that cannot be read."""
    if isinstance(error, DamagedZipError):
        return CharacterError(f"{source} is not a character file, or is damaged or cut short; copy it again.")
    return CharacterError(f"{source} is not a character file: {error}.")


def _stored(data: bytes, members: Mapping[str, Member], source: str, limit: int) -> bytes:
    folders = [name.removesuffix(_INFO) for name in members if name.endswith(_INFO) and _is_real(name)]
    if len(folders) != 1:
        raise CharacterError(f"{source} holds {len(folders)} characters; unpack it, and zip one of them.")
    named = [member for member in members.values() if member.name.startswith(folders[0]) and member.name[-1] != "/"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for member, content in zip(named, _unpacked(data, named, source, limit), strict=True):
            archive.writestr(zipfile.ZipInfo(member.name.removeprefix(folders[0])), content)
    return buffer.getvalue()


def _unpacked(data: bytes, members: list[Member], source: str, limit: int) -> list[bytes]:
    """The members' bytes. Raises CharacterError before anything is unpacked, if that is too much."""
    if sum(member.size for member in members) > limit:
        raise CharacterError(f"{source} unpacks to more than {shown_size(limit)}; no character does.")
    return [unpacked_bytes(data, member) for member in members]


def _is_real(name: str) -> bool:
    """Whether a member is none of those that a Mac adds beside each."""
    return not name.startswith("__MACOSX/")
