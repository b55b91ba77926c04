"""The half-resolution rotator: the picture at 256x256, turned and leant as the pose says. TEACHER.md section 8."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from torch import Tensor, nn

from tha4_core.teacher.attention_unet import AttentionUnet
from tha4_core.teacher.image_forming import form
from tha4_core.teacher.interface import Formed

#: The last parameters of a pose: head, neck, body, breathing.
BODY_POSE_SIZE = 6
#: Channels at 256, 128, 64, 32 and 16 pixels.
CHANNELS: Final = (64, 128, 256, 256, 256)


class BodyMorpher(nn.Module):
    """The picture with its face posed (B, 4, 256, 256) and the body's pose (B, 6).

    channels: at each resolution; the released network's, or others for networks of one's own.
    """

    def __init__(self, channels: Sequence[int] = CHANNELS) -> None:
        super().__init__()
        self.body = AttentionUnet(channels, BODY_POSE_SIZE)

    def forward(self, image: Tensor, pose: Tensor) -> Formed:
        return form(self.body(image, pose), image)
