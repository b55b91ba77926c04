"""Poses that show at a glance whether a character works: expressions, speech, and turns to every side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Partial poses by name; parameters not named rest. The names are shown on sheets.
EXPRESSIONS: Final[Mapping[str, Mapping[str, float]]] = {
    "neutral": {},
    "smile": {"mouth_raised_corner": 1.0, "eyebrow_happy": 0.6},
    "laughter": {"eye_happy_wink": 1.0, "eyebrow_happy": 1.0, "mouth_delta": 0.9, "mouth_raised_corner": 0.6},
    "anger": {"eyebrow_angry": 1.0, "eyebrow_lowered": 0.5, "eye_unimpressed": 0.5, "mouth_lowered_corner": 1.0},
    "sorrow": {"eyebrow_troubled": 1.0, "eye_relaxed": 0.7, "mouth_lowered_corner": 0.8, "iris_rotation_x": -0.4},
    "surprise": {"eye_surprised": 1.0, "eyebrow_raised": 1.0, "iris_small": 0.6, "mouth_ooo": 0.7},
    "closed eyes": {"eye_wink": 1.0},
    "wink": {"eye_wink_left": 1.0, "mouth_smirk": 0.7},
    "ah": {"mouth_aaa": 1.0},
    "ee": {"mouth_iii": 1.0},
    "oo": {"mouth_uuu": 1.0},
    "oh": {"mouth_ooo": 1.0},
}

ROTATIONS: Final[Mapping[str, Mapping[str, float]]] = {
    "head up": {"head_x": 1.0},
    "head down": {"head_x": -1.0},
    "head to the viewer's left": {"head_y": 1.0},
    "head to the viewer's right": {"head_y": -1.0},
    "leaning left": {"neck_z": 1.0},
    "leaning right": {"neck_z": -1.0},
    "body to the left": {"body_y": 1.0, "body_z": 1.0},
    "body to the right": {"body_y": -1.0, "body_z": -1.0},
    "looking left, all of it": {"head_y": 1.0, "body_y": 1.0, "neck_z": 0.5, "iris_rotation_y": 1.0},
    "looking right, all of it": {"head_y": -1.0, "body_y": -1.0, "neck_z": -0.5, "iris_rotation_y": -1.0},
    "breathing in": {"breathing": 1.0},
    "all at once": {"head_x": 1.0, "head_y": -1.0, "neck_z": 1.0, "body_y": -1.0, "body_z": 1.0},
}
