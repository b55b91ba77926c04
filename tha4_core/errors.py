"""The one base class of mistakes that a user can put right, and how their sentences show what was given."""

from __future__ import annotations


class UserError(Exception):
    """A bad input. ``str(error)`` is one sentence: what is wrong, where, and what to do about it.

    Command lines print that sentence without a traceback; the bridge sends it to the client.
    """


def shown(value: object, longest: int = 80) -> str:
    """A strange value for a sentence: its ``repr``, cut, or its type where it is too deep or too long to be spelt."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):
        return f"a {type(value).__name__} that is too large to be shown"
    return text if len(text) <= longest else text[: longest - 3] + "..."
