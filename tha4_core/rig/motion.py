"""How a body pose moves each part: smooth maps from where a pixel is seen to where it rests.

The drawing is posed as if it had depth. The head is turned as a rounded body, in parallel projection; torso and head
lean; the chest rises. A map is written from the posed picture back to the drawing, which is what appearance flow is
(paper, section 4). Signs are those of STUDENT.md section 7, amplitudes about those of the reference characters.

Coordinates are pixels of the picture; pixel (column i, row j) is centred at (i + 0.5, j + 0.5). Points are pairs of
tensors of one shape, x and y.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import torch
from torch import Tensor

from tha4_core.pose import FACE_SIZE, NAMES
from tha4_core.rig.design import Bulge, Motion

#: What +1 means, in radians; the mocap converters map the same angles of a real head to 1.
_PITCH: Final = math.radians(15)
_YAW: Final = math.radians(10)
_NECK_LEAN: Final = math.radians(9.7)
_TORSO_TURN: Final = math.radians(12)
#: What the head turns around, the neck's joint, and the bottom of the picture, which stays where it is.
_HEAD_CENTRE: Final = (256.0, 150.0)
_NECK: Final = (256.0, 206.0)
_BOTTOM: Final = 512.0
#: How far leaning moves what is _LEAN_HEIGHT above the bottom, in pixels.
_LEAN: Final = 22.0
_LEAN_HEIGHT: Final = 420.0
_BREATH: Final = 1.9
_ITERATIONS: Final = 5


class BodyPose(NamedTuple):
    """The last six of a pose's numbers."""

    head_x: float
    head_y: float
    neck_z: float
    body_y: float
    body_z: float
    breathing: float

    @property
    def at_rest(self) -> bool:
        return not any(self)


assert NAMES[FACE_SIZE:] == BodyPose._fields


def rest_position(motion: Motion, pose: BodyPose, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Where what a part shows at (x, y) lies in the drawing. Exactly (x, y) at rest."""
    if pose.body_z:
        x, y = _undo_torso_lean(pose.body_z, x, y)
    if pose.body_y:
        x = _undo_torso_turn(motion.torso, pose.body_y, x, y)
    if pose.breathing:
        y = y + _BREATH * pose.breathing * torch.exp(-(((y - 262.0) / 62.0) ** 2))
    if motion.follows is None:
        return x, y
    if pose.neck_z:
        angle = pose.neck_z * _NECK_LEAN * _following(motion.follows, y)
        sin, cos = torch.sin(angle), torch.cos(angle)
        dx, dy = x - _NECK[0], y - _NECK[1]
        # Seen leaning to the left, that is turned against the clock; the drawing is turned back.
        x, y = _NECK[0] + cos * dx - sin * dy, _NECK[1] + sin * dx + cos * dy
    if pose.head_x or pose.head_y:
        x, y = _undo_head_turn(motion.head, motion.follows, pose, x, y)
    return x, y


def _undo_torso_lean(lean: float, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    height = (_BOTTOM - y) / _LEAN_HEIGHT
    shift = lean * _LEAN * height**2
    slope = lean * _LEAN * 2 * height / _LEAN_HEIGHT  # of the bent axis, which cross sections stay square to
    across = x - 256.0 + shift
    return 256.0 + across, y + slope * across


def _undo_torso_turn(bulge: Bulge, turn: float, x: Tensor, y: Tensor) -> Tensor:
    angle = turn * _TORSO_TURN
    # Only below the neck does the figure become narrower: the head does not turn with the chest.
    narrowed = 1.0 - (1.0 - math.cos(angle)) * _smooth_step((y - 215.0) / 60.0)
    found = x
    for _ in range(_ITERATIONS):
        found = 256.0 + (x - 256.0 + math.sin(angle) * _depth(bulge, found, y)) / narrowed
    return found


def _undo_head_turn(
    bulge: Bulge, follows: tuple[float, float], pose: BodyPose, x: Tensor, y: Tensor
) -> tuple[Tensor, Tensor]:
    """Undo pitch, then yaw: each is the inverse of a parallel projection of the turned surface, found by iteration.

    The projection shrinks distances little enough for each step to leave less than a fifth of the error.
    """
    cx, cy = _HEAD_CENTRE
    following = _following(follows, y)
    if pose.head_x:
        sin, cos = torch.sin(pose.head_x * _PITCH * following), torch.cos(pose.head_x * _PITCH * following)
        found = y
        for _ in range(_ITERATIONS):
            found = cy + (y - cy + sin * _depth(bulge, x, found)) / cos
        y = found
    if pose.head_y:
        sin, cos = torch.sin(pose.head_y * _YAW * following), torch.cos(pose.head_y * _YAW * following)
        found = x
        for _ in range(_ITERATIONS):
            found = cx + (x - cx + sin * _depth(bulge, found, y)) / cos
        x = found
    return x, y


def _depth(bulge: Bulge, x: Tensor, y: Tensor) -> Tensor | float:
    if not bulge.height:
        return bulge.base
    distance = ((x - bulge.x) / bulge.rx) ** 2 + ((y - bulge.y) / bulge.ry) ** 2
    return bulge.base + bulge.height * torch.exp(-distance)


def _following(follows: tuple[float, float], y: Tensor) -> Tensor:
    """1 above the first row, 0 below the second, smooth between."""
    top, bottom = follows
    return _smooth_step((bottom - y) / (bottom - top))


def _smooth_step(t: Tensor) -> Tensor:
    t = t.clamp(0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
