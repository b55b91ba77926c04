"""Paths in what a run directory notes: they must lead to the same files when the folder was moved or copied, and from
any working directory.

Each is noted twice: absolute, and relative to the run directory. A drawing that was moved together with the folder is
found by the second; one that stayed where it was by the first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tha4_core.character.single_file import SUFFIX
from tha4_core.distill.config import RUN_SUFFIX
from tha4_core.distill.teachers import RIG_PREFIX, STUDENT_PREFIX
from tha4_core.published_teachers import FETCHED

#: Settings that name a file or folder to read; a teacher may be one.
INPUTS: Final = ("character_image_file_name", "face_mask_image_file_name", "start_from", "pose_dataset", "teacher")
_OUTPUT: Final = "output"
_PREFIX: Final = "prefix"


def noted(settings: Mapping[str, Any], folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """``settings`` with absolute paths, and those paths relative to ``folder``, by the settings' names."""
    absolute, beside = dict(settings), {}
    for name in (*INPUTS, _OUTPUT, _PREFIX):
        before, path = _split(settings.get(name))
        if path is None:
            continue
        whole = os.path.abspath(path)  # noqa: PTH100 - links stay as they are, so that they may be set anew
        absolute[name] = before + whole
        try:
            beside[name] = os.path.relpath(whole, os.path.abspath(folder))  # noqa: PTH100
        except ValueError:  # on Windows: on another drive
            continue
    return absolute, beside


def found(settings: Mapping[str, Any], beside: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """What :func:`noted` gave, for ``folder`` as it lies now: ``prefix`` is the folder itself, whatever it was.

    Of an older note, whose paths may be relative to a working directory that nobody knows, the folder's own is tried.
    """
    values = dict(settings)
    for name in INPUTS:
        before, path = _split(values.get(name))
        if path is not None:
            places = (place for place in _places(name, path, beside, folder) if _there(place))
            values[name] = f"{before}{next(places, path)}"
    values[_OUTPUT] = str(_output(values, beside, folder))
    values[_PREFIX] = str(folder)
    return values


def missing(settings: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first input that is not where it should be: the setting's name and the path. None when all are there."""
    for name in INPUTS:
        _, path = _split(settings.get(name))
        if path is not None and not _there(Path(path)):
            return name, path
    return None


def _output(values: Mapping[str, Any], beside: Mapping[str, str], folder: Path) -> Path:
    """Where the character goes: beside the folder under its name, or where it went, if that is still a place."""
    path = values.get(_OUTPUT)
    if path is None:
        image = values.get(INPUTS[0])
        return folder / f"{Path(image).stem if image else folder.stem}{SUFFIX}"
    if values.get(_PREFIX) is None and folder.suffix == RUN_SUFFIX:
        return folder.with_suffix(Path(path).suffix)
    places = (place for place in _places(_OUTPUT, path, beside, folder) if _there(place.parent))
    return next(places, folder.parent / Path(path).name)


def _places(name: str, path: str, beside: Mapping[str, str], folder: Path) -> list[Path]:
    places = [Path(os.path.normpath(folder / beside[name]))] if name in beside else []
    if not Path(path).is_absolute():
        places.append(folder.parent / path)
    return [*places, Path(path)]


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or not to be looked at
        return False


def _split(value: object) -> tuple[str, str | None]:
    """What comes before a setting's path, and the path; None where it names none."""
    if not isinstance(value, str) or not value or value.startswith(RIG_PREFIX):
        return "", None
    if value == FETCHED:  # wherever the cache is now
        return "", None
    if value.startswith(STUDENT_PREFIX):
        return STUDENT_PREFIX, value.removeprefix(STUDENT_PREFIX) or None
    return "", value
