"""What tests of the CUDA engine share: it runs on the CPU, the same steps, without a graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from tha4_core.character import Character
from tha4_core.engines.cuda.engine import CudaEngine

HEAD = (160, 48, 192, 192)


def random_pose(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    pose = random.uniform(0, 1, 45).astype(np.float32)
    pose[37:44] = random.uniform(-1, 1, 7)
    return pose


def difference(pixels: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Of bytes, colours weighed by alpha: at tiny alpha they are of no meaning (STUDENT.md section 6.4)."""
    error = np.abs(pixels.astype(float) - expected)
    error[..., :3] *= np.maximum(pixels, expected)[..., 3:] / 255.0
    return error


def on_cpu(character: Character, **options: Any) -> CudaEngine:
    return CudaEngine(character, **{"device": "cpu", "skip_invisible": False, **options})
