"""Whether a file can be written, looked at before hours are spent on what would go into it."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def check_writable(path: Path) -> None:
    """Find out, without writing anything, whether ``path`` can be made a file, its folders being made where they lack.

    Raises OSError, as writing it would: for a folder of that name, for one above it that is a file or where nothing
    may be written. A disk that fills up later is not foreseen.
    """
    if path.is_dir():
        raise _error(errno.EISDIR, path)
    folder = existing_folder(path)
    if not folder.is_dir():
        raise _error(errno.ENOTDIR, folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _error(errno.EACCES, folder)


def existing_folder(path: Path) -> Path:
    """What there is already of the folders in which ``path`` lies. Raises OSError."""
    # A link that leads nowhere is there, too, and in the way.
    return next(folder for folder in path.absolute().parents if os.path.lexists(folder))


def _error(number: int, path: Path) -> OSError:
    return OSError(number, os.strerror(number), str(path))
