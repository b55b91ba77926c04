"""Snapshots of a training on disk: whole or not at all, checked when read, the last one kept until a new one is whole.

A folder holds ``snapshot.pt`` and the one before it, ``snapshot_before.pt``, each a line with the SHA-256 of what
follows it and then a PyTorch file of plain tensors, numbers, strings, lists and dictionaries; and, for people,
``examples_seen_so_far.txt``.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from pathlib import Path
from typing import Any, Final

import torch

from tha4_core.distill.errors import DistillationError
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_buffer
from tha4_core.files.torch_files import DamagedFileError, ForeignFileError, StoredTensor, parse_torch_file

_NEWEST: Final = "snapshot.pt"
_BEFORE: Final = "snapshot_before.pt"
_EXAMPLES: Final = "examples_seen_so_far.txt"
_MAGIC: Final = b"tha4-snapshot 1 "
#: The magic word, a SHA-256 in hexadecimal digits, and the end of the line.
_HEAD_BYTES: Final = len(_MAGIC) + 64 + 1
#: A real one has 10 MB.
_MAX_BYTES: Final = 1 << 30


def save_snapshot(folder: Path, state: dict[str, Any], examples: int) -> int:
    """Write ``state``; how many bytes that took. A crash or a full disk leaves the snapshots that were there.

    state: tensors in plain containers, as torch saves them. Raises DistillationError when it cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    payload = buffer.getvalue()
    data = _head(payload) + payload
    newest, before = folder / _NEWEST, folder / _BEFORE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if newest.exists():
            # A second name for the same file: at no moment is there no snapshot under the first.
            _link(newest, before)
        write_atomically(newest, data)
        _flush_folder(folder)
        write_atomically(folder / _EXAMPLES, f"{examples}\n".encode())
    except OSError as error:
        raise DistillationError(
            f"a snapshot could not be written to {folder}: {error.strerror}; free some space and start the same"
            " command again, which goes on from the last one."
        ) from None
    return len(data)


def load_snapshot(folder: Path) -> dict[str, Any] | None:
    """The newest whole snapshot of a folder; None when there is none. Raises DistillationError when all are damaged."""
    found = False
    for name in (_NEWEST, _BEFORE):
        path = folder / name
        if not path.exists():
            continue
        found = True
        try:
            state = _parse(read_buffer(path, _MAX_BYTES, "no snapshot is"))
        except FileError as error:
            raise DistillationError(str(error)) from None
        if state is not None:
            return state
    if found:
        raise DistillationError(
            f"the snapshots in {folder} are damaged; delete that folder to begin this network's training again."
        )
    return None


def _parse(data: bytearray) -> dict[str, Any] | None:
    """A snapshot file's content; None when it is not whole."""
    payload = memoryview(data)[_HEAD_BYTES:]
    if data[:_HEAD_BYTES] != _head(payload):
        return None
    try:
        state = parse_torch_file(payload, StoredTensor.to_tensor)
    except (DamagedFileError, ForeignFileError):
        return None
    return state if isinstance(state, dict) else None


def _head(payload: bytes | memoryview) -> bytes:
    return _MAGIC + hashlib.sha256(payload).hexdigest().encode() + b"\n"


def _link(source: Path, target: Path) -> None:
    """``target`` becomes another name of ``source``; a copy where there are no such names."""
    temporary = target.with_name(f".{target.name}.new")
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    try:
        os.link(source, temporary)
    except OSError:
        write_atomically(target, source.read_bytes())
    else:
        temporary.replace(target)


def _flush_folder(folder: Path) -> None:
    """Make new names of files survive a power cut, where a folder can be flushed."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
