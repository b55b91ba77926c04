"""Whom a character owes something: each work that went into it, its creator, its licence, and where they say so.

It lies in ``character.json`` under ``provenance``, ``credits``, a list. The addon reads the same, within the same
bounds (its ``character/credit.gd``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

#: Key of the list in a character's provenance.
CREDITS: Final = "credits"
_MAX_CREDITS: Final = 16
_MAX_TEXT: Final = 300
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class CreditsError(ValueError):
    """Credits that are none; the text is the rest of a sentence: "must be ..."."""


@dataclass(frozen=True)
class Credit:
    """What was used and what its maker asks, as the maker says it.

    work: what it is. creator: who made it. licence: its name. terms: what it allows and asks, in some words.
    link: where the creator says so.
    """

    work: str
    creator: str
    licence: str
    terms: str = ""
    link: str = ""

    def line(self) -> str:
        """One line for a page of credits."""
        terms = f" ({self.terms})" if self.terms else ""
        return f"{self.work} by {self.creator}, {self.licence}{terms}" + (f", {self.link}" if self.link else "")

    def to_json(self) -> dict[str, str]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def credits_in(provenance: Mapping[str, Any]) -> tuple[Credit, ...]:
    """The credits of a character's provenance; none where it names none. Raises CreditsError."""
    listed = provenance.get(CREDITS, [])
    if not isinstance(listed, list) or len(listed) > _MAX_CREDITS:
        raise CreditsError(f"must be a list of at most {_MAX_CREDITS} objects")
    return tuple(map(_credit, listed))


def _credit(value: object) -> Credit:
    if not isinstance(value, dict):
        raise CreditsError('must hold objects with "work", "creator" and "licence"')
    texts = {field.name: value.get(field.name, "") for field in fields(Credit)}
    for name, text in texts.items():
        if not isinstance(text, str) or len(text) > _MAX_TEXT or _CONTROL.search(text):
            raise CreditsError(f'must have texts of one line and at most {_MAX_TEXT} characters ("{name}")')
    for name in ("work", "creator", "licence"):
        if not texts[name]:
            raise CreditsError(f'must say the "{name}" of each')
    return Credit(**texts)
