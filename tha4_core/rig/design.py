"""What a character is made of: named parts, back to front, each with how it is drawn and how it moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tha4_core.rig.brows import BrowStyle
from tha4_core.rig.face import FaceStyle
from tha4_core.rig.pen import Pen


class Bulge(NamedTuple):
    """Depth of a part's surface towards the viewer, in pixels: ``base`` plus a rounded hill of height ``height``
    around (x, y), which has fallen to about a third at the distances ``rx`` and ``ry``."""

    base: float = 0.0
    height: float = 0.0
    x: float = 256.0
    y: float = 150.0
    rx: float = 60.0
    ry: float = 70.0


class Motion(NamedTuple):
    """How a part moves with the body.

    follows: the rows between which a part stops following the head: above the first wholly, below the second not at
    all; None for a part of the body. head: its depth as the head turns; torso: as the torso turns.
    """

    follows: tuple[float, float] | None
    head: Bulge = Bulge()
    torso: Bulge = Bulge()


class Part(NamedTuple):
    """A layer of the drawing that moves as one smooth surface, complete under what covers it.

    paint: draws it at rest; None for the two parts that show an expression, named "face" and "brows".
    """

    name: str
    motion: Motion
    paint: Callable[[Pen], None] | None = None


class Design(NamedTuple):
    """A character: its parts, back to front, and the style of its face and brows."""

    name: str
    description: str
    parts: tuple[Part, ...]
    face: FaceStyle
    brows: BrowStyle
