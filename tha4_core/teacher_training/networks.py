"""The networks that are trained, behind one call: a picture at rest and a pose in, what the losses compare out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn

from tha4_core.teacher.body_morpher import BodyMorpher
from tha4_core.teacher.editor import Edited, Editor
from tha4_core.teacher.image_forming import resize
from tha4_core.teacher.interface import Formed
from tha4_core.teacher.two_algo_face_body_rotator import Rotated, TwoAlgoFaceBodyRotator
from tha4_core.teacher.upscaler import Upscaler
from tha4_core.teacher_training.losses import Made
from tha4_core.teacher_training.settings import ROTATOR, Settings

#: A picture (B, 4, S, S) and a pose (B, 6) -> what an editor sees of them at its own size: picture and flow.
Coarse = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
_PRECISIONS: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def new_network(settings: Settings) -> nn.Module:
    """A new network, its first weights by the seed, in training mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = _build(settings)
    for module in network.modules():
        if hasattr(module, "precision"):
            setattr(module, "precision", _PRECISIONS[settings.precision])  # noqa: B010 - of modules that have it
    return network.train()


def _build(settings: Settings) -> nn.Module:
    widths, separable = settings.widths, settings.system == "tha3_separable"
    if settings.system == "tha4":
        return BodyMorpher(widths) if settings.network == ROTATOR else Upscaler(widths)
    if settings.network == ROTATOR:
        return TwoAlgoFaceBodyRotator(separable=separable, channels=widths)
    return Editor(separable=separable, channels=widths)


def make(network: nn.Module, rest: Tensor, pose: Tensor, coarse: tuple[Tensor, Tensor] | None) -> Made:
    """What a network makes; coarse: what an editor sees of the rotator, None in phases without."""
    made: Formed | Rotated | Edited
    if isinstance(network, Upscaler):
        made = network(rest, *(coarse or (None, None)), pose)
    elif isinstance(network, Editor):
        assert coarse is not None
        made = network(rest, *coarse, pose)
    else:
        made = network(rest, pose)
    if isinstance(made, Rotated):
        return Made(made.warped, made.direct, None)
    if isinstance(made, Edited):
        return Made(made.warped, made.color_change, made.color_changed)
    return Made(made.warped, made.direct, made.final)


def coarse_by(rotator: nn.Module) -> Coarse:
    """What an editor sees of a trained rotator, which stays as it is: as at inference."""
    rotator.eval().requires_grad_(False)

    @torch.no_grad()
    def see(rest: Tensor, pose: Tensor) -> tuple[Tensor, Tensor]:
        edge = rest.shape[-1]
        made = rotator(resize(rest, edge // 2), pose)
        picture = made.warped if isinstance(made, Rotated) else made.final
        return resize(picture, edge), resize(made.flow, edge)

    return see


def picture_of(made: Made) -> Tensor:
    """What is compared and shown: the blended picture, or of a network that blends nothing the warped one."""
    return made.warped if made.blended is None else made.blended
