"""What a measure says that cannot be taken."""

from __future__ import annotations

from tha4_core.errors import UserError


class MetricError(UserError):
    """A measure that cannot be taken here: something it needs is not installed or not downloaded."""
