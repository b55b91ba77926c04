"""Memory for frames on their way out, and their reduction to a smaller size."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bridge.door import Leaving
from tha4_core.picture.region import PICTURE_SIZE, Region

_PICTURE_BYTES: Final = PICTURE_SIZE * PICTURE_SIZE * 4
#: The sizes of buffers, 1, 4 and 16 MiB: the full picture at a scale of 1, 2 and 4. How many of each are kept for later
#: though nobody needs them now.
_KEEP: Final = {_PICTURE_BYTES: 8, 4 * _PICTURE_BYTES: 2, 16 * _PICTURE_BYTES: 2}
#: After so many frames without a buffer of a size above the first, none of that size is kept.
_IDLE_FRAMES: Final = 100


class Buffer:
    """Memory for one frame of up to ``size`` bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._memory = np.empty(size, dtype=np.uint8)

    def pixels(self, width: int, height: int) -> NDArray[np.uint8]:
        """The start of the memory as a frame, (height, width, 4)."""
        return self._memory[: height * width * 4].reshape(height, width, 4)


class BufferPool:
    """Buffers that are used again when what they held has been sent. Used by one thread."""

    def __init__(self) -> None:
        self._free: dict[int, list[Buffer]] = {size: [] for size in _KEEP}
        self._idle = dict.fromkeys(_KEEP, 0)
        self._sending: deque[tuple[Buffer, Leaving]] = deque()

    def take(self, frame_bytes: int) -> Buffer:
        """A buffer for a frame of at most 16 MiB that nobody else uses; its content is arbitrary."""
        for _ in range(len(self._sending)):
            buffer, tracker = self._sending.popleft()
            if tracker.done:
                self.give_back(buffer)
            else:
                self._sending.append((buffer, tracker))
        size = next(size for size in _KEEP if frame_bytes <= size)
        self._note_use(size)
        free = self._free[size]
        return free.pop() if free else Buffer(size)

    def give_back(self, buffer: Buffer, tracker: Leaving | None = None) -> None:
        """Return a buffer; ``tracker`` says when its content has left, None that it is not in use."""
        if tracker is not None:
            self._sending.append((buffer, tracker))
        elif len(self._free[buffer.size]) < _KEEP[buffer.size]:
            self._free[buffer.size].append(buffer)

    def _note_use(self, used: int) -> None:
        """Give larger buffers that nobody has wanted for some time back to the system."""
        for size in self._idle:
            self._idle[size] = 0 if size == used else self._idle[size] + 1
            if size > _PICTURE_BYTES and self._idle[size] >= _IDLE_FRAMES:
                self._free[size].clear()


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
