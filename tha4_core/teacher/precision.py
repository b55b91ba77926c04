"""In what the teacher's convolutions are computed. Norms, attention's softmax, heads and pictures stay float32."""

from __future__ import annotations

import torch


def autocast(device: torch.device, precision: torch.dtype) -> torch.autocast:
    """A context in which convolutions of float32 data are computed in ``precision``; none for float32."""
    if precision == torch.float32:
        return torch.autocast(device.type, enabled=False)
    return torch.autocast(device.type, precision)
