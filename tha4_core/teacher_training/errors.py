"""The mistakes around a teacher's training that its user can put right."""

from __future__ import annotations

from tha4_core.errors import UserError


class TrainingError(UserError):
    """A setting, a file or a data set that a teacher cannot be trained with; the sentence says what to do."""
