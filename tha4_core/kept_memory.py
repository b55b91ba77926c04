"""Memory that torch frees and takes again picture after picture, kept by the process in between.

glibc gives blocks of 32 MiB and more back to the system at once, and the system fills each new one with zeros: for
pictures of 512x512 with dozens of channels that takes longer than the arithmetic (a 1x1 convolution of 16 to 32
channels 17 ms, of which 4 are its own).
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Final

#: Of malloc.h: how much free memory at the heap's end is given back, and from which size on blocks are the system's.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
#: The largest block of a teacher's is 130 MB.
_KEPT: Final = 1 << 30


@cache
def keep_large_blocks() -> bool:
    """From now on the process keeps up to 1 GiB that it has freed; whether it does: only with glibc."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _KEPT)) and bool(mallopt(_TRIM_THRESHOLD, _KEPT))
