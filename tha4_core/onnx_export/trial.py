"""A model tried out with ONNX Runtime: its pictures, and how alike they are to an engine's."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.engines import Engine
from tha4_core.metrics import signal_to_noise
from tha4_core.onnx_export.model import OnnxForm
from tha4_core.pose import Pose


class OnnxPlayer:
    """A model in ONNX Runtime, on the CPU."""

    def __init__(self, model: bytes, character: Character, form: OnnxForm, threads: int = 0) -> None:
        """threads: how many work on a picture; 0: as many as there are cores."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Threads that wait for the next picture leave the cores to others.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._form = form
        self._given: dict[str, NDArray[Any]] = {}
        if form.drawing_is_input:
            self._given["drawing"] = character.image[None] if form.is_bytes else as_units(character.image)[None]

    def render(self, pose: Pose) -> NDArray[Any]:
        """The picture of a pose as the model gives it, (512, 512, 4)."""
        picture: NDArray[Any] = self._session.run(["picture"], {"pose": pose[None], **self._given})[0][0]
        return picture

    def likeness(self, engine: Engine, pose: Pose) -> float:
        """How alike the pictures of a pose are to an engine's, in dB over sRGB levels multiplied by alpha."""
        shown = as_units(self.render(pose)).astype(np.float64)
        # Rounded as the engine's: the nearest byte is all that it could show.
        shown = np.rint(shown * 255.0) / 255.0
        expected = engine.render(pose) / 255.0
        if not self._form.premultiplied:
            shown[..., :3] *= shown[..., 3:]
        expected[..., :3] *= expected[..., 3:]
        return signal_to_noise(shown, expected, peak=1.0)


def as_units(picture: NDArray[Any]) -> NDArray[np.float32]:
    """Bytes as numbers from 0 to 1; numbers as they are."""
    return picture.astype(np.float32) / np.float32(255.0) if picture.dtype == np.uint8 else picture
