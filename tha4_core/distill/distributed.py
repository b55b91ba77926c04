"""Training on several devices at once: the same steps as on one, each process working on its share of every batch.

Started with ``torchrun``, which tells the processes of each other. Every process holds the whole network; the mean of
their gradients is the gradient of the whole batch, so the result is the same up to rounding.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, distributed, nn

from tha4_core.distill.errors import DistillationError
from tha4_core.teacher.inputs import check_device


class World(NamedTuple):
    """Which of how many processes this is, and the device it works on."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes files and speaks to people."""
        return self.rank == 0

    def share(self, start: int, batch: int) -> range:
        """The examples start .. start + batch - 1 that this process works on. Raises DistillationError."""
        if batch % self.size:
            raise DistillationError(
                f"a batch of {batch} cannot be shared by {self.size} processes; start 1, 2, 4 or 8 of them."
            )
        return range(start + self.rank, start + batch, self.size)

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its mean over all processes."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        distributed.all_reduce(flat)
        flat /= self.size
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    def average_gradients(self, network: nn.Module) -> None:
        """Give every process the gradient of the whole batch."""
        self.average([parameter.grad for parameter in network.parameters() if parameter.grad is not None])

    def agree(self, number: float) -> float:
        """The leading process's ``number``, in every process: they take the same turn at the same step."""
        if self.size == 1:
            return number
        said = torch.tensor([number], dtype=torch.float64, device=self.device)
        distributed.broadcast(said, 0)
        return float(said.item())

    def wait(self) -> None:
        """Go on when every process has come here."""
        if self.size > 1:
            self.agree(0.0)


def alone(device: str | torch.device = "cpu") -> World:
    """One process on one device."""
    return World(0, 1, torch.device(device))


@contextmanager
def joined_world(device: str | None = None) -> Iterator[World]:
    """The processes that ``torchrun`` started, or this one alone; left again at the end.

    device: "cpu", "cuda" or another name; None: a GPU where there is one. Each process takes a GPU of its own.
    Raises DistillationError when there are fewer GPUs than processes, TeacherError for a device that is not there.
    """
    kind = device or ("cuda" if torch.cuda.is_available() else "cpu")
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or distributed.is_initialized():
        yield alone(check_device(kind))
        return
    place = torch.device(kind)
    if place.type == "cuda":
        local = int(os.environ.get("LOCAL_RANK", "0"))
        if local >= torch.cuda.device_count():
            raise DistillationError(
                f"{size} processes were started, but there are {torch.cuda.device_count()} GPUs; start one for each."
            )
        place = torch.device("cuda", local)
        torch.cuda.set_device(place)
    distributed.init_process_group("nccl" if place.type == "cuda" else "gloo")
    try:
        yield World(distributed.get_rank(), size, place)
        # A process that leaves while another is still at work with it can take that one down.
        distributed.barrier()
    finally:
        distributed.destroy_process_group()
