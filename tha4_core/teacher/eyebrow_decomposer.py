"""The eyebrow decomposer: the eyebrows on a layer of their own, and the face without them. TEACHER.md section 4.3."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from tha4_core.teacher.blocks import Heads, alpha_head, color_head
from tha4_core.teacher.encoder_decoder import EncoderDecoder
from tha4_core.teacher.image_forming import blend


class Decomposed(NamedTuple):
    """Layers (B, 4, 128, 128) and their making, in the official order.

    eyebrow_layer: where its alpha (B, 1, 128, 128) is 1, the picture; elsewhere the colour. background_layer: where
    its alpha is 1, the colour; elsewhere the picture.
    """

    eyebrow_layer: Tensor
    eyebrow_layer_alpha: Tensor
    eyebrow_layer_color_change: Tensor
    background_layer: Tensor
    background_layer_alpha: Tensor
    background_layer_color_change: Tensor


class EyebrowDecomposer(Heads):
    """(B, 4, 128, 128), the picture around the eyebrows."""

    names = (
        "eyebrow_layer_alpha",
        "eyebrow_layer_color_change",
        "background_layer_alpha",
        "background_layer_color_change",
    )

    def __init__(self, *, separable: bool = False) -> None:
        super().__init__()
        self.body = EncoderDecoder(inputs=4, separable=separable)
        self.background_layer_alpha = alpha_head()
        self.background_layer_color_change = color_head()
        self.eyebrow_layer_alpha = alpha_head()
        self.eyebrow_layer_color_change = color_head()

    def forward(self, image: Tensor) -> Decomposed:
        features = self.body(image)  # (B, 64, 128, 128)
        eyebrow_alpha, eyebrow_color, background_alpha, background_color = self.of(features)
        return Decomposed(
            blend(eyebrow_alpha, image, eyebrow_color),
            eyebrow_alpha,
            eyebrow_color,
            blend(background_alpha, background_color, image),
            background_alpha,
            background_color,
        )
