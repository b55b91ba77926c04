"""The editor: the half-resolution rotator's work done again at 512x512. TEACHER.md section 9."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

from tha4_core.student import warp
from tha4_core.teacher.attention_unet import AttentionUnet
from tha4_core.teacher.body_morpher import BODY_POSE_SIZE
from tha4_core.teacher.image_forming import form
from tha4_core.teacher.interface import Formed

#: Channels at 512, 256, 128, 64, 32 and 16 pixels.
CHANNELS: Final = (32, 64, 128, 256, 256, 256)


class Upscaler(nn.Module):
    """The picture with its face posed, the rotator's picture and flow at twice its size, and the body's pose (B, 6).

    Its own flow is absolute: it replaces the rotator's. channels: at each resolution, as of :class:`BodyMorpher`.
    """

    def __init__(self, channels: Sequence[int] = CHANNELS) -> None:
        super().__init__()
        self.body = AttentionUnet(channels, BODY_POSE_SIZE)
        self.coarse_image_conv = nn.Conv2d(4 + 4 + 2, channels[0], 3, padding=1)
        # A new editor sees nothing of the rotator's work (the paper's appendix B adds this input late in training).
        nn.init.zeros_(self.coarse_image_conv.weight)
        nn.init.zeros_(self.coarse_image_conv.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor, coarse: Tensor | None, coarse_flow: Tensor | None, pose: Tensor) -> Formed:
        """image, coarse: (B, 4, 512, 512); coarse_flow: (B, 2, 512, 512). Both None: the part that sees them left out,
        as in the first two phases of training."""
        if coarse is None or coarse_flow is None:
            return form(self.body(image, pose), image)
        coarse_inputs = torch.cat((coarse, warp(image, coarse_flow), coarse_flow), dim=1)  # (B, 10, 512, 512)
        return form(self.body(image, pose, self.coarse_image_conv(coarse_inputs)), image)
