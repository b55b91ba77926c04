"""What the networks put out, from the native engine: floats, before any picture is made of them.

Where no gradients are asked for this is several times as fast as torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from tha4_core.character import Character
from tha4_core.character.networks import BODY_CHANNELS, FACE_CHANNELS
from tha4_core.engines.native.renderer import new_renderer
from tha4_core.engines.reference import RegionOutput, blend
from tha4_core.engines.warping import sampling_grid
from tha4_core.picture.region import as_region
from tha4_core.pose import Pose, as_pose
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP

#: Where the face lies in a picture (4, 512, 512).
_FACE: Final = (slice(None), slice(FACE_TOP, FACE_TOP + FACE_EDGE), slice(FACE_LEFT, FACE_LEFT + FACE_EDGE))


class NativeOutputs:
    """Answers as :class:`tha4_core.engines.reference.ReferenceEngine` does on the CPU, up to rounding of float32."""

    def __init__(self, character: Character, threads: int) -> None:
        """Raises EngineError where the library was not built."""
        self._renderer = new_renderer(character, threads, precision="float32")
        self._picture = torch.from_numpy(np.array(character.network_image))  # (4, 512, 512)

    @torch.inference_mode()
    def outputs(self, pose: Pose | Sequence[float], region: Sequence[int] | None = None) -> RegionOutput:
        """The body morpher's outputs for a region, before any conversion to bytes."""
        rectangle, vector = as_region(region), as_pose(pose)
        raw = np.empty((BODY_CHANNELS, rectangle.height, rectangle.width), np.float32)
        self._renderer.body_outputs(vector, rectangle, raw)
        self._picture[_FACE] = self.face(vector)
        made = torch.from_numpy(raw)
        return blend(self._picture, made, sampling_grid(made, rectangle))

    def face(self, pose: Pose | Sequence[float]) -> Tensor:
        """The face morpher's whole output, float32 (4, 128, 128)."""
        face = np.empty((FACE_CHANNELS, FACE_EDGE, FACE_EDGE), np.float32)
        self._renderer.face_outputs(as_pose(pose), face)
        return torch.from_numpy(face)
