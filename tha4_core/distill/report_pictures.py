"""The report's pictures: teacher, student and their difference, small enough to lie inside one HTML file."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tha4_core.distill.evaluate import picture_psnr, teacher_picture
from tha4_core.picture.color import linear_to_srgb, to_rgba8_straight
from tha4_core.picture.region import Region
from tha4_core.pose import Pose
from tha4_core.teacher import CharacterTeacher

#: Differences are shown so many times as strong.
AMPLIFIED: Final = 4
#: The longer side of a picture in the report, in pixels.
_EDGE: Final = 256
_QUALITY: Final = 88


class Comparison(NamedTuple):
    """Three pictures as data URIs, and PSNR in dB of the region that they show."""

    name: str
    teacher: str
    student: str
    difference: str
    psnr: float


def compare(
    name: str,
    pose: Pose,
    teacher: CharacterTeacher,
    student: Callable[[Pose], NDArray[np.float32]],
    region: Region | None,
) -> Comparison:
    """A pose by both, whole or a region of it. student: pose -> network picture (4, 512, 512)."""
    x, y, width, height = region or Region(0, 0, 512, 512)
    wanted, made = (
        picture[:, y : y + height, x : x + width] for picture in (teacher_picture(teacher, pose), student(pose))
    )
    return Comparison(
        name,
        data_uri(to_rgba8_straight(wanted)),
        data_uri(to_rgba8_straight(made)),
        data_uri(difference(wanted, made)),
        picture_psnr(wanted, made),
    )


def difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Network pictures (4, h, w) -> opaque bytes (h, w, 4): black where they are alike, bright where they differ.

    The largest difference of the four channels as a screen shows them (sRGB, premultiplied), times AMPLIFIED.
    """
    error = np.abs(_shown(one) - _shown(other)).max(axis=0)  # (h, w)
    strength = np.clip(AMPLIFIED * error, 0.0, 1.0)
    levels = np.stack((strength, strength**2 * 0.85, strength**3 * 0.6, np.ones_like(strength)), axis=-1)
    return np.rint(255.0 * levels).astype(np.uint8)


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """Bytes (h, w, 4) as a WebP picture inside a text, its longer side at most 256."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((_EDGE, _EDGE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, format="WEBP", quality=_QUALITY, alpha_quality=_QUALITY, method=4)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _shown(picture: NDArray[np.float32]) -> NDArray[np.float64]:
    values = np.clip((picture.astype(np.float64) + 1.0) / 2.0, 0.0, 1.0)
    values[:3] = linear_to_srgb(values[:3])
    return values
