"""How steadily a character of ours moves: what its errors do from one frame to the next of a slow movement.

An error that moves with the figure is part of the drawing; one that stays behind, swims along a line or flickers is
seen, however small it is in a still picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tha4_core.engines import Engine
from tha4_core.metrics import signal_to_noise
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.picture.region import Region
from tha4_core.pose import Pose, pose_from_names
from tha4_core.rig.teacher import RigTeacher

#: What moves from its one end to the other, at the name of the movement.
MOVEMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "the head turns": ("head_y",),
    "the head nods": ("head_x",),
    "the head leans": ("neck_z",),
    "the torso turns": ("body_y",),
    "the torso leans": ("body_z",),
    "all of it at once": ("head_x", "head_y", "neck_z", "body_y", "body_z"),
}
#: Those that move things up and down, of which a column is kept.
_UPRIGHT: Final = ("head_x",)
#: Pixels of that line on either side of the head view.
_BEYOND: Final = 24


class Steadiness(NamedTuple):
    """psnr, worst: dB of its frames, sRGB times alpha and alpha, the mean and the least.

    The rest in levels of 255, root mean square over as many pixels as the figure has. change, largest: by how much the
    error differs from the last frame's, the mean and the greatest. movement: by how much the truth itself differs, the
    mean.
    """

    psnr: float
    worst: float
    change: float
    largest: float
    movement: float


class Movement(NamedTuple):
    """steadiness: of all frames. truth, made: a line of pixels through the head view, and a little beyond, in every
    frame, uint8 (frames, pixels, 4), straight alpha."""

    steadiness: Steadiness
    truth: NDArray[np.uint8]
    made: NDArray[np.uint8]


def poses_of(parameters: tuple[str, ...], frames: int) -> Iterator[Pose]:
    """So many poses from the parameters' one end to the other, slow at both, as a person moves."""
    for place in np.linspace(0.0, np.pi, frames):
        yield pose_from_names(dict.fromkeys(parameters, -float(np.cos(place))))


def measure_movement(
    engine: Engine,
    rig: RigTeacher,
    view: Region,
    parameters: tuple[str, ...],
    frames: int,
    notify: Callable[[int], None] = lambda _: None,
) -> Movement:
    """A character's slow movement, by its engine, against that of its rig. view: the character's head view. frames: at
    least 2. notify: called with how many are done.

    Raises EngineError.
    """
    line: tuple[int | slice, int | slice]
    if parameters == _UPRIGHT:
        line = slice(max(view.y - _BEYOND, 0), view.y + view.height + _BEYOND), view.x + view.width // 2
    else:
        line = view.y + view.height // 2, slice(max(view.x - _BEYOND, 0), view.x + view.width + _BEYOND)
    likeness: list[float] = []
    changes: list[tuple[float, float]] = []  # of the error, of the truth
    lines: tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]] = [], []
    last: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
    for done, pose in enumerate(poses_of(parameters, frames), 1):
        truth = to_rgba8_straight(rig.pose(torch.from_numpy(pose)[None]).final[0].numpy())
        made = engine.render(pose)
        for kept, picture in zip(lines, (truth, made), strict=True):
            kept.append(picture[line].copy())
        shown, drawn = _levels(truth), _levels(made)
        likeness.append(signal_to_noise(drawn, shown, peak=255.0))
        error = drawn - shown
        if last is not None:
            figure = int(np.count_nonzero(truth[..., 3]))
            changes.append((_size(error - last[1], figure), _size(shown - last[0], figure)))
        last = shown, error
        notify(done)
    change, movement = np.mean(changes, axis=0)
    largest = max(of_error for of_error, _ in changes)
    steadiness = Steadiness(float(np.mean(likeness)), min(likeness), float(change), largest, float(movement))
    return Movement(steadiness, np.stack(lines[0]), np.stack(lines[1]))


def _levels(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Straight alpha (h, w, 4) -> sRGB levels times alpha, and alpha's own, in [0, 255]."""
    levels = picture.astype(np.float32)
    levels[..., :3] *= levels[..., 3:] / np.float32(255.0)
    return levels


def _size(difference: NDArray[np.float32], pixels: int) -> float:
    """Of a difference of pictures (h, w, 4): root mean square, as if it were spread over so many pixels."""
    return float(np.sqrt(np.square(difference, dtype=np.float64).sum() / (4 * max(pixels, 1))))
