"""The mistakes around a distillation that its user can put right."""

from __future__ import annotations

from tha4_core.errors import UserError


class DistillationError(UserError):
    """A setting, a file or a machine that a distillation cannot work with; the sentence says what to do."""
