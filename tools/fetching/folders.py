"""A folder in the user's cache that is filled once: checked, atomically, by one process while others wait."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from tha4_core.errors import UserError
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_buffer
from tha4_core.files.user_cache import CACHE_VARIABLE
from tha4_core.files.writable import existing_folder

#: Longer than a slow connection takes for 55 MB; who waits for another process waits no longer.
_PATIENCE: Final = 1800.0
_TEMPORARY: Final = ".fetching-"
#: Whose the files are, beside them.
NOTICE: Final = "LICENCE.txt"

Say = Callable[[str], None]


class FetchError(UserError):
    """Files that could not be fetched; the sentence says why and what to do."""


@dataclass(frozen=True)
class Kept:
    """A folder of fetched files.

    folder: where they are kept. what: what they are, in a sentence ("the teacher's weights"). is_whole: whether all of
    them are there, byte for byte. space: how many bytes fetching takes at most. notice: whose they are and under which
    licence, for a file beside them.
    """

    folder: Path
    what: str
    is_whole: Callable[[], bool]
    space: int
    notice: str


def fetch_into(kept: Kept, obtain: Callable[[Path], Mapping[str, bytes]], say: Say) -> None:
    """Fill the folder unless it is whole.

    obtain: gives the files' bytes by their names; it may work in the folder that it is given, which goes afterwards.
    Several processes may do this at once: one fetches, the others wait for it. Raises FetchError.
    """
    if kept.is_whole():
        return
    _check_room(kept)
    try:
        kept.folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(kept, say):
            if not kept.is_whole():
                _replace(kept, obtain)
    except OSError as error:
        raise FetchError(
            f"{error.filename or kept.folder} could not be written: {error.strerror}; free some space, or name a folder"
            f" that can be written in the variable {CACHE_VARIABLE}."
        ) from None


def published_bytes(path: Path, most_bytes: int, sha256: str, registry: str) -> bytearray:
    """The bytes of a package's file, which are the published ones. registry: what such packages come from.

    Raises FetchError.
    """
    try:
        data = read_buffer(path, most_bytes, "the package is smaller")
    except FileError as error:
        raise FetchError(str(error)) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FetchError(
            f"{path.name} is not the published file (its SHA-256 differs), and nothing of it was kept: the download is"
            f" damaged, or somebody changed it; try again, or another {registry}."
        )
    return data


def _replace(kept: Kept, obtain: Callable[[Path], Mapping[str, bytes]]) -> None:
    """Put the files where they are kept, all at once, in the place of what may be there. Raises FetchError, OSError."""
    folder = kept.folder
    for left in folder.parent.glob(f"{_TEMPORARY}*"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_TEMPORARY, dir=folder.parent, ignore_cleanup_errors=True) as temporary:
        work = Path(temporary)
        contents = obtain(work)
        made = work / "files"
        made.mkdir()
        for name, data in contents.items():
            write_atomically(made / name, data)
        write_atomically(made / NOTICE, kept.notice.encode())
        if folder.exists():  # damaged, or half of it; a folder cannot be replaced where there is one
            folder.rename(work / "before")
        made.rename(folder)


def _check_room(kept: Kept) -> None:
    try:
        free = shutil.disk_usage(existing_folder(kept.folder)).free
    except OSError:
        return  # writing will tell
    if free < kept.space:
        raise FetchError(
            f"only {free >> 20} MiB are free where {kept.folder} is to be, and fetching needs {kept.space >> 20}; free"
            f" some, or name another folder in the variable {CACHE_VARIABLE}."
        )


@contextmanager
def _alone(kept: Kept, say: Say) -> Iterator[None]:
    """No other process fetches into the same cache meanwhile. Raises FetchError, OSError."""
    folder = kept.folder
    lock = FileLock(folder.with_name(".lock"), mode=0o644)
    try:
        with contextlib.suppress(Timeout):
            lock.acquire(timeout=0)
        if not lock.is_locked:
            say(f"another process is fetching {kept.what}; waiting for it")
            lock.acquire(timeout=_PATIENCE)
    except Timeout:
        raise FetchError(f"another process has been fetching into {folder} for half an hour; end it.") from None
    except NotImplementedError as error:
        raise FetchError(
            f"{folder.parent} cannot be locked ({error}); name a folder on another disk in the variable"
            f" {CACHE_VARIABLE}."
        ) from None
    try:
        yield
    finally:
        lock.release()
