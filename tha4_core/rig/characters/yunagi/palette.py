"""Yunagi's colours: the sky of a still evening, silver to violet to rose, and gold."""

from __future__ import annotations

from typing import Final

from tha4_core.rig.eyes import EyeColours
from tha4_core.rig.face import SkinColours
from tha4_core.rig.hair import HairColours
from tha4_core.rig.pen import Gradient

SKIN: Final = SkinColours(
    base="#fdeee4", shade="#f5c6ba", deep="#e3a09a", line="#b4696a", blush="#ff8f8a", light="#ffffff"
)
EYES: Final = EyeColours(
    iris=("#43308c", "#9a5cc4", "#ffa79a"),
    rim="#2b1d5e",
    pupil="#22124a",
    glow="#ffdcae",
    lash="#2c2150",
    lash_warm="#8a4468",
    white="#ffffff",
    white_shade="#d9d5ee",
    crease="#b06a70",
)
HAIR: Final = HairColours(
    base=Gradient((0, 80), (0, 470), ("#e9e4f8", "#d3cbf1", "#c8aee2", "#f2a6ba")),
    shade=Gradient((0, 80), (0, 470), ("#c0b8e6", "#ada3dc", "#a886cc", "#d982a4")),
    deep=Gradient((0, 80), (0, 470), ("#847cc0", "#776fb4", "#84609f", "#bb6d94")),
    line="#5a4d8c",
    shine="#ffffff",
)
BROW: Final = ("#54478a", "#8276b4")
MOUTH_LINE: Final = "#8e3f4c"
MOUTH_INSIDE: Final = ("#8c2f40", "#c8545e")
TONGUE: Final = "#f0898b"
TEETH: Final = "#fffaf6"

NAVY: Final = "#37407c"
NAVY_LIGHT: Final = "#4d58a0"
NAVY_SHADE: Final = "#272d5e"
NAVY_LINE: Final = "#191c42"
GOLD: Final = "#f0c76c"
GOLD_SHADE: Final = "#c58a3e"
GOLD_LIGHT: Final = "#fff0c0"
GOLD_LINE: Final = "#7d4f24"
WHITE: Final = "#fdfcff"
WHITE_SHADE: Final = "#cdd0ea"
WHITE_DEEP: Final = "#a6abd6"
WHITE_LINE: Final = "#62689c"
CORAL: Final = "#f2766e"
CORAL_SHADE: Final = "#c94e58"
CORAL_LIGHT: Final = "#ffa898"
CORAL_LINE: Final = "#7e2a3d"
