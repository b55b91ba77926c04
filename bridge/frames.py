"""Memory for frames on their way out, and their reduction to a smaller size."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bridge.door import Leaving
from tha4_core.picture.region import PICTURE_SIZE, Region

#: Buffers kept for later though nobody needs them now, 1 MiB each.
_KEEP: Final = 8


class Buffer:
    """Memory for one frame of any size up to the full picture."""

    def __init__(self) -> None:
        self._memory = np.zeros(PICTURE_SIZE * PICTURE_SIZE * 4, dtype=np.uint8)

    def pixels(self, width: int, height: int) -> NDArray[np.uint8]:
        """The start of the memory as a frame, (height, width, 4)."""
        return self._memory[: height * width * 4].reshape(height, width, 4)


class BufferPool:
    """Buffers that are used again when what they held has been sent. Used by one thread."""

    def __init__(self) -> None:
        self._free: list[Buffer] = []
        self._sending: deque[tuple[Buffer, Leaving]] = deque()

    def take(self) -> Buffer:
        """A buffer that nobody else uses; its content is arbitrary."""
        for _ in range(len(self._sending)):
            buffer, tracker = self._sending.popleft()
            if tracker.done:
                self.give_back(buffer)
            else:
                self._sending.append((buffer, tracker))
        return self._free.pop() if self._free else Buffer()

    def give_back(self, buffer: Buffer, tracker: Leaving | None = None) -> None:
        """Return a buffer; ``tracker`` says when its content has left, None that it is not in use."""
        if tracker is not None:
            self._sending.append((buffer, tracker))
        elif len(self._free) < _KEEP:
            self._free.append(buffer)


def frame_size(region: Region, scale: float) -> tuple[int, int]:
    """Width and height in pixels of a frame that shows ``region`` at ``scale``."""
    return max(1, round(region.width * scale)), max(1, round(region.height * scale))


def shrink(pixels: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """``pixels`` (h, w, 4) at the size of ``out``, straight alpha in and out.

    Pillow averages colours weighted by alpha, so edges take nothing of the transparent pixels' black. The filter's
    weights are not negative: a pixel of alpha 0 has no colour either.
    """
    height, width = out.shape[:2]
    out[...] = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.HAMMING))
