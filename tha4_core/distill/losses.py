"""The loss terms of the published training (DISTILLATION.md A.2 and A.3), under the names of its logs.

Every term is ``weight * mean(abs(student - target))``, the mean over all elements of the tensor. Pictures are linear,
premultiplied, in [-1, 1].
"""

from __future__ import annotations

from typing import Final, NamedTuple

from torch import Tensor

from tha4_core.student import BodyOutput

#: Weight of the face's masked term.
MASK_WEIGHT: Final = 20.0


class BodyWeights(NamedTuple):
    """What each term of the body's loss counts; a term of weight 0 is not computed."""

    flow: float
    warped: float
    direct: float
    final: float


class BodyTarget(NamedTuple):
    """What the teacher made of a batch: final and warped (B, 4, S, S), flow (B, 2, S, S)."""

    final: Tensor
    warped: Tensor
    flow: Tensor


def face_terms(student: Tensor, target: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """student, target (B, 4, S, S); mask (S, S) in [0, 1], 1 where the face moves -> weighted terms."""
    error = (student - target).abs()
    return {"full_loss": error.mean(), "eye_mouth_loss": MASK_WEIGHT * (error * mask).mean()}


def body_terms(student: BodyOutput, target: BodyTarget, weights: BodyWeights) -> dict[str, Tensor]:
    """Weighted terms. ``direct`` is compared with the teacher's *final* picture, as the released code does."""
    pairs = {
        "full_blended_loss": (weights.final, student.final, target.final),
        "full_warped_loss": (weights.warped, student.warped, target.warped),
        "full_grid_change_loss": (weights.flow, student.flow, target.flow),
        "full_color_change_loss": (weights.direct, student.direct, target.final),
    }
    return {name: weight * (made - wanted).abs().mean() for name, (weight, made, wanted) in pairs.items() if weight}
