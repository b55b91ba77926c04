"""Files of others are read here: regular ones alone, without waiting, bounded, and inside a folder if one is given."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tha4_core.errors import UserError

# A pipe's writer is not waited for, and a terminal does not become ours. Windows opens texts unless told otherwise.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_LONGEST_NAMED: Final = 1000
_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_PAGES: Final = (b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml")


class FileError(UserError):
    """A file that cannot be read; the sentence says which and why."""


def read_file(path: Path, limit: int, advice: str, *, inside: Path | None = None) -> bytes:
    """The bytes of a regular file, at most ``limit`` of them.

    advice: what to say of a longer one ("no file of a character is"). inside: a resolved folder that the file must lie
    in once links are followed. Raises FileError: the file is not there, is none, is too long,
    leads out of the folder, or is what a failed download leaves in its place.
    """
    with _opened(path, inside) as file:
        data = file.read(_room(file, limit))
    _check(data, path, limit, advice)
    return data


def read_buffer(path: Path, limit: int, advice: str) -> bytearray:
    """As :func:`read_file`, for large files: memory that arrays may share and change."""
    with _opened(path, None) as file:
        data = bytearray(_room(file, limit))
        read = file.readinto(data)
    del data[read:]
    _check(data, path, limit, advice)
    return data


def refuse_stand_in(data: bytes | bytearray, source: str) -> None:
    """Raise FileError if ``data`` is what lies in a file's place when it was not really downloaded."""
    start = bytes(data[:200]).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_POINTER):
        raise FileError(
            f"{source} is a Git LFS pointer, not the file itself: download it again (git lfs pull, or from the"
            " repository's web page)."
        )
    if start.startswith(_PAGES):
        raise FileError(
            f"{source} is a web page, such as a site shows in place of a download, not the file itself: download it"
            " again."
        )


@contextlib.contextmanager
def _opened(path: Path, inside: Path | None) -> Iterator[io.BufferedReader]:
    try:
        flags, real = _FLAGS, path
        if inside is not None:
            real = path.resolve()
            if not real.is_relative_to(inside):
                raise FileError(
                    f"{path} leads out of its directory, which no file of it may; put the file itself there."
                )
            # What was followed is what is opened.
            flags |= getattr(os, "O_NOFOLLOW", 0)
        # Opening some devices has effects, so it is asked before; what was opened is asked again.
        _check_regular(real.stat(), path)
        with os.fdopen(os.open(real, flags), "rb") as file:
            _check_regular(os.fstat(file.fileno()), path)
            yield file
    except OSError as error:
        raise FileError(f"{_named(path)} could not be read: {error.strerror or error.errno}.") from None
    except RuntimeError:  # how older Pythons call it
        raise FileError(f"{path} could not be read: its links go round in a circle.") from None
    except ValueError:
        raise FileError(f"{str(path)!r:.200} could not be read: no file has such a name.") from None


def _named(path: Path) -> str:
    """A path for a sentence, whose middle is left out where no system has such a name."""
    text = str(path)
    return text if len(text) <= _LONGEST_NAMED else f"{text[: _LONGEST_NAMED // 2]}...{text[-_LONGEST_NAMED // 4 :]}"


def _room(file: io.BufferedReader, limit: int) -> int:
    """Bytes to make room for: one more than a file may have. Files that a system makes up have no size."""
    return min(os.fstat(file.fileno()).st_size or limit, limit) + 1


def _check_regular(status: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise FileError(f"{path} could not be read: it is a folder, but a file is needed.")
    if not stat.S_ISREG(status.st_mode):
        raise FileError(f"{path} could not be read: it is a pipe, socket or device, but a file is needed.")


def _check(data: bytes | bytearray, path: Path, limit: int, advice: str) -> None:
    if len(data) > limit:
        raise FileError(f"{path} is larger than {shown_size(limit)}; {advice}.")
    refuse_stand_in(data, str(path))


def shown_size(size: int) -> str:
    """A number of bytes as people write it: a limit, so a round one."""
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >> shift:
            return f"{size >> shift} {unit}"
    return f"{size} bytes"


def holds_files(folder: Path, expected: Mapping[str, str], most_bytes: int) -> bool:
    """Whether ``folder`` holds each of the files, by name, byte for byte. expected: their SHA-256, as hexadecimals."""
    try:
        return all(
            hashlib.sha256(read_buffer(folder / name, most_bytes, "")).hexdigest() == sha256
            for name, sha256 in expected.items()
        )
    except FileError:
        return False
