"""A short loop of poses that shows what a character can do: looking about, blinking, speaking, smiling."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tha4_core.pose import pose_from_names


def preview_poses(count: int) -> NDArray[np.float32]:
    """``count`` poses of one seamless loop, float32 (count, 45)."""
    return np.stack([_pose_at(i / count) for i in range(count)])


def _pose_at(time: float) -> NDArray[np.float32]:
    """The loop's pose at ``time`` in [0, 1)."""
    turn = 2.0 * math.pi * time
    smile = _bump(time, 0.78, 0.16)
    return pose_from_names(
        {
            "head_y": 0.6 * math.sin(turn),
            "head_x": 0.3 * math.sin(2.0 * turn),
            "neck_z": 0.35 * math.sin(turn + 0.9),
            "body_y": 0.35 * math.sin(turn - 0.5),
            "body_z": 0.2 * math.sin(turn + 0.4),
            "iris_rotation_y": 0.5 * math.sin(turn + 0.5) * (1.0 - smile),
            "breathing": 0.5 - 0.5 * math.cos(2.0 * turn),
            "eye_wink": max(_bump(time, 0.10, 0.05), _bump(time, 0.52, 0.05)),
            "eye_happy_wink": smile,
            "eyebrow_happy": smile,
            "mouth_raised_corner": 0.8 * smile,
            "mouth_aaa": max(0.8 * _bump(time, 0.26, 0.06), _bump(time, 0.44, 0.06)),
            "mouth_ooo": 0.9 * _bump(time, 0.35, 0.05),
        }
    )


def _bump(time: float, centre: float, half_width: float) -> float:
    """A smooth rise to 1 at ``centre`` and back to 0 within ``half_width``."""
    distance = abs(time - centre) / half_width
    return 0.5 + 0.5 * math.cos(math.pi * distance) if distance < 1.0 else 0.0
