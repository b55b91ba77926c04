"""Bodies that the paper compares its own with (Table 6): simpler networks, for experiments only, in no file format.

Their sizes are not in the text; a SIREN as the face's, of eight layers of 128, at 512x512 throughout needs 1.9 times
the multiply-adds of the body morpher, and "about twice" is what the paper says.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from tha4_core.distill.resolutions import form_body
from tha4_core.pose import SIZE
from tha4_core.student import BodyOutput, SineLayer, last_linear, position_and_pose

_HIDDEN = 128
_LAYERS = 8


class SingleResolutionBody(nn.Module):
    """Flow, alpha and direct colour from one SIREN at full resolution: the body without its levels."""

    outputs = 7

    def __init__(self) -> None:
        super().__init__()
        self.sine_layers = nn.ModuleList(
            SineLayer(2 + SIZE if index == 0 else _HIDDEN, _HIDDEN, first=index == 0) for index in range(_LAYERS)
        )
        self.last_linear = last_linear(_HIDDEN, self.outputs)

    def raw(self, edge: int, pose: Tensor) -> Tensor:
        """(B, 45) -> (B, outputs, edge, edge)."""
        x = position_and_pose(edge, pose)
        for layer in self.sine_layers:
            x = layer(x)
        return cast(Tensor, self.last_linear(x))

    def forward(self, image: Tensor, pose: Tensor) -> BodyOutput:
        """image (B, 4, S, S), pose (B, 45)."""
        return form_body(self.raw(image.shape[-1], pose), image)


class PlainBody(SingleResolutionBody):
    """The posed picture painted from nothing by one SIREN; ``direct`` is all of the final picture."""

    outputs = 4

    def forward(self, image: Tensor, pose: Tensor) -> BodyOutput:
        direct = self.raw(image.shape[-1], pose)
        still = torch.zeros_like(direct[:, :2])
        return BodyOutput(direct, torch.ones_like(direct[:, :1]), direct, image, still)
