"""Weights made by rule, for tests and measurements where the released ones are not at hand (TEACHER.md section 12.1).

With them the networks paint noise, but every activation has the size it would have, and what they must give is known.
"""

from __future__ import annotations

import math
import zlib
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from tha4_core.teacher.networks import Networks
from tha4_core.teacher.systems import THA3_SEPARABLE, THA3_STANDARD, THA4, System
from tha4_core.teacher.tha3_networks import Tha3Networks

#: A tensor of so few outputs is a head's; it is made small, or its flow would be noise.
_HEAD_OUTPUTS: Final = 7
_HEAD_GAIN: Final = 0.05


@torch.no_grad()
def fill(network: nn.Module, name: str) -> None:
    """Overwrite all weights of ``network``, which is called ``name`` ("face_morpher", ...) in the released files."""
    for key, tensor in network.state_dict().items():
        tensor.copy_(_values(f"{name}/{key}", tensor.shape))


def _values(key: str, shape: torch.Size) -> Tensor:
    random = np.random.RandomState(zlib.crc32(key.encode()))
    values = random.standard_normal(math.prod(shape)).astype(np.float32).reshape(shape)
    if len(shape) >= 2:
        gain = math.sqrt(1.0 / math.prod(shape[1:]))
        values *= np.float32(gain * _HEAD_GAIN if shape[0] <= _HEAD_OUTPUTS else gain)
    else:
        values *= np.float32(0.1)
        if key.endswith("weight"):
            values += np.float32(1.0)
    return torch.from_numpy(values)


def deterministic_networks(system: System = THA4) -> Networks | Tha3Networks:
    """All five networks with weights by the rule, in evaluation mode; THA3's by THA3.md section 11."""
    with torch.device("meta"):  # initial values would be overwritten
        networks = system.chain(system.new_networks())
    networks.to_empty(device="cpu")
    prefix = {THA3_STANDARD: "tha3/", THA3_SEPARABLE: "tha3/separable/"}.get(system, "")
    for name, network in networks.named_children():
        fill(network, f"{prefix}{name}")
    return networks.eval()
