"""The eyebrow morphing combiner: the eyebrow layer, moved by the pose, over the background. TEACHER.md section 5."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tha4_core.student import warp
from tha4_core.teacher.blocks import Heads, alpha_head, color_head, flow_head
from tha4_core.teacher.encoder_decoder import EncoderDecoder
from tha4_core.teacher.image_forming import blend, blend_color

#: The first parameters of a pose: the eyebrows'.
EYEBROW_POSE_SIZE = 12


class Combined(NamedTuple):
    """Pictures (B, 4, 128, 128) and their making, in the official order.

    eyebrow_image, eyebrow_image_no_combine_alpha: the morphed eyebrows over the background, with ``combine_alpha``
    and with their own alpha; the latter is the one that is used. alphas: (B, 1, 128, 128). flow: (B, 2, 128, 128).
    """

    eyebrow_image: Tensor
    combine_alpha: Tensor
    eyebrow_image_no_combine_alpha: Tensor
    morphed_eyebrow_layer: Tensor
    morphed_eyebrow_layer_alpha: Tensor
    morphed_eyebrow_layer_color_change: Tensor
    warped_eyebrow_layer: Tensor
    flow: Tensor


class EyebrowMorphingCombiner(Heads):
    """The decomposer's two layers (B, 4, 128, 128) and the eyebrows' pose (B, 12)."""

    names = (
        "morphed_eyebrow_layer_grid_change",
        "morphed_eyebrow_layer_alpha",
        "morphed_eyebrow_layer_color_change",
        "combine_alpha",
    )

    def __init__(self, *, separable: bool = False) -> None:
        super().__init__()
        self.body = EncoderDecoder(inputs=8, pose_size=EYEBROW_POSE_SIZE, separable=separable)
        self.morphed_eyebrow_layer_grid_change = flow_head()
        self.morphed_eyebrow_layer_alpha = alpha_head()
        self.morphed_eyebrow_layer_color_change = color_head()
        self.combine_alpha = alpha_head()

    def forward(self, background_layer: Tensor, eyebrow_layer: Tensor, pose: Tensor) -> Combined:
        return self.combine(self.encode(background_layer, eyebrow_layer), background_layer, eyebrow_layer, pose)

    def encode(self, background_layer: Tensor, eyebrow_layer: Tensor) -> Tensor:
        """All that does not depend on the pose, (B, 512, 16, 16)."""
        return self.body.encode(torch.cat((background_layer, eyebrow_layer), dim=1))

    def combine(self, encoded: Tensor, background_layer: Tensor, eyebrow_layer: Tensor, pose: Tensor) -> Combined:
        """The rest; ``encoded`` and the layers may be one for all poses."""
        features = self.body.decode(encoded, pose)  # (B, 64, 128, 128)
        flow, alpha, color, combine_alpha = self.of(features)
        warped = warp(eyebrow_layer.expand(len(pose), -1, -1, -1), flow)
        morphed = blend(alpha, color, warped)
        own_alpha = (morphed[:, 3:] + 1.0) / 2.0
        return Combined(
            blend_color(combine_alpha, morphed, background_layer),
            combine_alpha,
            blend_color(own_alpha, morphed, background_layer),
            morphed,
            alpha,
            color,
            warped,
            flow,
        )
