"""Memory for steps that all take and give back the same large pieces."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
#: The largest piece that the C library will keep, bytes; a step's activations are a third of it.
_LARGEST_KEPT: Final = 32 << 20
_MOST_KEPT: Final = 2**31 - 1


def keep_freed_memory() -> bool:
    """Have this process keep what is freed, for the next step to take; whether the C library does (glibc).

    It otherwise gives every large piece back to the system and gets it again zeroed, page by page: a fifth of the time
    of a step of the fast recipes.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT) and mallopt(_TRIM_THRESHOLD, _MOST_KEPT)
    )
