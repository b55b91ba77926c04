"""A rectangle of whole pixels in the 512x512 picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tha4_core.errors import UserError, shown

#: Width and height of every character's picture, in pixels.
PICTURE_SIZE: Final = 512


class RegionError(UserError):
    """A region that is not a non-empty rectangle of whole pixels inside the picture."""


class Region(NamedTuple):
    """``x``, ``y``: the left and top pixel; ``width``, ``height``: in pixels. Compares equal to a plain 4-tuple."""

    x: int
    y: int
    width: int
    height: int


FULL_PICTURE: Final = Region(0, 0, PICTURE_SIZE, PICTURE_SIZE)
#: What a head view shows unless the character says otherwise.
DEFAULT_HEAD_VIEW: Final = Region(160, 48, 192, 192)


def as_region(value: Sequence[int] | None) -> Region:
    """``(x, y, width, height)`` checked; None is the full picture. Raises RegionError."""
    if value is None:
        return FULL_PICTURE
    whole = isinstance(value, (list, tuple)) and len(value) == 4 and all(type(number) is int for number in value)
    if not whole:
        raise RegionError(f"a region is four whole numbers (x, y, width, height), not {shown(value)}.")
    region = Region(*value)
    inside = min(region.x, region.y) >= 0 and max(region.x + region.width, region.y + region.height) <= PICTURE_SIZE
    if not inside or min(region.width, region.height) < 1:
        raise RegionError(
            f"region x={region.x} y={region.y} width={region.width} height={region.height} is empty or leaves"
            f" the picture; it must lie inside {PICTURE_SIZE}x{PICTURE_SIZE}."
        )
    return region
