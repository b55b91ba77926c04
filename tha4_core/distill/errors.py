"""The mistakes around a distillation that its user can put right."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tha4_core.errors import UserError

#: What to do when something could not be written in the middle of a distillation, as on a full disk.
GO_ON: Final = "free some space or make the folder writable, and the same command goes on from here."


class DistillationError(UserError):
    """A setting, a file or a machine that a distillation cannot work with; the sentence says what to do."""


def not_written(path: Path, error: OSError) -> DistillationError:
    """What to say of a file that could not be written in the middle of a distillation."""
    return DistillationError(f"{path} could not be written: {error.strerror}; {GO_ON}")
