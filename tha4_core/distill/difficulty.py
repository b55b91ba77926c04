"""What a step looks at: those of the teacher's pictures, and those places in them, that are still wrong, more often.

Head and body all at their ends are few of the poses, and look worst; learned from as often as any other they stay so.
And most of a picture's error lies in the head, which is a small part of it (docs/distillation_experiments.md, "Poses
that are still wrong", "Places that are still wrong").
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor

from tha4_core.distill.frame_store import Rolling

#: Both are drawn in proportion to this power of their errors: what has ten times the error three times as often.
_POWER: Final = 0.5
#: This part of a step is drawn from all alike, so that every error is seen anew now and then.
_ALIKE: Final = 0.2
#: How much of what is known of a frame stays when it is looked at again: a step sees a few parts of it.
_MEMORY: Final = 0.9
#: The same of a place, which a step sees in a few of the poses.
_MEMORY_OF_PLACES: Final = 0.98


class Difficulty:
    """How wrong each frame of a store was, when it was last looked at. Lives on the CPU, which decides what to draw."""

    def __init__(self, rolling: Rolling) -> None:
        self._rolling = rolling
        self._errors = torch.zeros(rolling.capacity)
        #: The frame that a slot's error is of: -1, none; another than the one in the slot, none any more.
        self._frames = torch.full((rolling.capacity,), -1)

    def draw(self, count: int, random: torch.Generator) -> Tensor:
        """``count`` slots that hold a frame, int64 (count,); one may come more than once."""
        kept = len(self._rolling)
        errors = self._errors[:kept]
        known = self._frames[:kept] == self._rolling.frames()
        weights = _weights(errors, known)
        shares = (1.0 - _ALIKE) * weights / weights.sum().clamp(min=1e-6) + _ALIKE / kept
        return torch.multinomial(shares, count, replacement=True, generator=random)

    def note(self, slots: Tensor, errors: Tensor) -> None:
        """What a step saw. slots: int64 (P,); of one that comes more than once, one error counts. errors: (P,), not
        negative, on any device; those that are not finite are passed over."""
        errors = errors.detach().float().cpu()
        finite = torch.isfinite(errors)
        slots, errors = slots[finite], errors[finite]
        frames, before = self._rolling.frames()[slots], self._errors[slots]
        known = self._frames[slots] == frames
        self._errors[slots] = torch.where(known, _MEMORY * before + (1.0 - _MEMORY) * errors, errors)
        self._frames[slots] = frames

    def state(self) -> dict[str, Any]:
        """For a snapshot: tensors."""
        return {"errors": self._errors.clone(), "frames": self._frames.clone()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Raises ValueError where the state is of a store of another size."""
        errors, frames = state["errors"], state["frames"]
        if errors.shape != self._errors.shape or frames.shape != self._frames.shape:
            raise ValueError("the state is of another store of pictures")
        self._errors, self._frames = errors.float().clone(), frames.long().clone()


class Places:
    """How wrong each cell of the picture was, whatever the pose. Lives on the CPU, which decides what to draw."""

    def __init__(self, cells: int) -> None:
        #: -1: of a cell that nobody looked at.
        self._errors = torch.full((cells,), -1.0)

    def shares(self, seen: Tensor) -> Tensor:
        """How often each cell is to be drawn, (P, cells); a row's sum is 1. seen: (P, cells), 1.0 where anything is to
        be seen in a pose's picture, else 0.0; where that is nothing, the row is 0."""
        wrong = seen * _weights(self._errors, self._errors >= 0.0)
        return (1.0 - _ALIKE) * _of_their_sum(wrong) + _ALIKE * _of_their_sum(seen)

    def note(self, cells: Tensor, errors: Tensor) -> None:
        """What a step saw. cells: int64, any shape; one that comes more than once has all its errors counted. errors:
        of the same shape, not negative, on any device; those that are not finite are passed over."""
        errors, cells = errors.detach().float().cpu().flatten(), cells.flatten()
        finite = torch.isfinite(errors)
        errors, cells = errors[finite], cells[finite]
        counts = torch.bincount(cells, minlength=len(self._errors))
        means = torch.bincount(cells, errors, minlength=len(self._errors)) / counts.clamp(min=1)
        kept = torch.where(self._errors >= 0.0, _MEMORY_OF_PLACES**counts, (counts == 0).float())
        self._errors = kept * self._errors + (1.0 - kept) * means

    def state(self) -> dict[str, Any]:
        """For a snapshot: tensors."""
        return {"errors": self._errors.clone()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Raises ValueError where the state is of another number of cells."""
        if state["errors"].shape != self._errors.shape:
            raise ValueError("the state is of another division of the picture")
        self._errors = state["errors"].float().clone()


def _weights(errors: Tensor, known: Tensor) -> Tensor:
    """How much more often than others each is to be drawn; what is not known counts as the mean of the others."""
    mean = (errors * known).sum() / known.sum().clamp(min=1)
    return torch.where(known, errors / mean.clamp(min=torch.finfo(torch.float32).tiny), 1.0) ** _POWER


def _of_their_sum(values: Tensor) -> Tensor:
    """Each of its row's sum; 0 where that is."""
    return values / values.sum(dim=-1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny)
