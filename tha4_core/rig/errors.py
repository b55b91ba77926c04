"""What can go wrong with a rig."""

from __future__ import annotations

from tha4_core.errors import UserError


class RigError(UserError):
    """No such drawn character, or nothing to draw it with."""
