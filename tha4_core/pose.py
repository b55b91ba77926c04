"""The 45 pose parameters: index, name, group, range. The one source of truth for every language.

A *pose* is ``float32[45]`` in the order of :data:`PARAMETERS` (STUDENT.md section 7). "Left" is the
character's own left, which is on the right-hand side of the picture. ``godot_addon``'s table is generated from
this module by ``tools/generate_gdscript.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tha4_core.errors import UserError, did_you_mean

Pose = NDArray[np.float32]


class PoseError(UserError):
    """A pose that cannot be used: wrong length, unknown name, or a value that is not a finite number."""


@dataclass(frozen=True)
class Parameter:
    """One of the 45 numbers.

    index: position in the pose vector. name: ``group`` or ``group_left`` / ``group_right``.
    category: what an inspector files it under. minimum, maximum: the range; the resting value is always 0.
    description: what +1 does, for documentation and tool tips ("left" and "right" as the viewer sees them
    only where it says so).
    """

    index: int
    name: str
    group: str
    category: str
    minimum: float
    maximum: float
    description: str


# (group, category, has a left and a right, minimum, maximum, description)
_GROUPS: Final = (
    ("eyebrow_troubled", "eyebrow", True, 0.0, 1.0, "Slants the {side} eyebrow up in the middle, as in worry."),
    ("eyebrow_angry", "eyebrow", True, 0.0, 1.0, "Slants the {side} eyebrow down in the middle, as in anger."),
    ("eyebrow_lowered", "eyebrow", True, 0.0, 1.0, "Lowers the {side} eyebrow."),
    ("eyebrow_raised", "eyebrow", True, 0.0, 1.0, "Raises the {side} eyebrow."),
    ("eyebrow_happy", "eyebrow", True, 0.0, 1.0, "Arches the {side} eyebrow, as in joy."),
    ("eyebrow_serious", "eyebrow", True, 0.0, 1.0, "Straightens and lowers the {side} eyebrow, as in earnest."),
    ("eye_wink", "eye", True, 0.0, 1.0, "Closes the {side} eye with the lid curved down."),
    ("eye_happy_wink", "eye", True, 0.0, 1.0, "Closes the {side} eye with the lid curved up, as in a smile."),
    ("eye_surprised", "eye", True, 0.0, 1.0, "Opens the {side} eye wide."),
    ("eye_relaxed", "eye", True, 0.0, 1.0, "Half closes the {side} eye, at ease."),
    ("eye_unimpressed", "eye", True, 0.0, 1.0, "Half closes the {side} eye with a flat upper lid."),
    ("eye_raised_lower_eyelid", "eye", True, 0.0, 1.0, "Raises the lower lid of the {side} eye."),
    ("iris_small", "iris_morph", True, 0.0, 1.0, "Shrinks the {side} iris."),
    ("mouth_aaa", "mouth", False, 0.0, 1.0, "Opens the mouth as for 'ah'."),
    ("mouth_iii", "mouth", False, 0.0, 1.0, "Shapes the mouth as for 'ee'."),
    ("mouth_uuu", "mouth", False, 0.0, 1.0, "Shapes the mouth as for 'oo'."),
    ("mouth_eee", "mouth", False, 0.0, 1.0, "Shapes the mouth as for 'eh'."),
    ("mouth_ooo", "mouth", False, 0.0, 1.0, "Shapes the mouth as for 'oh'."),
    ("mouth_delta", "mouth", False, 0.0, 1.0, "Opens the mouth to a triangle."),
    ("mouth_lowered_corner", "mouth", True, 0.0, 1.0, "Lowers the {side} corner of the mouth."),
    ("mouth_raised_corner", "mouth", True, 0.0, 1.0, "Raises the {side} corner of the mouth."),
    ("mouth_smirk", "mouth", False, 0.0, 1.0, "Pulls the mouth to a smirk."),
    ("iris_rotation_x", "iris_rotation", False, -1.0, 1.0, "Moves both irises: +1 up, -1 down."),
    ("iris_rotation_y", "iris_rotation", False, -1.0, 1.0, "Moves both irises: +1 to the viewer's left, -1 right."),
    ("head_x", "face_rotation", False, -1.0, 1.0, "Pitches the head: +1 looks up, -1 down."),
    ("head_y", "face_rotation", False, -1.0, 1.0, "Turns the head: +1 to the viewer's left, -1 right."),
    ("neck_z", "face_rotation", False, -1.0, 1.0, "Leans the head: +1 to the viewer's left, -1 right."),
    ("body_y", "body_rotation", False, -1.0, 1.0, "Turns the torso: +1 to the viewer's left, -1 right."),
    ("body_z", "body_rotation", False, -1.0, 1.0, "Leans the torso: +1 to the viewer's left, -1 right."),
    ("breathing", "breathing", False, 0.0, 1.0, "Raises chest and shoulders, as when breathing in."),
)


def _expand_groups() -> tuple[Parameter, ...]:
    parameters: list[Parameter] = []
    for group, category, two_sided, minimum, maximum, description in _GROUPS:
        for side in ("left", "right") if two_sided else ("",):
            name = f"{group}_{side}" if side else group
            text = description.format(side=side)
            parameters.append(Parameter(len(parameters), name, group, category, minimum, maximum, text))
    return tuple(parameters)


PARAMETERS: Final[tuple[Parameter, ...]] = _expand_groups()
NAMES: Final[tuple[str, ...]] = tuple(parameter.name for parameter in PARAMETERS)
SIZE: Final = len(PARAMETERS)
#: How many of them, from the first, the face morpher sees; the rest turn head and body and breathe.
FACE_SIZE: Final = 39
_INDEX: Final[Mapping[str, int]] = {name: index for index, name in enumerate(NAMES)}
_MINIMUM: Final = np.array([parameter.minimum for parameter in PARAMETERS], dtype=np.float32)
_MAXIMUM: Final = np.array([parameter.maximum for parameter in PARAMETERS], dtype=np.float32)


def neutral_pose() -> Pose:
    """The resting pose, ``float32[45]`` of zeros."""
    return np.zeros(SIZE, dtype=np.float32)


def as_pose(values: Sequence[float] | NDArray[np.generic]) -> Pose:
    """45 numbers as a pose ``float32[45]``, each clamped into its range; always a fresh array.

    Raises PoseError when there are not 45 of them, or one is NaN, infinite or no number.
    """
    try:
        pose = np.array(values, dtype=np.float64)
    except OverflowError:
        raise PoseError(
            f"a pose is {SIZE} numbers from 0 or -1 to 1, but this one holds a number of hundreds of digits."
        ) from None
    except (TypeError, ValueError) as error:
        raise PoseError(f"a pose is {SIZE} numbers, but this one holds something else: {error}.") from None
    if pose.shape != (SIZE,):
        count = "x".join(str(length) for length in pose.shape) or "one"
        raise PoseError(f"a pose is {SIZE} numbers, but this one has {count}; see tha4_core/pose.py for their order.")
    bad = np.flatnonzero(~np.isfinite(pose))
    if bad.size:
        parameter = PARAMETERS[int(bad[0])]
        raise PoseError(
            f"pose parameter {parameter.name} (index {parameter.index}) is {pose[bad[0]]}, not a finite number;"
            f" give a number from {parameter.minimum:g} to {parameter.maximum:g}."
        )
    # Clamped before it is narrowed: a large finite number would overflow to infinity.
    return np.clip(pose, _MINIMUM, _MAXIMUM).astype(np.float32)


def pose_from_names(values: Mapping[str, float]) -> Pose:
    """Named values as a pose; parameters not named rest at 0.

    A two-sided group's name (``eye_wink``) sets both sides. Raises PoseError on a name that is not a parameter.
    """
    vector = [0.0] * SIZE
    for name, value in values.items():
        for index in parameter_indices(name):
            vector[index] = value
    return as_pose(vector)


def parameter_indices(name: str) -> tuple[int, ...]:
    """The positions that a parameter's or a group's name stands for. Raises PoseError when it is neither."""
    if name in _INDEX:
        return (_INDEX[name],)
    indices = tuple(parameter.index for parameter in PARAMETERS if parameter.group == name)
    if indices:
        return indices
    groups = dict.fromkeys(parameter.group for parameter in PARAMETERS)
    hint = did_you_mean(name, (*groups, *NAMES)) or "tha4_core/pose.py lists them."
    raise PoseError(f"there is no pose parameter named {name!r:.80}; {hint}")


def pose_to_names(pose: Sequence[float] | NDArray[np.generic], *, keep_zeros: bool = False) -> dict[str, float]:
    """A pose as named values; those at rest are left out unless ``keep_zeros``."""
    return {name: float(value) for name, value in zip(NAMES, as_pose(pose), strict=True) if keep_zeros or value != 0.0}
