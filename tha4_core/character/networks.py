"""What a character's two networks are: grids, layers and widths, within bounds; every engine sizes itself by it.

A *level* is a grid and the sine layers that are evaluated at each of its pixels. The face morpher has one level. The
body morpher has several, each of twice the grid of the one before; a level's first layer sees the last features of the
level before, upsampled, then place and pose. The published student is one instance (STUDENT.md sections 4 and 5).

Heads say what the body's answer (flow, alpha, direct colour) is:
  sines: what one linear map makes of the finest level's features, as published. Whatever a coarser level knows goes
  through all the finer levels' sines.
  summed: each level has such a map, and the answer is their sum, each upsampled to the next grid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import FACE_SIZE, SIZE

#: Name of a tensor -> its shape: (out, in, 1, 1) of a weight, (out,) of a bias.
Shapes = Mapping[str, tuple[int, ...]]

#: omega_0 of every sine layer: it puts out sin(OMEGA (W x + b)).
OMEGA: Final = 30.0
#: Edge of the face morpher's grid: it paints this square of the picture, a pixel for a pixel, from row FACE_TOP and
#: column FACE_LEFT on.
FACE_GRID: Final = 128
FACE_TOP: Final = 80
FACE_LEFT: Final = 192
#: Red, green, blue, alpha.
FACE_CHANNELS: Final = 4
#: Flow x and y, alpha, direct red, green, blue, alpha.
BODY_CHANNELS: Final = 7
#: x and y of a pixel.
_PLACE: Final = 2
_HEADS: Final = ("sines", "summed")
MOST_LEVELS: Final = 6
MOST_LAYERS: Final = 16
MOST_CHANNELS: Final = 512
#: Of a whole picture; the published networks take 13.7e9.
MOST_MULTIPLY_ADDS: Final = 64e9


class NetworksError(ValueError):
    """No description of networks, or one out of bounds; the text is a sentence about ``"networks"``."""


@dataclass(frozen=True)
class Level:
    """grid: edge in pixels. widths: the channels that each of its sine layers puts out."""

    grid: int
    widths: tuple[int, ...]

    @property
    def features(self) -> int:
        """Channels of its last sine layer."""
        return self.widths[-1]

    def multiply_adds(self, outputs: int) -> int:
        """Of all its pixels, in the layers after the first and in linear maps to ``outputs`` channels.

        The first layer's work is not done pixel by pixel: its share of the coarser level is mapped there, and place
        and pose cost next to nothing.
        """
        return self.grid**2 * _products((*self.widths, outputs))


@dataclass(frozen=True)
class Networks:
    """Both networks of a character. face: one level. body: coarse to fine. summed: see above."""

    face: Level
    body: tuple[Level, ...]
    summed: bool = False

    def inputs_of(self, level: int) -> int:
        """Channels that a body level's first layer sees: coarser features, place and pose."""
        return self.coarser_features(level) + _PLACE + SIZE

    def coarser_features(self, level: int) -> int:
        """How many of a body level's inputs, the first ones, come from the level before."""
        return self.body[level - 1].features if level else 0

    @cached_property
    def face_shapes(self) -> Shapes:
        """The face morpher's tensors, in their order."""
        shapes: dict[str, tuple[int, ...]] = {}
        inputs = _PLACE + FACE_SIZE
        for layer, width in enumerate(self.face.widths):
            shapes |= _linear(f"siren.sine_layers.{layer}.linear", inputs, width)
            inputs = width
        return MappingProxyType(shapes | _linear("siren.last_linear", inputs, FACE_CHANNELS))

    @cached_property
    def body_shapes(self) -> Shapes:
        """The body morpher's tensors, in their order."""
        shapes: dict[str, tuple[int, ...]] = {}
        for index, level in enumerate(self.body):
            inputs = self.inputs_of(index)
            for layer, width in enumerate(level.widths):
                shapes |= _linear(f"siren_layers.{index}.{layer}.linear", inputs, width)
                inputs = width
        for index, level in enumerate(self.body[:-1] if self.summed else ()):
            shapes |= _linear(f"heads.{index}", level.features, BODY_CHANNELS)
        return MappingProxyType(shapes | _linear("last_linear", self.body[-1].features, BODY_CHANNELS))

    @cached_property
    def face_multiply_adds(self) -> int:
        """Of a whole face."""
        return self.face.multiply_adds(FACE_CHANNELS)

    @cached_property
    def body_multiply_adds(self) -> int:
        """Of a whole picture, without the face."""
        total = self.body[-1].multiply_adds(BODY_CHANNELS)
        for level, finer in pairwise(self.body):
            total += level.multiply_adds(finer.widths[0] + (BODY_CHANNELS if self.summed else 0))
        return total

    @property
    def direct_face_multiply_adds(self) -> int:
        """Of a whole face where every layer is evaluated at every pixel, as in :mod:`tha4_core.student`."""
        return self.face.grid**2 * _products((_PLACE + FACE_SIZE, *self.face.widths, FACE_CHANNELS))

    @property
    def direct_body_multiply_adds(self) -> int:
        """The same of a whole picture, without the face."""
        total = 0
        for index, level in enumerate(self.body):
            answers = self.summed or index + 1 == len(self.body)
            widths = (self.inputs_of(index), *level.widths, *((BODY_CHANNELS,) if answers else ()))
            total += level.grid**2 * _products(widths)
        return total

    @property
    def signature(self) -> str:
        """The same for equal networks alone, and as short as a line."""
        levels = (f"{level.grid}:{','.join(map(str, level.widths))}" for level in (self.face, *self.body))
        return f"{' '.join(levels)} {_HEADS[self.summed]}"

    def to_json(self) -> dict[str, Any]:
        """The description in ``character.json``."""
        face, *body = ({"grid": level.grid, "widths": list(level.widths)} for level in (self.face, *self.body))
        return {"face": [face], "body": body, "heads": _HEADS[self.summed]}

    @classmethod
    def from_json(cls, document: object) -> Networks:
        """A description, checked. Raises NetworksError."""
        if not isinstance(document, dict):
            raise NetworksError('"networks" must be an object with "face", "body" and "heads".')
        unknown = [key for key in document if key not in ("face", "body", "heads")]
        if unknown:
            raise NetworksError(f'"networks" has an unknown entry "{unknown[0]:.40}"; it takes face, body and heads.')
        face, body = _levels(document, "face"), _levels(document, "body")
        if len(face) != 1 or face[0].grid != FACE_GRID:
            raise NetworksError(f'"networks": "face" must have one level, of grid {FACE_GRID}.')
        wanted = [PICTURE_SIZE >> finer for finer in reversed(range(len(body)))]
        if not 1 <= len(body) <= MOST_LEVELS or [level.grid for level in body] != wanted:
            raise NetworksError(
                f'"networks": "body" must have 1 to {MOST_LEVELS} levels, each of twice the grid of the one before, the'
                f" last of grid {PICTURE_SIZE}."
            )
        for level in (*face, *body):
            if not 1 <= len(level.widths) <= MOST_LAYERS or not all(1 <= w <= MOST_CHANNELS for w in level.widths):
                raise NetworksError(
                    f'"networks": a level must have 1 to {MOST_LAYERS} widths of 1 to {MOST_CHANNELS} channels.'
                )
        heads = document.get("heads")
        if not isinstance(heads, str) or heads not in _HEADS:
            raise NetworksError(f'"networks": "heads" must be "{_HEADS[0]}" or "{_HEADS[1]}".')
        networks = cls(face[0], body, heads == "summed")
        work = networks.face_multiply_adds + networks.body_multiply_adds
        if work > MOST_MULTIPLY_ADDS:
            raise NetworksError(
                f'"networks" take {work / 1e9:.0f} billion multiply-adds a picture, but at most'
                f" {MOST_MULTIPLY_ADDS / 1e9:.0f} are drawn; make them narrower."
            )
        return networks


def _products(widths: Sequence[int]) -> int:
    """Multiply-adds of a pixel in layers of so many channels, one after the other."""
    return sum(inputs * outputs for inputs, outputs in pairwise(widths))


def _linear(name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs, 1, 1), f"{name}.bias": (outputs,)}


def _levels(document: Mapping[str, Any], network: str) -> tuple[Level, ...]:
    levels = document.get(network)
    if isinstance(levels, list) and all(isinstance(level, dict) for level in levels):
        made = [_level(level) for level in levels]
        if None not in made:
            return tuple(level for level in made if level is not None)
    raise NetworksError(
        f'"networks": "{network}" must be a list of levels such as {{"grid": 128, "widths": [64, 64]}}.'
    )


def _level(document: Mapping[str, Any]) -> Level | None:
    widths = document.get("widths")
    if document.keys() != {"grid", "widths"} or not isinstance(widths, list):
        return None
    numbers = _whole([document["grid"], *widths])
    return None if numbers is None else Level(numbers[0], tuple(numbers[1:]))


def _whole(values: Sequence[object]) -> list[int] | None:
    """The values as whole numbers; None where one is none. 64.0 is one: not every reader can tell it from 64."""
    if not all(type(v) is int or (isinstance(v, float) and v.is_integer()) for v in values):
        return None
    return [int(v) for v in values if isinstance(v, (int, float))]


#: The student of the paper, and the only one that the official directory form can hold.
PUBLISHED: Final = Networks(
    Level(FACE_GRID, (128,) * 8),
    (Level(128, (360, 360, 180)), Level(256, (180, 180, 90)), Level(512, (90, 90, 90))),
)
#: Networks that can be asked for by name (docs/DISTILLATION.md).
NAMED: Final[Mapping[str, Networks]] = MappingProxyType(
    {
        "light": Networks(
            Level(FACE_GRID, (64,) * 8),
            (Level(128, (128, 128, 64)), Level(256, (64, 64, 32)), Level(512, (24,))),
            summed=True,
        ),
        "balanced": Networks(
            Level(FACE_GRID, (80,) * 8),
            (Level(128, (160, 160, 80)), Level(256, (80, 80, 40)), Level(512, (40,))),
            summed=True,
        ),
        "published": PUBLISHED,
    }
)


def name_of(networks: Networks) -> str | None:
    """The name of networks that have one."""
    return next((name for name, named in NAMED.items() if named == networks), None)
