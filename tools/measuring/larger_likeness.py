"""How like its rig a character of ours is in frames of twice and four times the size (docs/HD.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from tha4_core.character import Character
from tha4_core.distill.poses import held_out_poses
from tha4_core.engines import create_engine
from tha4_core.metrics import signal_to_noise
from tha4_core.picture.color import to_network
from tha4_core.picture.region import Region
from tha4_core.rig.design import Design
from tha4_core.rig.teacher import RigTeacher

#: Times the picture's 512 pixels.
SCALES: Final = (2, 4)


class Likeness(NamedTuple):
    """psnr, worst, head: dB, linear and premultiplied, all four channels; of whole pictures the mean and the least, of
    the head view the mean. energy: squared differences of neighbouring pixels, as a share of the truth's."""

    psnr: float
    worst: float
    head: float
    energy: float


def measure_larger(
    character: Character, design: Design, scale: int, poses: int, notify: Callable[[int], None] = lambda _: None
) -> tuple[Likeness, Likeness]:
    """Frames of ``scale`` times the size, and those of 512 pixels enlarged (bicubic), against the rig drawn so large.

    poses: held-out ones, in all of which something moves. notify: called with how many are done.
    Raises EngineError.
    """
    engine, rig = create_engine(character), RigTeacher(design, scale)
    head = Region(*(scale * number for number in character.info.head_view))
    frames, enlarged = _Sums(head), _Sums(head)
    for done, pose in enumerate(held_out_poses(poses + 1)[1:], 1):
        truth = _unit(rig.pose(pose[None]).final[0].numpy())
        frames.add(_unit(to_network(engine.render(pose.numpy(), scale=scale))), truth)
        small = torch.from_numpy(to_network(engine.render(pose.numpy())))[None]
        large = functional.interpolate(small, scale_factor=scale, mode="bicubic", align_corners=False)
        enlarged.add(_unit(large[0].clamp(-1.0, 1.0).numpy()), truth)
        notify(done)
    return frames.means(), enlarged.means()


class _Sums:
    """What is known of the pictures so far."""

    def __init__(self, head: Region) -> None:
        self._rows = slice(head.y, head.y + head.height)
        self._columns = slice(head.x, head.x + head.width)
        self._whole: list[float] = []
        self._head: list[float] = []
        self._energy = [0.0, 0.0]

    def add(self, made: NDArray[np.float32], truth: NDArray[np.float32]) -> None:
        """A picture and what it should be, (4, h, w) in [0, 1]."""
        self._whole.append(signal_to_noise(made, truth, peak=1.0))
        head = (slice(None), self._rows, self._columns)
        self._head.append(signal_to_noise(made[head], truth[head], peak=1.0))
        for index, picture in enumerate((made, truth)):
            self._energy[index] += sum(float(np.square(np.diff(picture, axis=axis)).sum()) for axis in (1, 2))

    def means(self) -> Likeness:
        made, truth = self._energy
        return Likeness(float(np.mean(self._whole)), min(self._whole), float(np.mean(self._head)), made / truth)


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """[-1, 1] -> [0, 1]."""
    return (values + 1.0) * 0.5
