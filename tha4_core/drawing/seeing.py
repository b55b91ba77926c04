"""Finding a drawing's head by its face: a search that shows a teacher square after square (:mod:`.face`), then the
size of the head from the top of its hair, its eyes and its chin.

A well-placed head has them at certain rows of the picture; those that THA3's author ships as right agree on that
within some pixels. A straight line through the three, wherever they lie in a drawing, tells size and place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tha4_core.drawing.boxes import FACE_CROP, Box
from tha4_core.drawing.face import Face, FaceProbe, Map, Point, read_response
from tha4_core.drawing.fitting import Placement, linear_planes, place_head, resampled
from tha4_core.drawing.silhouette import SOLID, Confidence, Head, Silhouette
from tha4_core.picture.region import PICTURE_SIZE

#: The search works on a copy whose longer side has about so many pixels.
_WORKING_SIZE: Final = 1024
#: A well-placed head reaches from this row of the picture to the chin's.
_HEAD_TOP: Final = 64.0
#: Where a well-placed head has its hair's upper edge (the median over the eyes), the middle of its eyes and its chin,
#: rows; how far apart its eyes are, and the column between them.
_HAIR, _EYES, _CHIN = 66.5, 144.5, 192.0
_EYE_DISTANCE: Final = 40.0
_EYES_COLUMN: Final = 256.4
#: From the hair's edge to the eyes, and from them to the chin.
_ABOVE, _BELOW = _EYES - _HAIR, _CHIN - _EYES
#: The hair's edge is looked at so far to each side, in distances of the eyes.
_HAIR_SIDE: Final = 1.0
#: In a dark drawing the mouth's response drowns: what is among the brightest of a square is raised to this, linear
#: light, by this much at most. The share of pixels that are brighter still.
_BRIGHT: Final = 0.85
_MOST_GAIN: Final = 3.0
_BRIGHTEST: Final = 0.05
#: From eyes to chin, as a share of from hair to eyes: usual ones. Others are no hair or no chin: a tall hat, a scarf.
_PROPORTIONS: Final = (0.38, 0.95)
#: How large heads may be: the figure's height through these numbers. Eyes are seen through half a step each way.
_HEADS_TALL: Final = (1.1, 1.6, 2.4, 3.6, 5.4, 8.0)
#: Squares of a grid are so far apart, in heads, and looked at where so much of the head's box is of the figure.
_STRIDE: Final = 0.75
_COVERED: Final = 0.3
#: So many squares are looked at before a search is given up.
_MOST_LOOKS: Final = 48
#: A head is measured by looks at sizes around its own, until it moves and grows by less than these, in the pixels of
#: the picture and as a factor, or so often.
_SIZES: Final = (0.94, 1.03, 1.12)
_STILL: Final = (1.5, 0.015)
_MOST_ROUNDS: Final = 3
#: Eyes that lie farther from where they were first seen, in distances of the eyes, were none.
_SAME_EYES: Final = 0.35


class Sighting(NamedTuple):
    """A face, and the head by it, in a drawing's pixels."""

    head: Head
    face: Face


def see_head(pixels: NDArray[np.uint8], silhouette: Silhouette, probe: FaceProbe) -> Sighting | None:
    """Look for a face in straight-alpha bytes (h, w, 4); None when there is none that the teacher could animate.

    silhouette: of the same drawing; the search begins where it has a head.
    """
    if not silhouette.figures:
        return None
    view = _View(pixels, probe)
    for number, guess in enumerate(_guesses(pixels, silhouette)):
        if number == _MOST_LOOKS:
            break
        face = view.look(guess)
        if face is not None:
            sighting = _measured(view, face)
            if sighting is not None:
                return sighting
    return None


class _View:
    """A drawing that squares are cut out of, to be shown to a probe."""

    def __init__(self, pixels: NDArray[np.uint8], probe: FaceProbe) -> None:
        self._probe = probe
        self._shrunk = max(1, round(max(pixels.shape[:2]) / _WORKING_SIZE))
        self._planes = linear_planes(pixels, self._shrunk)  # (4, h, w)

    def look(self, placement: Placement) -> Face | None:
        """The face, in the drawing's pixels, that the probe sees when the drawing is placed so in the picture."""
        x, y = placement.x - FACE_CROP.x, placement.y - FACE_CROP.y
        square = self._square(Placement(placement.scale * self._shrunk, x, y))
        if square is None:
            return None
        face = read_response(self._probe(2.0 * _brightened(square) - 1.0))
        return None if face is None else face.mapped(1.0 / placement.scale, -x / placement.scale, -y / placement.scale)

    def hair_above(self, face: Face) -> float | None:
        """The row above which there is nothing over the eyes; None where that is the edge of the drawing."""
        scale = 1.0 / self._shrunk
        middle, reach = face.middle, _HAIR_SIDE * face.distance
        alpha = self._planes[3]
        row = min(max(0, round(middle.y * scale)), alpha.shape[0] - 1)
        first, stop = (max(0, round((middle.x + side * reach) * scale)) for side in (-1, 1))
        clear = alpha[row::-1, first : max(stop, first + 1)] < SOLID / 255.0  # (rows upwards, columns)
        heights = np.where(clear.any(axis=0), clear.argmax(axis=0), row + 1)
        height = float(np.median(heights)) if heights.size else math.inf
        return None if height > row else (row + 1 - height) * self._shrunk

    def _square(self, placement: Placement) -> Map | None:
        """What the face morpher would see, (4, 192, 192) in [0, 1]; ``placement``: of the planes in that square."""
        scale, size = placement.scale, FACE_CROP.width
        # Only what is needed is resampled, and something around it.
        around = 4.0 / min(scale, 1.0)
        height, width = self._planes.shape[1:]
        left, right = (int(min(max(0.0, place), width)) for place in
                       (-placement.x / scale - around, (size - placement.x) / scale + around))  # fmt: skip
        top, bottom = (int(min(max(0.0, place), height)) for place in
                       (-placement.y / scale - around, (size - placement.y) / scale + around))  # fmt: skip
        part = self._planes[:, top:bottom, left:right]
        if not part[3].any():
            return None
        return resampled(part, Placement(scale, placement.x + scale * left, placement.y + scale * top), size)


def _brightened(square: Map) -> Map:
    """Linear premultiplied planes (4, S, S) in [0, 1], a dark drawing's made as bright as others are."""
    solid = square[3] >= 0.9
    if not solid.any():
        return square
    bright = float(np.quantile(square[:3].mean(axis=0)[solid], 1.0 - _BRIGHTEST))
    gain = min(max(_BRIGHT / max(bright, 1e-3), 1.0), _MOST_GAIN)
    return np.concatenate((np.minimum(square[:3] * np.float32(gain), square[3:]), square[3:]))


def _guesses(pixels: NDArray[np.uint8], silhouette: Silhouette) -> Iterator[Placement]:
    """Where the head may be, the likeliest first: as the drawing is, by its silhouette, at the top of the figure, and
    anywhere else in it."""
    if pixels.shape[:2] == (PICTURE_SIZE, PICTURE_SIZE):
        yield Placement(1.0, 0.0, 0.0)
    figure, head = silhouette.figures[0], silhouette.head
    if head is not None and head.height > 0:
        yield place_head(head.box)
    top = figure.y if head is None else head.top
    centre = figure.centre_x if head is None else head.centre_x
    sizes = [figure.height / heads for heads in _HEADS_TALL]
    for size in sizes:
        yield place_head(_head(centre, top, size).box)
    alpha = pixels[..., 3] >= SOLID
    for size in sizes:
        for y in np.arange(figure.y, figure.y + figure.height - 0.5 * size, _STRIDE * size):
            for x in _spread(figure.x, figure.x + figure.width, _STRIDE * size):
                box = _head(x, y, size).box
                part = alpha[max(0, int(box.y)) : int(box.y + box.height), max(0, int(box.x)) : int(box.x + box.width)]
                if part.sum() >= _COVERED * box.width * box.height:
                    yield place_head(box)


def _spread(start: float, stop: float, stride: float) -> NDArray[np.float64]:
    """Places from start to stop, not farther apart than a stride, alike to both sides."""
    count = max(1, round((stop - start) / stride))
    spread: NDArray[np.float64] = start + (np.arange(count) + 0.5) * (stop - start) / count
    return spread


def _measured(view: _View, face: Face) -> Sighting | None:
    """The head that a face seen at some placement belongs to; None when a nearer look sees no such face."""
    placement, first = _place_eyes(face), face
    sighting: Sighting | None = None
    for _ in range(_MOST_ROUNDS):
        looks = [view.look(_enlarged(placement, size)) for size in _SIZES]
        faces = [seen for seen in looks if seen is not None and _same(seen, first)]
        if len(faces) < 2:
            return sighting
        face = _combined(faces)
        sighting = Sighting(head_of(face, view.hair_above(face)), face)
        before, placement = placement, place_head(sighting.head.box)
        moved = placement.of(Box(face.middle.x, face.middle.y, 0.0, 0.0)), before.of(Box(*face.middle, 0.0, 0.0))
        pixels, growth = _STILL
        shift = max(abs(moved[0].x - moved[1].x), abs(moved[0].y - moved[1].y))
        if shift <= pixels and abs(placement.scale / before.scale - 1.0) <= growth:
            break
    return sighting


def _place_eyes(face: Face) -> Placement:
    """The placement that lays the eyes of a face where they are expected."""
    scale = _EYE_DISTANCE / face.distance
    return Placement(scale, _EYES_COLUMN - scale * face.middle.x, _EYES - scale * face.middle.y)


def _enlarged(placement: Placement, size: float) -> Placement:
    """The same, enlarged around where the eyes are expected."""
    x, y = (size * at + (1.0 - size) * eyes for at, eyes in ((placement.x, _EYES_COLUMN), (placement.y, _EYES)))
    return Placement(placement.scale * size, x, y)


def _same(face: Face, other: Face) -> bool:
    far = max(abs(face.middle.x - other.middle.x), abs(face.middle.y - other.middle.y))
    low, high = 1.0 - _SAME_EYES, 1.0 + _SAME_EYES
    return far <= _SAME_EYES * other.distance and low <= face.distance / other.distance <= high


def _combined(faces: list[Face]) -> Face:
    """The mean of the eyes; and the lowest chin: a look at which the jaw does not move with the mouth takes the mouth
    for it."""
    chins = [face.chin for face in faces if face.chin is not None]
    left, right = _mean([face.left_eye for face in faces]), _mean([face.right_eye for face in faces])
    return Face(left, right, max(chins, default=None))


def _mean(points: list[Point]) -> Point:
    return Point(float(np.mean([point.x for point in points])), float(np.mean([point.y for point in points])))


def head_of(face: Face, top: float | None) -> Head:
    """The head that a face is of, in the same pixels. top: the row where its hair begins, where that is known.

    Its rows are those that would be laid on a well-placed head's: by hair, eyes and chin, or as far as they are known
    and of usual proportions; else by the eyes and their distance.
    """
    eyes, chin = face.middle.y, face.chin
    scale = face.distance / _EYE_DISTANCE
    if top is not None and chin is not None:
        low, high = _PROPORTIONS
        above, below = max(eyes - top, 1e-6), max(chin - eyes, 1e-6)
        if not low <= below / above <= high:
            # What is as expected from the eyes is kept.
            strange = [abs(math.log(part / scale / usual)) for part, usual in ((above, _ABOVE), (below, _BELOW))]
            top, chin = (top, None) if strange[0] < strange[1] else (None, chin)
    if top is None and chin is not None:
        # Eyes stand wider apart in some heads, and higher in others.
        scale = math.sqrt(scale * max(chin - eyes, 1e-6) / _BELOW)
    places = [(_EYES, eyes)]
    places += [(_HAIR, top if top is not None else eyes - scale * _ABOVE)]
    places += [(_CHIN, chin if chin is not None else eyes + scale * _BELOW)]
    expected, found = np.array(places).T
    slope, start = np.polyfit(expected, found, 1)
    head_top, head_chin = (float(start + slope * row) for row in (_HEAD_TOP, _CHIN))
    centre = float(face.middle.x - slope * (_EYES_COLUMN - PICTURE_SIZE / 2))
    return Head(head_top, head_chin, centre, head_chin - head_top, Confidence.SEEN)


def _head(centre: float, top: float, height: float) -> Head:
    return Head(top, top + height, centre, height, Confidence.POOR)
