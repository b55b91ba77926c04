"""How many of the teacher's pictures a training may keep in memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import psutil
import torch

from tha4_core.distill.frame_store import FRAME_BYTES

#: This part of a machine's memory, or of a GPU's.
_SHARE: Final = 0.4
#: Where Linux says how much a container may have: versions 2 and 1 of its control groups.
_LIMITS: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def room_for_frames(device: torch.device) -> int:
    """How many pictures of :class:`.frame_store.BodyFrames` fit: into a GPU's memory, or into this training's part of
    the machine's, which is that of its threads among the processor's cores."""
    if device.type == "cuda":
        memory = torch.cuda.mem_get_info(device)[1]
    else:
        memory = round(_machine() * min(1.0, torch.get_num_threads() / (os.cpu_count() or 1)))
    return int(_SHARE * memory / FRAME_BYTES)


def _machine() -> int:
    """Bytes of memory that programs here may have altogether."""
    most: int = psutil.virtual_memory().total
    for path in _LIMITS:
        try:
            most = min(most, int(path.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such file; "max"
            continue
    return most
