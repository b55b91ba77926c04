"""The folder in which a distillation keeps what it needs to go on after an interruption."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from filelock import FileLock, Timeout
from PIL import Image
from torch import Tensor

from tha4_core.character.single_file import SUFFIX
from tha4_core.distill import noted_paths
from tha4_core.distill.config import Config, changed, to_document
from tha4_core.distill.errors import DistillationError, not_written
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_file
from tha4_core.files.writable import check_writable, existing_folder

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
    "networks",
    "face_examples",
    "body_examples",
    "resolution",
    "body_sees_face",
    "face_morpher_random_seed_0",
    "face_morpher_batch_size",
    "body_morpher_random_seed_0",
    "body_morpher_batch_size",
)
_DEFAULTS: Final = to_document(Config())
_MAX_NOTES_BYTES: Final = 1 << 20
#: Snapshots, twice over, the character and the report.
_SPACE_NEEDED: Final = 512 << 20


def open_run_directory(config: Config, subject: Mapping[str, str]) -> Path:
    """The folder of ``config``, made if it lacks, its settings noted in it or, if they are there, compared.

    subject: what is distilled, by names for people: digests of the drawing, the mask, the teacher. A training that
    was begun with other settings is not gone on with. Raises DistillationError; also when the disk is nearly full.
    """
    folder = config.run_directory
    settings = to_document(config)
    document = _compared(config, subject)
    _check_room(folder, config.target)
    fresh = [place for place in (folder, *folder.absolute().parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        noted = _noted(folder)
        if noted is None:
            absolute, beside = noted_paths.noted(settings, folder)
            content = {"compared": document, "config": absolute, "beside": beside}
            write_atomically(folder / SETTINGS, (json.dumps(content, indent=2) + "\n").encode())
            return folder
    except OSError as error:
        with contextlib.suppress(OSError):
            for place in fresh:
                place.rmdir()
        raise DistillationError(f"{folder} could not be written: {error.strerror}; give another output.") from None
    check_same(config, subject)
    return folder


def check_same(config: Config, subject: Mapping[str, str]) -> None:
    """Raise DistillationError when the folder of ``config`` holds a training of something else, or none."""
    folder = config.run_directory
    noted = _noted(folder)
    if noted is None:
        raise _no_training(folder)
    for name, value in _compared(config, subject).items():
        # What was not noted was not to be chosen yet.
        before = noted["compared"].get(name, _DEFAULTS.get(name))
        if before != value:
            raise DistillationError(
                f"{folder} holds a training with another {name} ({before!r:.60}, now {value!r:.60}); give another"
                " output, or delete that folder to begin again."
            )


def _compared(config: Config, subject: Mapping[str, str]) -> dict[str, Any]:
    """What may not change when a training goes on."""
    settings = to_document(config)
    return {**{name: settings[name] for name in _COMPARED}, **subject}


def _no_training(folder: Path) -> DistillationError:
    return DistillationError(f"{folder} holds no training; begin one with distill.py IMAGE -o NAME.tha4.")


def _check_room(folder: Path, target: Path) -> None:
    """Raise DistillationError where a training could not keep what it learns, or could not write the character."""
    try:
        for path in (folder / SETTINGS, target):
            check_writable(path)
        free = shutil.disk_usage(existing_folder(folder / SETTINGS)).free
    except OSError as error:
        raise DistillationError(
            f"{error.filename or folder} cannot be written to: {error.strerror}; give another output."
        ) from None
    if free < _SPACE_NEEDED:
        raise DistillationError(
            f"only {free >> 20} MiB are free where {folder} is to be, and a distillation needs {_SPACE_NEEDED >> 20};"
            " free some, or give another output."
        )


def config_of(folder: Path) -> Config:
    """The settings with which a folder's training was begun, for the folder as it lies now.

    It is its ``prefix``, so that this folder is gone on with, also when it was moved or copied; inputs are looked for
    beside it first. Raises DistillationError.
    """
    noted = _noted(folder)
    if noted is None:
        raise _no_training(folder)
    beside = noted.get("beside", {})
    if not isinstance(beside, dict) or not all(isinstance(path, str) for path in beside.values()):
        raise _damaged(folder)
    return changed(Config(), noted_paths.found(noted["config"], beside, folder), str(folder / SETTINGS))


def character_in(folder: Path) -> Path | None:
    """The character that a finished distillation left in its folder, if there is one."""
    official, single = folder / CHARACTER, folder / f"{CHARACTER}{SUFFIX}"
    if official.is_dir():
        return official
    return single if single.is_file() else None


def check_inputs(config: Config) -> None:
    """Raise DistillationError when something that a training was begun with is not there any more."""
    gone = noted_paths.missing(to_document(config))
    if gone is not None:
        raise DistillationError(
            f"{config.run_directory} was begun with {gone[1]} ({gone[0]}), which is not there; put it back, or beside"
            f" the folder, or name all anew: distill.py IMAGE.png -o {config.target} --teacher TEACHER."
        )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """No other process trains in ``folder`` meanwhile. Raises DistillationError when one does.

    The system's own lock, so that it ends with its process, however that ended.
    """
    lock = FileLock(folder / _LOCK, mode=0o644)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DistillationError(
            f"another process is training in {folder}; wait for it, or give another output."
        ) from None
    except (OSError, NotImplementedError) as error:
        raise DistillationError(
            f"{folder} cannot be locked against a second training ({error}); give an output on another disk."
        ) from None
    try:
        yield
    finally:
        lock.release()


def save_mask(folder: Path, mask: Tensor) -> None:
    """Keep a found mask (128, 128) in [0, 1] as a grey picture that people can look at. Raises DistillationError."""
    buffer = io.BytesIO()
    Image.fromarray(np.rint(mask.numpy() * 255.0).astype(np.uint8)).save(buffer, format="PNG")
    try:
        write_atomically(folder / MASK, buffer.getvalue())
    except OSError as error:
        raise not_written(folder / MASK, error) from None


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
    if not path.exists():
        return None
    try:
        document = json.loads(read_file(path, _MAX_NOTES_BYTES, "no notes of a training are"))
    except (FileError, ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not all(isinstance(document.get(key), dict) for key in ("compared", "config")):
        raise _damaged(folder)
    return document


def _damaged(folder: Path) -> DistillationError:
    return DistillationError(f"{folder / SETTINGS} is damaged; delete {folder} to begin again.")
