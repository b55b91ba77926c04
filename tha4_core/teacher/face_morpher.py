"""The face morpher: irises and mouth, then the eyes, changed as the pose says. TEACHER.md section 6."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from tha4_core.student import warp
from tha4_core.teacher.blocks import Heads, alpha_head, color_head, flow_head
from tha4_core.teacher.encoder_decoder import EncoderDecoder
from tha4_core.teacher.image_forming import blend

#: Parameters of eyes, irises and mouth: those that follow the eyebrows' in a pose.
EYE_MOUTH_POSE_SIZE = 27


class MorphedFace(NamedTuple):
    """Pictures (B, 4, 192, 192) and their making, in the official order.

    final: all done. iris_mouth: irises and mouth done, eyes not. warped: the picture sampled through ``flow``,
    (B, 2, 192, 192). alphas: (B, 1, 192, 192), the weight of the colour.
    """

    final: Tensor
    eye_alpha: Tensor
    eye_color_change: Tensor
    iris_mouth: Tensor
    iris_mouth_alpha: Tensor
    iris_mouth_color_change: Tensor
    warped: Tensor
    flow: Tensor


class _FaceHeads(Heads):
    """What the features (B, 64, 192, 192) become."""

    names = (
        "iris_mouth_grid_change",
        "iris_mouth_alpha",
        "iris_mouth_color_change",
        "eye_alpha",
        "eye_color_change",
    )

    def _add_heads(self) -> None:
        self.iris_mouth_grid_change = flow_head()
        self.iris_mouth_color_change = color_head()
        self.iris_mouth_alpha = alpha_head()
        self.eye_color_change = color_head()
        self.eye_alpha = alpha_head()

    def _morph(self, image: Tensor, features: Tensor) -> MorphedFace:
        flow, iris_mouth_alpha, iris_mouth_color, eye_alpha, eye_color = self.of(features)
        warped = warp(image, flow)
        iris_mouth = blend(iris_mouth_alpha, iris_mouth_color, warped)
        # What the eyes are painted over is not trained through the eyes.
        final = blend(eye_alpha, eye_color, iris_mouth.detach())
        return MorphedFace(final, eye_alpha, eye_color, iris_mouth, iris_mouth_alpha, iris_mouth_color, warped, flow)


class FaceMorpher(EncoderDecoder, _FaceHeads):
    """The face with its eyebrows posed, (B, 4, 192, 192), and the pose of eyes and mouth, (B, 27).

    An encoder-decoder itself, rather than having one: the official names have no prefix here.
    """

    def __init__(self) -> None:
        super().__init__(inputs=4, pose_size=EYE_MOUTH_POSE_SIZE)
        self._add_heads()

    def forward(self, image: Tensor, pose: Tensor) -> MorphedFace:  # type: ignore[override]
        return self._morph(image, super().forward(image, pose))


class SeparableFaceMorpher(_FaceHeads):
    """The same with separable convolutions; it has an encoder-decoder, as its official names say."""

    def __init__(self) -> None:
        super().__init__()
        self.body = EncoderDecoder(inputs=4, pose_size=EYE_MOUTH_POSE_SIZE, separable=True)
        self._add_heads()

    def forward(self, image: Tensor, pose: Tensor) -> MorphedFace:
        return self._morph(image, self.body(image, pose))
