"""Kohaku's colours: amber and rust above, sea green and cream below."""

from __future__ import annotations

from typing import Final

from tha4_core.rig.eyes import EyeColours
from tha4_core.rig.face import SkinColours
from tha4_core.rig.hair import HairColours
from tha4_core.rig.pen import Gradient

SKIN: Final = SkinColours(
    base="#ffecdc", shade="#f6bfa4", deep="#e09a80", line="#b3684f", blush="#ff8a6b", light="#ffffff"
)
EYES: Final = EyeColours(
    iris=("#0d4d55", "#2ba485", "#d8f58e"),
    rim="#0b3a42",
    pupil="#07282f",
    glow="#f6ffb8",
    lash="#4a2222",
    lash_warm="#a8563c",
    white="#ffffff",
    white_shade="#dfd9dd",
    crease="#c07a5e",
)
HAIR: Final = HairColours(
    base=Gradient((0, 80), (0, 235), ("#ffcb78", "#f5a551", "#dd7440")),
    shade=Gradient((0, 80), (0, 235), ("#e0934a", "#cf713c", "#b04f33")),
    deep=Gradient((0, 80), (0, 235), ("#a65a38", "#8f4632", "#7c3a30")),
    line="#71342a",
    shine="#fff3cf",
)
BROW: Final = ("#8a4430", "#b9683f")
MOUTH_LINE: Final = "#953f36"
MOUTH_INSIDE: Final = ("#8f2e34", "#cc5752")
TONGUE: Final = "#f28c80"
TEETH: Final = "#fffaf4"

GREEN: Final = "#2f9f97"
GREEN_LIGHT: Final = "#52bfb0"
GREEN_SHADE: Final = "#1f7a7c"
GREEN_DEEP: Final = "#155a63"
GREEN_LINE: Final = "#0f434e"
CREAM: Final = "#fff6e6"
CREAM_SHADE: Final = "#e8d2ba"
CREAM_DEEP: Final = "#cdae95"
CREAM_LINE: Final = "#8f6a58"
SHORTS: Final = "#3a3550"
SHORTS_SHADE: Final = "#27233c"
SHORTS_LINE: Final = "#191629"
PINK: Final = "#ff9c9c"
GLOW: Final = "#8ff5dc"
