"""The characters that come with the rig, all in the public domain (CC0 1.0, see LICENSE beside this file)."""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from tha4_core.errors import did_you_mean
from tha4_core.rig.design import Design
from tha4_core.rig.errors import RigError

NAMES: Final = ("yunagi", "kohaku")


def load_design(name: str) -> Design:
    """A character by the name of its folder. Raises RigError."""
    if name not in NAMES:
        hint = did_you_mean(name, NAMES) or f"there are {' and '.join(NAMES)}."
        raise RigError(f"there is no drawn character named {name!r:.80}; {hint}")
    return cast(Design, import_module(f"{__name__}.{name}").DESIGN)
