"""The one base class of mistakes that a user can put right, and how their sentences show what was given and meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


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


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """``did you mean NAME?`` of the known name that is most like ``name``; nothing where none is.

    Case, spaces and hyphens do not count: they are what people get wrong when they know the name.
    """
    plain = {_plain(candidate): candidate for candidate in known}
    close = get_close_matches(_plain(str(name)[:200]), plain, n=1)
    return f"did you mean {plain[close[0]]}?" if close else ""


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")
