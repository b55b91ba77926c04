"""How good a rotator or an editor is on held-out characters, beside what needs no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from tha4_core.metrics import psnr, ssim
from tha4_core.student import warp
from tha4_core.teacher.image_forming import resize
from tha4_core.teacher_training.examples import Example, Examples
from tha4_core.teacher_training.networks import Coarse, make, picture_of


class Quality(NamedTuple):
    """Means over examples: dB, and structural similarity."""

    psnr: float
    ssim: float


#: A picture (4, S, S) and a pose (6,) -> the picture posed.
Poser = Callable[[Tensor, Tensor], Tensor]


def unmoved(rest: Tensor, _pose: Tensor) -> Tensor:
    """The picture at rest: what any network must be better than."""
    return rest


def mean_flow(flows: Sequence[Tensor], poses: Tensor) -> Poser:
    """The picture moved by what all characters' flows have in common: linear in the pose, fitted to some.

    flows: (2, S, S) each, of poses (n, 6). The least squares of each pixel's flow over the pose.
    """
    stacked = torch.stack(list(flows))  # (n, 2, S, S)
    solution = torch.linalg.lstsq(poses.double(), stacked.flatten(1).double()).solution.float()  # (6, 2 S S)
    edge = stacked.shape[-1]

    def move(rest: Tensor, pose: Tensor) -> Tensor:
        flow = (pose @ solution).view(1, 2, edge, edge)
        return warp(rest[None], resize(flow, rest.shape[-1]))[0]

    return move


def of_network(network: nn.Module, coarse: Coarse | None, device: torch.device) -> Poser:
    """What a trained network makes. coarse: of an editor that sees a rotator's work."""

    @torch.no_grad()
    def pose_picture(rest: Tensor, pose: Tensor) -> Tensor:
        picture, vector = rest[None].to(device), pose[None].to(device)
        made = make(network, picture, vector, None if coarse is None else coarse(picture, vector))
        return picture_of(made)[0].float().cpu()

    return pose_picture


def quality(pose_picture: Poser, examples: Sequence[Example] | Examples) -> Quality:
    """Over all examples. Raises MetricError where SSIM cannot be computed."""
    values = []
    for index in range(len(examples)):
        rest, pose, posed = examples[index]
        made = pose_picture(rest, pose)
        values.append((psnr(made, posed), ssim(made, posed)))
    means = np.mean(np.minimum(np.array(values), 100.0), axis=0)
    return Quality(float(means[0]), float(means[1]))
