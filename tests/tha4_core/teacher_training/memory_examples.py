"""Examples out of a formula, and made-up weights of VGG16: for trainings of seconds."""

from __future__ import annotations

import torch
from torch import Tensor

from tha4_core.student import warp
from tha4_core.teacher_training.examples import Example
from tha4_core.teacher_training.vgg import CONVOLUTIONS, Vgg


class MemoryExamples:
    """Soft spots that move sideways with head_y, (4, size, size)."""

    def __init__(self, count: int, size: int, first: int = 0) -> None:
        self._count, self._size, self._first = count, size, first

    @property
    def identity(self) -> str:
        return f"{self._count} spots from {self._first} at {self._size}"

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Example:
        random = torch.Generator().manual_seed(self._first + index)
        coarse = torch.rand(1, 4, 8, 8, generator=random) * 2.0 - 1.0
        rest = torch.nn.functional.interpolate(coarse, size=(self._size, self._size), mode="bilinear")
        pose = torch.rand(6, generator=random) * 2.0 - 1.0
        pose[5] = pose[5].abs()  # breathing
        flow = torch.zeros(1, 2, self._size, self._size)
        flow[:, 0] = 0.3 * pose[1]
        return Example(rest[0], pose, warp(rest, flow)[0])


def made_up_weights(seed: int = 0) -> dict[str, Tensor]:
    """Of VGG16's first seven convolutions, by torchvision's names."""
    random = torch.Generator().manual_seed(seed)
    weights: dict[str, Tensor] = {}
    for inputs, outputs, place, _ in CONVOLUTIONS:
        scale = (2.0 / (9 * inputs)) ** 0.5
        weights[f"features.{place}.weight"] = scale * torch.randn(outputs, inputs, 3, 3, generator=random)
        weights[f"features.{place}.bias"] = 0.1 * torch.randn(outputs, generator=random)
    return weights


def made_up_vgg() -> Vgg:
    return Vgg(made_up_weights())
