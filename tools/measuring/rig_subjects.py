"""Characters that are held against the rigs that taught them, as tools are given them: NAME or NAME=FILE."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tha4_core.built_in import LIGHT, built_in_path
from tha4_core.character import Character, load_character
from tha4_core.rig.characters import load_design
from tha4_core.rig.design import Design


class Subject(NamedTuple):
    """A character and the rig that taught it."""

    name: str
    character: Character
    design: Design


def read_subject(argument: str) -> Subject:
    """NAME, one of ours or its light one, or NAME=FILE, another character that its rig has taught. Raises UserError."""
    name, _, file = argument.partition("=")
    path = Path(file) if file else built_in_path(name)
    return Subject(argument, load_character(path), load_design(name.removesuffix(LIGHT)))


def told_on_the_way(title: str, total: int, every: int) -> Callable[[int], None]:
    """Says what begins, on the standard error; then, called with how many are done, how far it is now and then."""
    print(f"{title} ...", file=sys.stderr, flush=True)

    def told(done: int) -> None:
        if done % every == 0:
            print(f"{title}: {done} of {total}", file=sys.stderr, flush=True)

    return told
