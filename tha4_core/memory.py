"""How the C library of a process keeps or gives back the memory that was freed, where that is glibc."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
#: The largest piece that a training's process keeps, bytes; a teacher's largest activations are an eighth of it.
_LARGEST_KEPT: Final = 1 << 30
_MOST_KEPT: Final = 2**31 - 1
#: From this size on, a bridge gives pieces back: a picture is a quarter of it, an engine's grids up to 24 MiB.
_SMALLEST_RETURNED: Final = 4 << 20


def keep_freed_memory() -> bool:
    """Have this process keep what is freed, for the next step to take; whether the C library does (glibc).

    It otherwise gives every large piece back to the system and gets it again zeroed, page by page: a fifth of the time
    of a step of the fast recipes, a third of a teacher's pose.
    """
    return _set(_MMAP_THRESHOLD, _LARGEST_KEPT) and _set(_TRIM_THRESHOLD, _MOST_KEPT)


def return_large_pieces() -> bool:
    """Have this process give what an engine held back to the system at once; whether the C library does (glibc).

    It otherwise begins to keep pieces as large as the largest that was ever freed, and what is small and stays among
    them keeps all of it: a process in which characters come and go then grows.
    """
    return _set(_MMAP_THRESHOLD, _SMALLEST_RETURNED)


def give_back_freed_memory() -> bool:
    """Give what is free, but kept in small pieces, back to the system now; whether the C library does (glibc)."""
    if sys.platform != "linux":
        return False
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and bool(trim(0))


def _set(parameter: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(parameter, value))
