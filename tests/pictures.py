"""Pictures as a window shows them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def over(picture: NDArray[np.uint8], background: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A straight-alpha picture (h, w, 4) over a colour, blended in sRGB as a 2D canvas does: (h, w, 3)."""
    alpha = picture[..., 3:] / 255.0
    blended = picture[..., :3] * alpha + np.array(background) * (1.0 - alpha)
    return np.rint(blended).astype(np.uint8)
