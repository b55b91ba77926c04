"""Colours of a generated character: skin, hair, eyes and two cloths that go together."""

from __future__ import annotations

import colorsys
from typing import Final, NamedTuple

from numpy.random import Generator

from tha4_core.rig.eyes import EyeColours
from tha4_core.rig.face import SkinColours
from tha4_core.rig.hair import HairColours
from tha4_core.rig.pen import Gradient

#: (hue, saturation, value) of skins, light to dark.
_SKINS: Final = (
    (0.070, 0.09, 1.00), (0.065, 0.14, 1.00), (0.060, 0.20, 0.98), (0.070, 0.27, 0.95), (0.068, 0.36, 0.86),
    (0.062, 0.46, 0.70), (0.058, 0.52, 0.54), (0.050, 0.55, 0.42),
)  # fmt: skip
#: Of hair: black, browns, ginger, blond, grey, white; the others are whatever the seed says.
_HAIRS: Final = (
    (0.68, 0.28, 0.24), (0.05, 0.45, 0.30), (0.06, 0.52, 0.46), (0.07, 0.55, 0.62), (0.045, 0.70, 0.80),
    (0.11, 0.48, 0.93), (0.13, 0.30, 0.98), (0.62, 0.08, 0.66), (0.70, 0.05, 0.97),
)  # fmt: skip
_FANTASY: Final = 0.55


class Cloth(NamedTuple):
    """A colour in five tones, light to line."""

    light: str
    base: str
    shade: str
    deep: str
    line: str


class Palette(NamedTuple):
    """first, second: of the clothes; accent: ribbons and accessories; white: shirts."""

    skin: SkinColours
    hair: HairColours
    eyes: EyeColours
    brow: tuple[str, str]
    mouth_line: str
    lip: str
    first: Cloth
    second: Cloth
    accent: Cloth
    white: Cloth


def palette_of(random: Generator, hair_bottom: float) -> Palette:
    """hair_bottom: the row at which the hair's gradient ends."""
    skin_tone = int(random.choice(len(_SKINS), p=(0.16, 0.2, 0.17, 0.12, 0.11, 0.1, 0.08, 0.06)))
    hue, saturation, value = _SKINS[skin_tone]
    skin = SkinColours(
        base=_hex(hue, saturation, value),
        shade=_hex(hue - 0.025, saturation + 0.16, value * 0.93),
        deep=_hex(hue - 0.04, saturation + 0.26, value * 0.82),
        line=_hex(hue - 0.05, min(0.8, saturation + 0.42), value * 0.60),
        blush=_hex(0.99, 0.5, min(1.0, value * 1.05)),
        light=_hex(hue, saturation * 0.3, min(1.0, value * 1.15)),
    )
    if random.random() < _FANTASY:
        tone = (random.random(), random.uniform(0.25, 0.72), random.uniform(0.45, 0.98))
    else:
        tone = _HAIRS[int(random.integers(len(_HAIRS)))]
    hair, brow = _hair(random, tone, hair_bottom)
    first_hue = random.random()
    first = tones(first_hue, random.uniform(0.15, 0.75), random.uniform(0.25, 0.95))
    second = tones(first_hue + random.choice((0.08, 0.33, 0.5, 0.62)), random.uniform(0.1, 0.6), random.uniform(0.3, 1))
    accent = tones(first_hue + random.choice((0.25, 0.42, 0.55, 0.75)), random.uniform(0.55, 0.85), 0.95)
    eye_hue = random.random()
    eyes = EyeColours(
        iris=(
            _hex(eye_hue, 0.75, 0.36),
            _hex(eye_hue + 0.03, 0.68, 0.72),
            _hex(eye_hue + random.choice((-0.12, 0.1)), 0.42, 1.0),
        ),
        rim=_hex(eye_hue - 0.02, 0.78, 0.24),
        pupil=_hex(eye_hue - 0.02, 0.8, 0.14),
        glow=_hex(eye_hue + 0.12, 0.3, 1.0),
        lash=_hex(tone[0], 0.45, 0.2),
        lash_warm=_hex(0.01, 0.5, 0.5 if skin_tone < 5 else 0.28),
        white="#ffffff",
        white_shade=_hex(0.68, 0.07, 0.88),
        crease=skin.line,
    )
    return Palette(
        skin,
        hair,
        eyes,
        brow,
        mouth_line=_hex(0.99, 0.58, 0.55 if skin_tone < 5 else 0.3),
        lip=_hex(0.99, 0.4, min(1.0, value)),
        first=first,
        second=second,
        accent=accent,
        white=tones(0.66, 0.02, 0.99),
    )


def tones(hue: float, saturation: float, value: float) -> Cloth:
    """A cloth of a colour; its shades turn towards blue, as shades do."""
    towards = 0.03 if (hue % 1.0) < 0.66 else -0.03
    return Cloth(
        _hex(hue - towards / 2, saturation * 0.8, min(1.0, value * 1.16)),
        _hex(hue, saturation, value),
        _hex(hue + towards, min(1.0, saturation * 1.1 + 0.06), value * 0.76),
        _hex(hue + towards, min(1.0, saturation * 1.1 + 0.1), value * 0.56),
        _hex(hue + towards, min(1.0, saturation + 0.22), value * 0.36),
    )


def _hair(random: Generator, tone: tuple[float, float, float], bottom: float) -> tuple[HairColours, tuple[str, str]]:
    """With, for some, tips of another colour."""
    hue, saturation, value = tone
    tips = hue + (random.choice((-0.14, 0.12, 0.3)) if random.random() < 0.25 else 0.02)

    def gradient(more: float, darker: float) -> Gradient:
        inks = (
            _hex(hue, saturation * (0.85 + more), min(1.0, value * 1.1) * darker),
            _hex(hue, saturation + 0.3 * more, value * darker),
            _hex(tips, min(1.0, saturation + 0.1 + 0.3 * more), value * 0.9 * darker),
        )
        return Gradient((0, 80), (0, bottom), inks)

    line = _hex(hue - 0.02, min(1.0, saturation + 0.25), value * 0.36)
    shine = _hex(hue, saturation * 0.22, min(1.0, value * 1.5 + 0.15))
    colours = HairColours(gradient(0.0, 1.0), gradient(0.2, 0.8), gradient(0.3, 0.55), line, shine)
    return colours, (_hex(hue, min(1.0, saturation + 0.15), value * 0.5), _hex(hue, saturation, value * 0.72))


def _hex(hue: float, saturation: float, value: float) -> str:
    channels = colorsys.hsv_to_rgb(hue % 1.0, min(1.0, max(0.0, saturation)), min(1.0, max(0.0, value)))
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)
