"""Writes a site as a folder that any static host serves."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tha4_core.errors import UserError
from tha4_core.files.writable import check_writable
from tools.serving.site import Content, content_bytes

#: Lies in each folder that is written here, so that no other is ever replaced.
MARK: Final = ".anime-character-site"


class FolderError(UserError):
    """A folder that cannot be written, or is not ours to replace."""


@dataclass(frozen=True)
class Written:
    """What was written, in bytes. pages: all but characters and whatever lies in a folder named ``models``."""

    files: int
    size: int
    pages: int


def write_site(files: Mapping[str, Content], target: Path) -> Written:
    """Write the folder ``target``, whole or not at all; one that this wrote before is replaced. Raises FolderError."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise FolderError(f"{target} is no folder; give another place.")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise FolderError(f"{target} holds other files; give the name of a new folder.")
    try:
        check_writable(target / MARK)
        return _write(files, target)
    except OSError as error:
        raise FolderError(f"{target} could not be written: {error.strerror or error}.") from None


def _write(files: Mapping[str, Content], target: Path) -> Written:
    target.parent.mkdir(parents=True, exist_ok=True)
    size = pages = 0
    # Beside the target: only within one file system is renaming one step.
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as beside:
        new, old = Path(beside) / "new", Path(beside) / "old"
        new.mkdir()
        (new / MARK).touch()
        # GitHub Pages would leave out some names otherwise.
        (new / ".nojekyll").touch()
        for address, content in files.items():
            path = new / address
            path.parent.mkdir(parents=True, exist_ok=True)
            data = content_bytes(content)
            path.write_bytes(data)
            size += len(data)
            pages += 0 if path.suffix == ".tha4" or "models" in Path(address).parts else len(data)
        if target.is_dir():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if old.is_dir():
                old.rename(target)
            raise
    return Written(len(files), size, pages)
