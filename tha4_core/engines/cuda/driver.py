"""Whether it is worth importing torch to try the CUDA engine: found out in milliseconds and without torch."""

from __future__ import annotations

import ctypes
import importlib.util
import re
import sys
from pathlib import Path


def worth_trying() -> bool:
    """Whether there is an NVIDIA GPU with its driver, and an installed torch that was built for CUDA."""
    return torch_has_cuda() and nvidia_devices() > 0


def nvidia_devices() -> int:
    """How many GPUs the NVIDIA driver offers to this process (``CUDA_VISIBLE_DEVICES`` counts); 0 without a driver."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        count = ctypes.c_int(0)
        # Of the CUDA driver API: both return 0 on success.
        if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
            return 0
    except (OSError, AttributeError):
        return 0
    return count.value


def torch_has_cuda() -> bool:
    """Whether the installed torch was built for CUDA, from the file in which it says so; False without torch."""
    try:
        spec = importlib.util.find_spec("torch")
    except ValueError:  # imported by something that hides where from
        return False
    if spec is None or spec.origin is None:
        return False
    try:
        text = (Path(spec.origin).parent / "version.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return re.search(r"""^cuda\b[^=\n]*=\s*['"]""", text, re.MULTILINE) is not None
