"""What a teacher's response to a face tells: where it shuts eyes and opens a mouth, there they are.

A *probe* shows the teacher a square of a drawing and gives back what changes when it shuts each eye and opens the
mouth. Of a face that looks at the viewer these are two compact spots beside each other and a third one below them, and
they follow the face through half a head's shift and twice its size. Of anything else they are next to nothing, or
scattered.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]

#: An eye is painted over wholly somewhere, and on at least so many pixels.
_PEAK: Final = 0.85
_LEAST_EYE: Final = 20.0
#: So much of an eye's map lies within this share of the eyes' distance around its middle.
_COMPACT: Final = 0.8
_EYE_REACH: Final = 0.5
#: Eyes are so far apart in what a probe sees, in pixels; the one so much larger than the other at most; so much higher
#: at most, as a share of their distance.
_DISTANCES: Final = (16.0, 90.0)
_UNEQUAL: Final = 4.0
_SLANT: Final = 0.6
#: Where the mouth and the chin are looked for: so far from the middle of the eyes to each side, and below, in
#: distances of the eyes.
_MOUTH_SIDE: Final = 0.9
_MOUTH_ABOVE: Final = 0.3
_MOUTH_BELOW: Final = 2.2
#: A mouth changes by so much in all, and so much of all that changes with it lies there.
_LEAST_MOUTH: Final = 12.0
_MOUTH_SHARE: Final = 0.5
#: The chin is the lowest place under the middle of the eyes, this wide, that changes by this share of the most.
_CHIN_SIDE: Final = 0.2
_CHIN_LEVEL: Final = 0.1


class FaceResponse(NamedTuple):
    """What changes of a square (S, S): left_eye, right_eye: how far each pixel is painted over, 0..1, when that eye of
    the character shuts (its left one is on the right in the picture). mouth: by how much the picture changes when the
    mouth opens and nothing else, >= 0, in the networks' units (the range of a colour is 2)."""

    left_eye: Map
    right_eye: Map
    mouth: Map


#: From what the teacher's face morpher sees, (4, 192, 192) linear premultiplied in [-1, 1], to its response.
FaceProbe = Callable[[Map], FaceResponse]


class Point(NamedTuple):
    """A place in pixels; (0, 0) is the corner of the first."""

    x: float
    y: float


@dataclass(frozen=True)
class Face:
    """Two eyes, and the row of the chin where a mouth was seen to open, in any picture's pixels.

    left_eye: the character's own, on the right in the picture.
    """

    left_eye: Point
    right_eye: Point
    chin: float | None

    @property
    def middle(self) -> Point:
        """Between the eyes."""
        return Point((self.left_eye.x + self.right_eye.x) / 2.0, (self.left_eye.y + self.right_eye.y) / 2.0)

    @property
    def distance(self) -> float:
        """Between the eyes."""
        return math.dist(self.left_eye, self.right_eye)

    @property
    def tilt(self) -> float:
        """How far the head leans, in degrees: positive when it leans to the right in the picture."""
        return math.degrees(math.atan2(self.left_eye.y - self.right_eye.y, self.left_eye.x - self.right_eye.x))

    def mapped(self, scale: float, x: float, y: float) -> Face:
        """The same face in a picture whose pixel (u, v) lies at (x + scale u, y + scale v) of the new one."""
        left, right = (Point(x + scale * eye.x, y + scale * eye.y) for eye in (self.left_eye, self.right_eye))
        return Face(left, right, None if self.chin is None else y + scale * self.chin)


def read_response(response: FaceResponse) -> Face | None:
    """The face that a response shows, in the pixels of its maps; None where it shows none."""
    left, right = _spot(response.left_eye), _spot(response.right_eye)
    if left is None or right is None:
        return None
    face = Face(left.centre, right.centre, None)
    across, slant = left.centre.x - right.centre.x, abs(left.centre.y - right.centre.y)
    low, high = _DISTANCES
    if not (low <= face.distance <= high and across > 0 and slant <= _SLANT * across):
        return None
    if max(left.amount, right.amount) > _UNEQUAL * min(left.amount, right.amount):
        return None
    for spot, eye in ((left, response.left_eye), (right, response.right_eye)):
        if _amount_near(eye, spot.centre, _EYE_REACH * face.distance) < _COMPACT * spot.amount:
            return None
    return Face(left.centre, right.centre, _chin(response.mouth, face))


class _Spot(NamedTuple):
    centre: Point
    amount: float


def _spot(changed: Map) -> _Spot | None:
    """Where and how much an eye's map shows; None where it shows no eye."""
    peak = float(changed.max())
    if peak < _PEAK:
        return None
    weights = np.where(changed > 0.05 * peak, changed, 0.0)
    amount = float(weights.sum())
    if amount < _LEAST_EYE:
        return None
    rows, columns = weights.sum(axis=1), weights.sum(axis=0)
    x = float(columns @ (np.arange(len(columns)) + 0.5)) / amount
    y = float(rows @ (np.arange(len(rows)) + 0.5)) / amount
    return _Spot(Point(x, y), amount)


def _amount_near(changed: Map, centre: Point, radius: float) -> float:
    height, width = changed.shape
    squares = (np.arange(width) + 0.5 - centre.x) ** 2 + (np.arange(height)[:, None] + 0.5 - centre.y) ** 2
    return float(changed[squares <= radius**2].sum())


def _chin(changed: Map, face: Face) -> float | None:
    """The lower end of what the mouth moves, since the jaw goes down with it; None where no mouth opens."""
    middle, distance = face.middle, face.distance
    top = max(0, round(middle.y + _MOUTH_ABOVE * distance))
    below = changed[top : round(middle.y + _MOUTH_BELOW * distance)]
    part = below[:, _around(middle.x, _MOUTH_SIDE * distance)]
    amount = float(part.sum())
    if amount < _LEAST_MOUTH or amount < _MOUTH_SHARE * float(changed.sum()):
        return None
    profile = below[:, _around(middle.x, _CHIN_SIDE * distance)].sum(axis=1)
    if not profile.any():
        return None
    return float(top + np.flatnonzero(profile >= _CHIN_LEVEL * profile.max())[-1] + 1)


def _around(x: float, reach: float) -> slice:
    return slice(max(0, round(x - reach)), max(0, round(x + reach)) + 1)
