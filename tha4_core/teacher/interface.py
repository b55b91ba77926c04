"""What distillation asks of a teacher: a slow but good way to pose one drawing.

Pictures are torch float32, RGBA, linear light, premultiplied, in [-1, 1] (STUDENT.md section 6).
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from torch import Tensor

from tha4_core.errors import UserError
from tha4_core.picture.region import Region


class TeacherError(UserError):
    """A device, a precision or a picture that a teacher cannot work with."""


class Formed(NamedTuple):
    """A posed picture and what it was formed from, ``final = alpha * direct + (1 - alpha) * warped``.

    n pictures of height H and width W. final, direct, warped: (n, 4, H, W). alpha: (n, 1, H, W), the weight of
    ``direct``. flow: (n, 2, H, W), appearance flow: x and y offsets of where ``warped`` samples its source, in units
    of half the picture (1.0 = 256 pixels of 512).
    """

    final: Tensor
    alpha: Tensor
    warped: Tensor
    flow: Tensor
    direct: Tensor


class TeacherOutput(NamedTuple):
    """What a teacher makes of n poses.

    final, alpha, warped, flow, direct: as in :class:`Formed`. face: (n, 4, H, W), the picture with the posed face
    and the body at rest, which is what ``warped`` samples. half: the same at half resolution, (n, C, 256, 256),
    whole pictures, of a teacher that works coarse to fine; None of others.
    """

    final: Tensor
    alpha: Tensor
    warped: Tensor
    flow: Tensor
    direct: Tensor
    face: Tensor
    half: Formed | None


class CharacterTeacher(Protocol):
    """A teacher of one character; one thread at a time.

    Never builds a gradient graph, but what it gives may be part of one. It works through any number of poses in parts:
    memory grows only by what it gives, about 20 MB for a whole pose.
    """

    @property
    def image(self) -> Tensor:
        """The drawing, (4, 512, 512)."""

    @property
    def provenance(self) -> dict[str, str]:
        """What a character distilled from this teacher says of it: at least ``teacher`` (its kind, in words)."""

    def pose(self, poses: Tensor, region: Region | None = None) -> TeacherOutput:
        """(n, 45) -> everything, on the teacher's device. Poses are clamped into their ranges.

        With ``region`` every picture but ``half`` is that rectangle cut out of the full one.
        Raises PoseError on another shape and on what is no finite number, RegionError on a region outside the picture.
        """

    def pose_face(self, poses: Tensor) -> Tensor:
        """(n, 45) -> (n, 4, 128, 128): the posed face at rest of the body, in the face morpher's box.

        Raises PoseError.
        """
