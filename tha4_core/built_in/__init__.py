"""The characters that come with the project, ready to be played, in the public domain (CC0 1.0, see LICENSE here).

They are drawn by :mod:`tha4_core.rig` and distilled from it by ``tools/distill.py``; docs/BUILT_IN.md has how, and how
alike drawing and student are.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tha4_core.character import Character, CharacterError, load_character
from tha4_core.character.single_file import SUFFIX
from tha4_core.errors import did_you_mean

NAMES: Final = ("yunagi", "kohaku")
#: The same two with light networks: a ninth of the work, for weak machines and crowds.
LIGHT: Final = "_light"
LIGHT_NAMES: Final = tuple(f"{name}{LIGHT}" for name in NAMES)
ALL_NAMES: Final = (*NAMES, *LIGHT_NAMES)
#: Who is shown when nobody is named.
DEFAULT: Final = "yunagi"
#: Where their files lie. Every bridge lets its clients load them.
FOLDER: Final = Path(__file__).resolve().parent


def built_in_path(name: str = DEFAULT) -> Path:
    """The ``.tha4`` file of one of ALL_NAMES. Raises CharacterError."""
    if name not in ALL_NAMES:
        hint = did_you_mean(name, ALL_NAMES) or f"there are {', '.join(ALL_NAMES[:-1])} and {ALL_NAMES[-1]}."
        raise CharacterError(f"no character named {name!r:.80} comes with the project; {hint}")
    return FOLDER / f"{name}{SUFFIX}"


def character_path(text: str) -> Path:
    """What a person means by a character: the name of one of ours, or a path; what lies at the path goes first.

    Raises CharacterError where nothing lies there and the name of one of ours was probably meant.
    """
    if not os.path.exists(text):  # noqa: PTH110 - no text at all makes it raise
        if text in ALL_NAMES:
            return built_in_path(text)
        if hint := did_you_mean(text, ALL_NAMES):
            raise CharacterError(f"there is no file, and no character of the project, named {text!r:.80}; {hint}")
    return Path(text)


def default_character() -> Character:
    """Yunagi, whom everyone has."""
    return load_character(built_in_path())
