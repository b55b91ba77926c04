"""Comparing pictures in tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def psnr(one: NDArray[np.generic], other: NDArray[np.generic]) -> float:
    """Peak signal-to-noise ratio in dB over all values of two arrays of 8-bit levels; infinite when they are equal."""
    error = np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255.0**2 / error))


def over(picture: NDArray[np.uint8], background: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A straight-alpha picture (h, w, 4) over a colour, blended in sRGB as a 2D canvas does: (h, w, 3)."""
    alpha = picture[..., 3:] / 255.0
    blended = picture[..., :3] * alpha + np.array(background) * (1.0 - alpha)
    return np.rint(blended).astype(np.uint8)
