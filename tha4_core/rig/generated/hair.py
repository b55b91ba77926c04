"""Hair of a generated character: a crown and its fringe, what hangs before the ears, what lies behind the head."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from tha4_core.rig.curves import AXIS, Curve, outline
from tha4_core.rig.hair import Crown, HairColours, Lock, lock_shape, paint_crown, paint_locks
from tha4_core.rig.pen import Pen

#: Of a head of hair without volume, around the middle of the head.
_EDGE: Final = (
    (-57, 34), (-60, 8), (-59, -18), (-52, -40), (-38, -56.5), (-20, -66.5), (0, -69.5), (20, -66.5), (38, -56.5),
    (52, -40), (59, -18), (60, 8), (57, 34),
)  # fmt: skip
_HAIRLINE: Final = ((47, 31), (43, -4), (30, -28), (8, -43), (-30, -28), (-43, -4), (-47, 31))
_RING: Final = ((-47, -25), (-37, -37), (-20, -45), (0, -48), (22, -45), (40, -35), (48, -23))
_MIDDLE: Final = (256.0, 150.0)
#: Where the tips of a fringe hang, from left to right.
_TIPS: Final = (-50, -40, -27, -14, -2, 10, 22, 35, 47)

FRINGES: Final = ("straight", "swept", "parted", "spiky", "long", "short")
BACKS: Final = ("short", "bob", "long", "very long", "twin tails", "side tail", "buns", "round")


class Hair(NamedTuple):
    """crown: with its fringe. sides: locks before the ears. back: locks behind the head. mass: what they grow from.
    buns: (x, y, radius). bottom: the lowest row. curl: a lock that stands up, or none."""

    crown: Crown
    sides: tuple[Lock, ...]
    back: tuple[Lock, ...]
    mass: Curve
    buns: tuple[tuple[float, float, float], ...]
    bottom: float
    curl: tuple[Lock, ...]

    def paint_back(self, pen: Pen, colours: HairColours) -> None:
        """All that lies behind head and neck."""
        for x, y, radius in self.buns:
            _paint_bun(pen, x, y, radius, colours)
        pen.fill(self.mass, colours.deep)
        paint_locks(pen, self.back, colours)
        dark = outline(((256, 100), (302, 120), (306, 185), (298, 230), (256, 246), (214, 230), (206, 185), (210, 120)))
        with pen.inside(self.mass, *(lock_shape(lock) for lock in self.back)):
            pen.fill(dark, colours.deep, blur=1.5)

    def paint_front(self, pen: Pen, colours: HairColours) -> None:
        """The top of the head and the fringe."""
        paint_crown(pen, self.crown, colours)
        paint_locks(pen, self.curl, colours)


def hair_of(random: Generator) -> Hair:
    """A hair style from a seed."""
    volume = random.uniform(0.97, 1.1)
    parting = AXIS + random.uniform(-20, 20)
    fringe = _fringe(random, FRINGES[int(random.integers(len(FRINGES)))], parting)
    crown = Crown(
        edge=tuple((_MIDDLE[0] + volume * x, _MIDDLE[1] + volume * y) for x, y in _EDGE),
        hairline=tuple((_MIDDLE[0] + x, _MIDDLE[1] + y) for x, y in _HAIRLINE),
        parting=(parting, 150 - 61 * volume),
        fringe=fringe,
        ring=tuple((_MIDDLE[0] + x, _MIDDLE[1] + y) for x, y in _RING),
        strands=tuple((parting + dx, 150 - 67 * volume + abs(dx) * 0.12, dx / 6) for dx in (-18, -8, 3, 12, 22)),
    )
    back, mass, buns, bottom = _back(random, BACKS[int(random.integers(len(BACKS)))], volume)
    curl: tuple[Lock, ...] = ()
    if random.random() < 0.4:
        lean = random.uniform(-18, 18)
        top = 150 - 70 * volume
        curl = (
            Lock(
                ((parting, top + 8, 1.5), (parting - lean / 3, top - 4, 3.0), (parting + lean, top - 16, 0)),
                inked=0.1,
                strands=(),
            ),
        )
    return Hair(crown, _sides(random), back, mass, buns, bottom, curl)


def _fringe(random: Generator, style: str, parting: float) -> tuple[Lock, ...]:
    thick = random.uniform(7.0, 10.5)
    sweep = float(random.choice((-1, 1))) * random.uniform(6, 14)
    long_side = float(random.choice((-1, 1)))
    locks = []
    # From the outermost inwards: the middle lies on top.
    for i, offset in enumerate(sorted(_TIPS, key=lambda x: -abs(x))):
        x, tip_x = AXIS + offset, AXIS + offset * 1.02
        side = abs(offset) / 50
        tip = 153 + 34 * side**3
        width = thick
        if style == "straight":
            tip = 149 + 30 * side**6
            width = thick + 1.5
        elif style == "swept":
            tip_x += sweep
            tip = 150 + 24 * side**2 + 0.25 * sweep * offset / 10
        elif style == "parted":
            away = 1.0 if x > parting else -1.0
            tip_x += away * (16 - 14 * side)
            x += away * 8 * (1 - side)
            tip = 146 + 36 * side**1.5
        elif style == "spiky":
            width = thick * 0.72
            tip_x += float(random.uniform(-7, 7))
            tip = 146 + 26 * side**2 + (9 if i % 2 else -6)
        elif style == "long":
            hangs = max(0.0, 1.0 - abs(offset - 22 * long_side) / 26)
            tip = 153 + 28 * side**2 + 26 * hangs
        else:
            tip = 133 + 34 * side**2
        shoulder = min(tip - 10, 126.0)
        locks.append(
            Lock(
                (
                    (parting + 0.1 * (x - parting), 88.5, 3),
                    (parting + 0.62 * (x - parting), 103, width),
                    (x, shoulder, width),
                    (0.5 * (x + tip_x), 0.45 * shoulder + 0.55 * tip, 0.55 * width),
                    (tip_x, tip, 2.2 if style == "straight" and side < 0.9 else 0),
                ),
                inked=0.42,
                strands=(0.4, 0.62) if i % 2 else (0.45,),
            )
        )
    return tuple(locks)


def _sides(random: Generator) -> tuple[Lock, ...]:
    """Locks before the ears, alike but for a little on both sides."""
    length = float(random.choice((40, 60, 90, 150))) * random.uniform(0.9, 1.15)
    width, out = random.uniform(4.5, 9.5), random.uniform(-4, 14)
    locks = []
    for sign in (-1.0, 1.0):
        end = 128 + 40 + length * random.uniform(0.94, 1.06)

        def at(x: float, y: float, half: float, sign: float = sign) -> tuple[float, float, float]:
            return (AXIS + sign * x, y, half)

        middle = 0.5 * (150 + end)
        locks += [
            Lock(
                (at(44, 134, 4), at(44, 165, 5.5), at(42, 0.5 * (190 + end), 4), at(46, end - 12, 0)), 0.2, strands=()
            ),
            Lock(
                (at(48, 126, 6), at(50, 156, width), at(51 + out * 0.3, middle + 14, width), at(50 + out, end, 0)),
                inked=0.2,
                strands=(0.3, 0.6),
            ),
        ]
    return tuple(locks)


def _back(
    random: Generator, style: str, volume: float
) -> tuple[tuple[Lock, ...], Curve, tuple[tuple[float, float, float], ...], float]:
    """Locks, mass, buns, and the lowest row."""
    lengths = {"short": 205, "bob": 240, "long": 340, "very long": 460, "round": 250}
    end = lengths.get(style, 225) + random.uniform(-14, 22)
    spread = random.uniform(0, 18) + (20 if style == "round" else 0)
    half = 56 * volume + spread * 0.35
    mass = outline(
        (
            (256, 92),
            (256 + half * 0.72, 106),
            (256 + half, 150),
            (256 + half + spread * 0.5, 0.5 * (150 + end)),
            (256 + (half + spread) * 0.82, end - 14),
            (256, end - 8),
            (256 - (half + spread) * 0.82, end - 14),
            (256 - half - spread * 0.5, 0.5 * (150 + end)),
            (256 - half, 150),
            (256 - half * 0.72, 106),
        )
    )
    flick = random.uniform(-6, 22)
    locks = []
    for place in (0.95, -0.95, 0.62, -0.62, 0.25, -0.25):
        x = 256 + place * (half + spread * 0.5)
        thick = (17 if end < 280 else 22) * random.uniform(0.85, 1.1)
        tip = end + random.uniform(-10, 14) - 14 * abs(place)
        locks.append(
            Lock(
                (
                    (256 + 0.55 * (x - 256), 118, 12),
                    (256 + 0.9 * (x - 256), 158, thick),
                    (x, 0.4 * 158 + 0.6 * tip, thick),
                    (x + np.sign(place) * (spread * 0.3 + flick * 0.4), tip - 16, 0.5 * thick),
                    (x + np.sign(place) * (spread * 0.4 + flick), tip, 0),
                ),
                strands=(0.3, 0.6),
            )
        )
    buns: tuple[tuple[float, float, float], ...] = ()
    bottom = end
    if style == "twin tails":
        bottom = random.uniform(300, 460)
        out, height = random.uniform(44, 92), random.uniform(102, 150)
        for sign in (-1.0, 1.0):
            locks[:0] = _tail(256 + sign * 54, height, 256 + sign * (54 + out), bottom, 17)
    elif style == "side tail":
        sign = float(random.choice((-1, 1)))
        bottom = random.uniform(280, 420)
        locks[:0] = _tail(256 + sign * 46, random.uniform(92, 140), 256 + sign * random.uniform(84, 120), bottom, 21)
    elif style == "buns":
        radius, x, y = random.uniform(15, 25), random.uniform(36, 54), random.uniform(78, 100)
        buns = ((256 - x, y, radius), (256 + x, y, radius))
    return tuple(locks), mass, buns, max(bottom, end)


def _tail(x: float, y: float, far: float, bottom: float, width: float) -> list[Lock]:
    """Three locks from one place, that fall apart towards their tips."""
    return [
        Lock(
            (
                (x, y, 5),
                (0.35 * x + 0.65 * far + shift * 0.3, y + 18, width * 0.8),
                (far + shift, 0.5 * (y + bottom), width),
                (far + shift * 1.3, bottom - 40, width * 0.6),
                (far - 0.25 * (far - x) + shift * 1.6, bottom + abs(shift) * -0.8, 0),
            ),
            strands=(0.3, 0.6),
        )
        for shift in (11.0, -11.0, 0.0)
    ]


def _paint_bun(pen: Pen, x: float, y: float, radius: float, colours: HairColours) -> None:
    ring = np.linspace(0, 2 * np.pi, 72)
    circle = np.stack((x + radius * np.cos(ring), y + radius * np.sin(ring)), axis=1)
    pen.fill(circle, colours.base)
    with pen.inside(circle):
        pen.ellipse(x + radius * 0.5, y + radius * 0.5, radius, radius, colours.shade, blur=1.0)
        for k in (-0.5, 0.0, 0.5):
            pen.stroke(circle[6:30] * 0.7 + 0.3 * np.array((x + k * radius, y)), 0.8, colours.line, opacity=0.5)
    pen.stroke(np.concatenate((circle, circle[:1])), 1.1, colours.line, start=0.8, stop=0.8)
