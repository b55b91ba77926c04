"""The folder in which a distillation keeps what it needs to go on after an interruption."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tha4_core.distill.config import Config, changed, to_document
from tha4_core.distill.errors import DistillationError
from tha4_core.files.atomic import write_atomically

SETTINGS: Final = "distillation.json"
FACE: Final = "face_morpher"
BODY: Final = "body_morpher"
CHARACTER: Final = "character_model"
REPORT: Final = "report.html"
MASK: Final = "face_mask_found.png"
_LOCK: Final = ".lock"
#: Settings that decide what a training computes: they stay when it goes on.
_COMPARED: Final = (
    "preset",
    "face_examples",
    "body_examples",
    "resolution",
    "body_sees_face",
    "face_morpher_random_seed_0",
    "face_morpher_batch_size",
    "body_morpher_random_seed_0",
    "body_morpher_batch_size",
)
#: Snapshots, twice over, the character and the report.
_SPACE_NEEDED: Final = 512 << 20


def open_run_directory(config: Config, subject: dict[str, str]) -> Path:
    """The folder of ``config``, made if it lacks, its settings noted in it or, if they are there, compared.

    subject: what is distilled, by names for people: digests of the drawing, the mask, the teacher. A training that
    was begun with other settings is not gone on with. Raises DistillationError; also when the disk is nearly full.
    """
    folder = config.run_directory
    settings = to_document(config)
    document = {**{name: settings[name] for name in _COMPARED}, **subject}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < _SPACE_NEEDED:
            raise DistillationError(
                f"only {free >> 20} MiB are free where {folder} is, and a distillation needs {_SPACE_NEEDED >> 20};"
                " free some, or give another output."
            )
        noted = _noted(folder)
        if noted is None:
            content = {"compared": document, "config": settings}
            write_atomically(folder / SETTINGS, (json.dumps(content, indent=2) + "\n").encode())
            return folder
    except OSError as error:
        raise DistillationError(f"{folder} could not be written: {error.strerror}; give another output.") from None
    for name, value in document.items():
        before = noted["compared"].get(name)
        if before != value:
            raise DistillationError(
                f"{folder} holds a training with another {name} ({before!r:.60}, now {value!r:.60}); give another"
                " output, or delete that folder to begin again."
            )
    return folder


def config_of(folder: Path) -> Config:
    """The settings with which a folder's training was begun. Raises DistillationError."""
    noted = _noted(folder)
    if noted is None:
        raise DistillationError(f"{folder} holds no training; begin one with distill.py IMAGE -o NAME.tha4.")
    return changed(Config(), noted["config"], str(folder / SETTINGS))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """No other process trains in ``folder`` meanwhile. Raises DistillationError when one does."""
    try:
        import fcntl
    except ModuleNotFoundError:  # not on Windows
        yield
        return
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        with contextlib.ExitStack() as stack:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise DistillationError(
                    f"another process is training in {folder}; wait for it, or give another output."
                ) from None
            stack.callback(fcntl.flock, descriptor, fcntl.LOCK_UN)
            yield
    finally:
        os.close(descriptor)


def save_mask(folder: Path, mask: Tensor) -> None:
    """Keep a found mask (128, 128) in [0, 1] as a grey picture that people can look at. Raises DistillationError."""
    buffer = io.BytesIO()
    Image.fromarray(np.rint(mask.numpy() * 255.0).astype(np.uint8)).save(buffer, format="PNG")
    try:
        write_atomically(folder / MASK, buffer.getvalue())
    except OSError as error:
        raise DistillationError(f"{folder / MASK} could not be written: {error.strerror}.") from None


def load_mask(folder: Path) -> Tensor | None:
    """What :func:`save_mask` kept, in steps of 1/255; None if nothing usable is there."""
    try:
        with Image.open(folder / MASK, formats=("PNG",)) as picture:
            pixels = np.array(picture.convert("L"))
    except (OSError, SyntaxError, ValueError):
        return None
    return torch.from_numpy(pixels / np.float32(255.0)) if pixels.shape == (128, 128) else None


def _noted(folder: Path) -> dict[str, Any] | None:
    """What was noted when the training began."""
    path = folder / SETTINGS
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not all(isinstance(document.get(key), dict) for key in ("compared", "config")):
        raise DistillationError(f"{path} is damaged; delete {folder} to begin again.")
    return document
