"""Poses from the command line and from JSON files.

The same holds for both: a number out of its parameter's range is clamped, and that is said; one that is not finite, and
a name that is no parameter's, are refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from tha4_core.files.reading import FileError, read_file
from tha4_core.pose import NAMES, PARAMETERS, Pose, PoseError, as_pose, parameter_indices, pose_from_names

_MAX_BYTES: Final = 4 << 20
#: So much of a pose's name stands in a sentence.
_SHOWN_NAME: Final = 80

#: Takes a sentence that the user should read.
Warn = Callable[[str], object]


def parse_assignments(texts: Iterable[str], warn: Warn) -> dict[str, float]:
    """``["mouth_aaa=1", "head_y=0.5"]`` as numbers by parameter, sides of a group spelled out. Raises PoseError."""
    values: dict[str, float] = {}
    strays: list[str] = []
    for text in texts:
        name, equals, number = (part.strip() for part in text.partition("="))
        try:
            if not equals:
                raise ValueError
            value = float(number)
        except ValueError:
            raise PoseError(f"{text!r:.80} sets nothing; write name=number, as head_y=0.5.") from None
        indices = parameter_indices(name)
        if not math.isfinite(value):
            low, high = PARAMETERS[indices[0]].minimum, PARAMETERS[indices[0]].maximum
            raise PoseError(f"{text:.80}: {name} must be a finite number, from {low:g} to {high:g}.")
        for index in indices:
            values[NAMES[index]] = _clamped(index, value)
        if values[NAMES[indices[0]]] != value:
            strays.append(_stray("--set", name, indices[0], value))
    _tell(strays, warn)
    return values


def read_poses(path: Path, warn: Warn) -> dict[str, Pose]:
    """The poses of a JSON file by name; a single pose has the file's name.

    A pose is an object of parameters and numbers (what is not named rests), or a list of 45 numbers. A file holds one
    pose, or an object of named ones, as a character's ``expressions.json`` does. Raises PoseError.
    """
    try:
        data = read_file(path, _MAX_BYTES, "no file of poses is")
        document = json.loads(data.decode("utf-8-sig"))  # Windows' editor begins a file with a byte order mark
    except FileError as error:
        raise PoseError(str(error)) from None
    except UnicodeDecodeError:
        raise PoseError(f"{path} is not valid JSON: it is no UTF-8; save it in that encoding.") from None
    except (ValueError, RecursionError) as error:
        raise PoseError(f"{path} is not valid JSON: {error}.") from None
    strays: list[str] = []
    if isinstance(document, dict) and any(isinstance(value, (dict, list)) for value in document.values()):
        poses = {name: _pose(value, f'{path}, "{name[:_SHOWN_NAME]}"', strays) for name, value in document.items()}
    else:
        poses = {path.stem: _pose(document, str(path), strays)}
    _tell(strays, warn)
    return poses


def _pose(document: Any, source: str, strays: list[str]) -> Pose:
    entries = document.values() if isinstance(document, Mapping) else document
    if not isinstance(document, (dict, list)) or not all(type(entry) in (int, float) for entry in entries):
        raise PoseError(
            f"{source}: a pose is an object of parameter names and numbers, or a list of {len(NAMES)} numbers."
        )
    try:
        pose = pose_from_names(document) if isinstance(document, dict) else as_pose(document)
    except PoseError as error:
        raise PoseError(f"{source}: {error}") from None
    values: dict[str, float] = document if isinstance(document, dict) else dict(zip(NAMES, document, strict=True))
    for name, value in values.items():
        index = parameter_indices(name)[0]
        if _clamped(index, value) != value:
            strays.append(_stray(source, name, index, value))
    return pose


def _clamped(index: int, value: float) -> float:
    return float(np.clip(value, PARAMETERS[index].minimum, PARAMETERS[index].maximum))


def _stray(source: str, name: str, index: int, value: float) -> str:
    low, high = PARAMETERS[index].minimum, PARAMETERS[index].maximum
    return f"{source}: {name} goes from {low:g} to {high:g}; {_clamped(index, value):g} is taken for {value:g}"


def _tell(strays: Sequence[str], warn: Warn) -> None:
    """One sentence for all numbers that were out of range."""
    if strays:
        more = f", and {len(strays) - 1} more like it" if len(strays) > 1 else ""
        warn(f"{strays[0]}{more}.")
