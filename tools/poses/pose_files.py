"""Poses from the command line and from JSON files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from tha4_core.files.reading import FileError, read_file
from tha4_core.pose import NAMES, PARAMETERS, Pose, PoseError, as_pose, parameter_indices, pose_from_names

_MAX_BYTES: Final = 4 << 20


def parse_assignments(texts: Iterable[str]) -> dict[str, float]:
    """``["mouth_aaa=1", "head_y=0.5"]`` as numbers by parameter, sides of a group spelled out. Raises PoseError."""
    values: dict[str, float] = {}
    for text in texts:
        name, equals, number = text.partition("=")
        try:
            if not equals:
                raise ValueError
            value = float(number)
        except ValueError:
            raise PoseError(f"{text!r} sets nothing; write name=number, as head_y=0.5.") from None
        for index in parameter_indices(name.strip()):
            parameter = PARAMETERS[index]
            if not parameter.minimum <= value <= parameter.maximum:
                raise PoseError(f"{text}: {name} goes from {parameter.minimum:g} to {parameter.maximum:g}.")
            values[parameter.name] = value
    return values


def read_poses(path: Path) -> dict[str, Pose]:
    """The poses of a JSON file by name; a single pose has the file's name.

    A pose is an object of parameters and numbers (what is not named rests), or a list of 45 numbers. A file holds one
    pose, or an object of named ones, as a character's ``expressions.json`` does. Raises PoseError.
    """
    try:
        document = json.loads(read_file(path, _MAX_BYTES, "no file of poses is").decode("utf-8"))
    except FileError as error:
        raise PoseError(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise PoseError(f"{path} is not valid JSON: {error}.") from None
    if isinstance(document, dict) and any(isinstance(value, (dict, list)) for value in document.values()):
        return {str(name): _pose(value, f'{path}, "{name}"') for name, value in document.items()}
    return {path.stem: _pose(document, str(path))}


def _pose(document: Any, source: str) -> Pose:
    entries = document.values() if isinstance(document, Mapping) else document
    if not isinstance(document, (dict, list)) or not all(type(entry) in (int, float) for entry in entries):
        raise PoseError(
            f"{source}: a pose is an object of parameter names and numbers, or a list of {len(NAMES)} numbers."
        )
    try:
        return pose_from_names(document) if isinstance(document, dict) else as_pose(document)
    except (PoseError, OverflowError) as error:
        raise PoseError(f"{source}: {error}") from None
