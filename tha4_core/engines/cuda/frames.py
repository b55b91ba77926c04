"""The CUDA engine's last step, for one region: from the body's answers at visible pixels to the frame's bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tha4_core.engines import larger
from tha4_core.engines.cuda.layers import Stage, StageBuffers
from tha4_core.engines.cuda.plan import RegionPlan, plan_region
from tha4_core.engines.cuda.runner import Runner, Step
from tha4_core.engines.warping import sampled, sampling_grid
from tha4_core.picture.region import Region


@dataclass(eq=False)
class RegionFrame:
    """A region's body and picture steps, and the frame that they make.

    pixels: uint8 (h, w, 4) on the device. shows: the pose in ``pixels``; body_of: what the body network's output is
    of; both are for who runs the steps to set.
    """

    pixels: Tensor
    run_body: Step
    run_picture: Step
    shows: bytes | None = None
    body_of: bytes | None = None


def region_frame(
    region: Region, visible: NDArray[np.bool_], stages: Sequence[Stage], picture: Tensor, runner: Runner
) -> RegionFrame | None:
    """The steps of a region, with memory of their own; None where nothing is ``visible``, bool (512, 512).

    picture: fp32 (4, 512, 512), the face painted in.
    """
    plan = plan_region(region, visible, len(stages))
    if plan is None:
        return None
    body, raw = _body_step(plan, stages, runner)
    # What is not visible is never written, and stays transparent.
    pixels = torch.zeros((region.height, region.width, 4), dtype=torch.uint8, device=runner.device)
    words = pixels.view(torch.int32).view(-1)  # a pixel is a word: (h * w,)
    places = torch.from_numpy(plan.places).to(runner.device)  # (n,)
    centres = torch.from_numpy(plan.centres).to(runner.device)  # (n, 2)

    def compose() -> None:
        flow, alpha, direct = raw[:, :2], raw[:, 2:3], raw[:, 3:7]
        grid = (centres + flow)[None, None]  # (1, 1, n, 2)
        warped = functional.grid_sample(
            picture[None], grid, mode="bilinear", padding_mode="border", align_corners=False
        )  # (1, 4, 1, n)
        final = torch.lerp(warped[0, :, 0].T, direct, alpha)  # (n, 4)
        words.index_copy_(0, places, _to_rgba8_straight(final).view(torch.int32).view(-1))

    # These functions hold no frame: one that is given up goes at once, and the GPU's memory with it.
    return RegionFrame(pixels, runner.prepare(body), runner.prepare(compose))


def larger_frame(
    region: Region,
    scale: int,
    visible: NDArray[np.bool_],
    stages: Sequence[Stage],
    picture: Tensor,
    runner: Runner,
) -> RegionFrame | None:
    """The same at a scale of 2 or 4 (:mod:`tha4_core.engines.larger`); picture: fp32 (4, edge, edge), to be warped."""
    around = larger.grown(region)
    shown = visible[region.y : region.y + region.height, region.x : region.x + region.width]
    plan = plan_region(around, _widened(visible), len(stages))
    if plan is None or not shown.any():
        return None
    device = runner.device
    body, raw = _body_step(plan, stages, runner)
    places = torch.from_numpy(plan.places).to(device)  # (n,)
    answers = torch.zeros((around.height * around.width, raw.shape[1]), device=device)
    pixels = torch.zeros((scale * region.height, scale * region.width, 4), dtype=torch.uint8, device=device)
    seen = torch.from_numpy(shown.repeat(scale, axis=0).repeat(scale, axis=1)).to(device)[..., None]  # (h, w, 1)

    def compose() -> None:
        answers.index_copy_(0, places, raw)
        known = answers[:, :7].T.view(7, around.height, around.width)
        flow, alpha, direct = torch.split(larger.enlarged_answers(known, region, scale), [2, 1, 4])
        final = torch.lerp(sampled(picture, sampling_grid(flow, region, scale)), direct, alpha)  # (4, h, w)
        bytes_of = _to_rgba8_straight(final.flatten(1).T).view(pixels.shape)
        pixels.copy_(bytes_of * seen)

    return RegionFrame(pixels, runner.prepare(body), runner.prepare(compose))


def _body_step(plan: RegionPlan, stages: Sequence[Stage], runner: Runner) -> tuple[Step, Tensor]:
    """What evaluates the body network at a plan's n pixels, and where its answers then are, (n, 8)."""
    device = runner.device
    coarse_channels = [0, *(stage.answer_channels for stage in stages[:-1])]
    all_buffers = [
        StageBuffers(stage, level, device, channels)
        for stage, level, channels in zip(stages, plan.levels, coarse_channels, strict=True)
    ]
    raw = torch.empty((len(plan.places), stages[-1].answer_channels), device=device)
    # Each level writes the features that the next one's table begins with, and its answer where they are summed.
    outs = [(buffers.features, buffers.coarse_answer) for buffers in all_buffers[1:]] + [(None, raw)]

    def body() -> None:
        for stage, buffers, out in zip(stages, all_buffers, outs, strict=True):
            stage.run(runner.pose, buffers, *out)

    return body, raw


def _widened(visible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With the pixels beside those that are true: between two pixels the answers of both count."""
    wide = np.pad(visible, 1)
    rows = wide[:-2] | wide[1:-1] | wide[2:]
    return np.asarray(rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:], np.bool_)


def _to_rgba8_straight(values: Tensor) -> Tensor:
    """Linear premultiplied fp32 (n, 4) in [-1, 1] -> straight-alpha sRGB uint8 (n, 4) (STUDENT.md section 6.4)."""
    unit = (values + 1.0) * 0.5
    alpha = unit[:, 3:].clamp(0.0, 1.0)  # (n, 1)
    alpha8 = torch.round(alpha * 255.0)
    linear = (unit[:, :3] / alpha).clamp(0.0, 1.0)  # (n, 3)
    color = torch.where(linear <= 0.003130804953560372, 12.92 * linear, 1.055 * linear.pow(1.0 / 2.4) - 0.055)
    color8 = torch.where(alpha8 > 0.0, torch.round(color * 255.0), 0.0)  # 0 also where 0 was divided by 0
    return torch.cat((color8, alpha8), dim=1).to(torch.uint8)
