"""What a teacher makes of our own drawings, against the truth: the rig that drew them and knows every pose exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tha4_core.distill.evaluate import GROUPS, picture_psnr, teacher_picture
from tha4_core.distill.poses import held_out_poses, held_out_poses_of
from tha4_core.metrics import MetricError, lpips, ssim
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.teacher import CharacterTeacher

#: Smaller than any picture of ours, and large enough for LPIPS.
_TRIED_EDGE: Final = 64


class Loss(NamedTuple):
    """What pictures are off by, over held-out poses: means, and the worst.

    psnr, worst, unmoved: dB; unmoved: of the drawing at rest, which whoever moves anything must beat. ssim: 0 to 1.
    lpips: from 0, or None where its weights are not at hand. groups: dB where one group of parameters moves alone.
    """

    poses: int
    psnr: float
    worst: float
    ssim: float
    lpips: float | None
    unmoved: float
    groups: dict[str, float]


def why_no_lpips() -> str:
    """Why LPIPS cannot be measured here, in a sentence; empty when it can."""
    nothing = np.zeros((4, _TRIED_EDGE, _TRIED_EDGE), np.float32)
    try:
        lpips(nothing, nothing)
    except MetricError as error:
        return str(error)
    return ""


def measure_loss(
    teacher: CharacterTeacher, truth: CharacterTeacher, count: int, notify: Callable[[int, int], None]
) -> Loss:
    """Both of one drawing, over ``count`` held-out poses, and a tenth as many for each group.

    notify: done, of how many; what it raises ends the measuring.
    """
    with_lpips = not why_no_lpips()
    in_group = max(1, count // 10)
    total, done = count + in_group * len(GROUPS), 0
    unmoved = truth.image.cpu().numpy()
    psnrs, ssims, distances, still = [], [], [], []

    def both(pose: torch.Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        nonlocal done
        made, wanted = (teacher_picture(one, pose.numpy()) for one in (teacher, truth))
        assert made.shape == (4, PICTURE_SIZE, PICTURE_SIZE)
        done += 1
        notify(done, total)
        return made, wanted

    for pose in held_out_poses(count):
        made, wanted = both(pose)
        psnrs.append(picture_psnr(made, wanted))
        ssims.append(ssim(made, wanted))
        still.append(picture_psnr(unmoved, wanted))
        if with_lpips:
            distances.append(lpips(made, wanted))
    groups = {
        name: _mean([picture_psnr(*both(pose)) for pose in held_out_poses_of(categories, in_group)])
        for name, categories in GROUPS.items()
    }
    return Loss(
        count, _mean(psnrs), min(psnrs), _mean(ssims), _mean(distances) if distances else None, _mean(still), groups
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
