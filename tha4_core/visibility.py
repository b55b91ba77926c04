"""Which parts of a character's picture can ever be seen: about two thirds of it are transparent in every pose.

The mask is measured over many poses and widened by a margin; engines leave what lies outside it transparent and do
not compute it. It is part of a character (``visibility.json``), and says what it was measured on. Somebody who leans
to the left is never seen on the far right, so there is a mask for each of four ways to lean.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tha4_core.errors import UserError
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import PARAMETERS, SIZE, Pose, neutral_pose, parameter_indices

#: Width and height of a tile of the mask, in pixels.
TILE_WIDTH: Final = 8
TILE_HEIGHT: Final = 4
#: The mask's shape: rows and columns of tiles.
SHAPE: Final = (PICTURE_SIZE // TILE_HEIGHT, PICTURE_SIZE // TILE_WIDTH)
#: The alpha bytes, uint8 (512, 512), of a pose.
Alpha = Callable[[Pose], NDArray[np.uint8]]

_FORMAT: Final = "tha4-visibility"
#: Of the file's form.
VERSION: Final = 3
#: Of files with one mask, for poses that lean in whatever way.
_VERSION_OF_ONE_MASK: Final = 2
# Half as many lost an alpha of 144/255 in one pose of a thousand.
_POSES: Final = 768
_SEED: Final = 20231117
_MARGIN: Final = 4
# Alphas of 1/255 and 2/255 cannot be seen on any background, but specks of them lie about the whole picture.
_THRESHOLD: Final = 3
# head_x to breathing: what moves the outline.
_MOVING: Final = range(39, SIZE)
#: Where a pose has the two that lean it: the head, and the body.
_LEANING: Final = (*parameter_indices("neck_z"), *parameter_indices("body_z"))
#: How many ways there are to lean, see :func:`lean_of`; and the value of a tile that is seen in all of them.
LEANS: Final = 2 ** len(_LEANING)
EVERY_LEAN: Final = 2**LEANS - 1
# A pose that leans less than this counts for the other side, too, so that nothing pops up on the way across.
_UPRIGHT: Final = 0.25


class VisibilityError(UserError):
    """A visibility mask that is none, or is another character's."""


@dataclass(frozen=True, eq=False)
class Visibility:
    """Where a character can be seen, and how that was found.

    tiles: uint8 of SHAPE, bit i set where any pixel of the tile can be seen in poses that lean in way i
    (:func:`lean_of`). character: ``Character.look`` of whom it was measured. poses, seed: what :func:`sample_poses` was
    given. threshold: the smallest alpha, of 255, that counted as seen. margin: pixels by which it was widened.
    teacher_poses: where the character's teacher showed nothing in so many poses counts as never seen, too; 0: it was
    not asked.
    """

    tiles: NDArray[np.uint8]
    character: str
    poses: int
    seed: int
    threshold: int
    margin: int
    teacher_poses: int = 0

    @property
    def anywhere(self) -> NDArray[np.bool_]:
        """Where anything can be seen in any pose, bool of SHAPE."""
        return np.asarray(self.tiles != 0, dtype=np.bool_)

    @property
    def share(self) -> float:
        """How much of the picture can be seen as a pose leans, the mean over the ways to lean, in [0, 1]."""
        return float(np.mean([self._of_lean(lean) for lean in range(LEANS)]))

    def pixels(self, pose: Pose) -> NDArray[np.bool_]:
        """The pixels that can be seen as a pose leans, bool (512, 512)."""
        return pixels_of(self._of_lean(lean_of(pose)))

    def within(self, teacher: Visibility) -> Visibility:
        """This mask of a student without what its teacher, whose mask is ``teacher``, never shows."""
        return replace(self, tiles=self.tiles & teacher.tiles, teacher_poses=teacher.poses)

    def _of_lean(self, lean: int) -> NDArray[np.bool_]:
        """The tiles of one way to lean, bool of SHAPE."""
        return np.asarray(self.tiles >> lean & 1, dtype=np.bool_)

    def to_json(self) -> dict[str, Any]:
        """The content of ``visibility.json``: for each way to lean, rows of tiles, each of 64 bits, in hexadecimal, the
        leftmost first."""
        return {
            "format": _FORMAT,
            "version": VERSION,
            "character": self.character,
            "poses": self.poses,
            "seed": self.seed,
            "threshold": self.threshold,
            "margin": self.margin,
            "teacher_poses": self.teacher_poses,
            "tiles": [
                [row.tobytes().hex() for row in np.packbits(self._of_lean(lean), axis=1)] for lean in range(LEANS)
            ],
        }

    @classmethod
    def from_json(cls, document: object, character: str, source: str) -> Visibility:
        """Parsed ``visibility.json`` of the character whose ``look`` is ``character``. Raises VisibilityError."""
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise VisibilityError(f'{source} is not a visibility mask: "format" must be "{_FORMAT}".')
        version = document.get("version")
        if version not in (VERSION, _VERSION_OF_ONE_MASK):
            raise VisibilityError(
                f"{source} has a version that this program does not know; delete it, and it is measured anew."
            )
        if version == _VERSION_OF_ONE_MASK:
            document = document | {"teacher_poses": 0, "tiles": [document.get("tiles")] * LEANS}
        if document.get("character") != character:
            raise VisibilityError(f"{source} was measured on another character; delete it, and it is measured anew.")
        numbers: dict[str, int] = {}
        for key in ("poses", "seed", "threshold", "margin", "teacher_poses"):
            number = document.get(key)
            if type(number) is not int or not 0 <= number < 2**63:
                raise VisibilityError(f'{source}: "{key}" must be a whole number from 0.')
            numbers[key] = number
        masks = document.get("tiles")
        if not isinstance(masks, list) or len(masks) != LEANS:
            raise VisibilityError(f'{source}: "tiles" must be {LEANS} masks, one for each way to lean.')
        tiles = np.zeros(SHAPE, np.uint8)
        for lean, rows in enumerate(masks):
            tiles |= _unpacked(rows, source) << lean
        return cls(tiles, character, **numbers)


def _unpacked(rows: object, source: str) -> NDArray[np.uint8]:
    """Rows of hexadecimal digits -> 0 and 1, uint8 of SHAPE. Raises VisibilityError."""
    height, width = SHAPE
    try:
        if not isinstance(rows, list) or len(rows) != height:
            raise ValueError
        packed = np.array([np.frombuffer(bytes.fromhex(row), np.uint8) for row in rows]).reshape(height, width // 8)
    except (TypeError, ValueError):
        raise VisibilityError(
            f'{source}: "tiles" must be masks of {height} rows of {width // 4} hexadecimal digits.'
        ) from None
    return np.unpackbits(packed, axis=1)


def lean_of(pose: Pose) -> int:
    """The way in which a pose leans, from 0 to LEANS - 1: bit 0 whether neck_z, bit 1 whether body_z is above 0."""
    return sum(1 << bit for bit, index in enumerate(_LEANING) if pose[index] > 0.0)


def _leans_near(pose: Pose) -> list[int]:
    """Ways to lean in which a pose is, or nearly."""
    sides = [[side for side in (0, 1) if (2 * side - 1) * pose[index] >= -_UPRIGHT] for index in _LEANING]
    return [sum(side << bit for bit, side in enumerate(chosen)) for chosen in itertools.product(*sides)]


def sample_poses(count: int, seed: int) -> Iterator[Pose]:
    """``count`` poses that show how far a character reaches.

    The neutral pose; every combination of the extremes of the six rotations and breathing; each of these alone at
    its extremes; then random ones, with the six in turn anywhere and at their extremes, and in each category of the
    face's parameters up to two groups at a time. More than that contradict each other: the student was not trained
    on such poses, and its pictures of them are broken.
    """
    random = np.random.default_rng(seed)
    low = np.array([parameter.minimum for parameter in PARAMETERS], dtype=np.float32)
    high = np.array([parameter.maximum for parameter in PARAMETERS], dtype=np.float32)
    moving = slice(_MOVING.start, _MOVING.stop)
    categories: dict[str, dict[str, list[int]]] = {}
    for parameter in PARAMETERS[: _MOVING.start]:
        categories.setdefault(parameter.category, {}).setdefault(parameter.group, []).append(parameter.index)

    def face() -> Pose:
        pose = neutral_pose()
        for groups in categories.values():
            names = list(groups)
            for chosen in random.permutation(len(names))[: random.integers(0, 3)]:
                indices = groups[names[chosen]]
                pose[indices] = random.uniform(low[indices], high[indices])
        return pose

    def endless() -> Iterator[Pose]:
        yield neutral_pose()
        for corner in itertools.product((False, True), repeat=len(_MOVING)):
            pose = neutral_pose()
            pose[moving] = np.where(corner, high[moving], low[moving])
            yield pose
        for index in _MOVING:
            for value in (low[index], high[index]):
                if value != 0.0:
                    pose = neutral_pose()
                    pose[index] = value
                    yield pose
        while True:
            pose = face()
            pose[moving] = random.uniform(low[moving], high[moving])
            yield pose
            pose = face()
            pose[moving] = np.where(random.random(len(_MOVING)) < 0.5, low[moving], high[moving])
            yield pose

    return itertools.islice(endless(), count)


def measure_visibility(
    alpha: Alpha,
    character: str,
    poses: int = _POSES,
    seed: int = _SEED,
    threshold: int = _THRESHOLD,
    margin: int = _MARGIN,
) -> Visibility:
    """Find where a character can be seen, with an engine's ``alpha``.

    character: its ``look``. threshold: the smallest alpha, of 255, that counts as seen. margin: pixels to widen what
    was seen by.
    """
    seen = np.zeros((LEANS, PICTURE_SIZE, PICTURE_SIZE), dtype=np.bool_)
    for pose in sample_poses(poses, seed):
        seen[_leans_near(pose)] |= alpha(pose) >= threshold
    tiles = np.zeros(SHAPE, np.uint8)
    for lean in range(LEANS):
        tiles |= tiles_of(_widened(seen[lean], margin)).astype(np.uint8) << lean
    return Visibility(tiles, character, poses, seed, threshold, margin)


def pixels_of(tiles: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tiles, bool of SHAPE -> pixels, bool (512, 512)."""
    return tiles.repeat(TILE_HEIGHT, axis=0).repeat(TILE_WIDTH, axis=1)


def tiles_of(pixels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool (512, 512) -> SHAPE: whether any pixel of the tile is true."""
    height, width = SHAPE
    return np.asarray(pixels.reshape(height, TILE_HEIGHT, width, TILE_WIDTH).any(axis=(1, 3)), dtype=np.bool_)


def _widened(mask: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """True also where a true place lies within so many rows and columns."""
    wide = np.array(mask)
    for _ in range(pixels):
        wide[1:] |= wide[:-1].copy()
        wide[:-1] |= wide[1:].copy()
        wide[:, 1:] |= wide[:, :-1].copy()
        wide[:, :-1] |= wide[:, 1:].copy()
    return wide
