"""How good a character is: its final pictures, both networks together, against its teacher's over held-out poses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tha4_core.character import Character
from tha4_core.distill.poses import held_out_poses, held_out_poses_at_the_ends, held_out_poses_of
from tha4_core.engines.outputs import student_outputs
from tha4_core.metrics import psnr, ssim
from tha4_core.pose import Pose
from tha4_core.teacher import CharacterTeacher

#: Equal pictures have an infinite PSNR, of which no mean can be taken; they count as this.
BEST_PSNR: Final = 100.0
#: What is measured by itself, and the parameters' categories that move in it while the rest is still.
GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "eyebrows": ("eyebrow",),
    "eyes and irises": ("eye", "iris_morph", "iris_rotation"),
    "mouth": ("mouth",),
    "head": ("face_rotation",),
    "body": ("body_rotation",),
    "breathing": ("breathing",),
}
#: And what all of them together are: most of the worst poses are of this kind.
ENDS: Final = "head and body at their ends"


class Score(NamedTuple):
    """PSNR in dB, at most BEST_PSNR, and SSIM of one pose's picture."""

    pose: Pose
    psnr: float
    ssim: float


@dataclass(frozen=True)
class Evaluation:
    """scores: of all held-out poses. groups: mean PSNR, dB, of poses in which only one group of parameters moves; and
    of ENDS, in which everything does."""

    scores: tuple[Score, ...]
    groups: Mapping[str, float]

    @property
    def mean_psnr(self) -> float:
        return float(np.mean([score.psnr for score in self.scores]))

    @property
    def mean_ssim(self) -> float:
        return float(np.mean([score.ssim for score in self.scores]))

    def worst(self, count: int) -> list[Score]:
        """The scores of the smallest PSNR, the worst first."""
        return sorted(self.scores, key=lambda score: score.psnr)[:count]

    def to_json(self) -> dict[str, Any]:
        """For ``quality`` in ``character.json``: dB to two places, SSIM to four."""
        return {
            "held_out_poses": len(self.scores),
            "psnr_mean": round(self.mean_psnr, 2),
            "psnr_worst": round(self.worst(1)[0].psnr, 2),
            "ssim_mean": round(self.mean_ssim, 4),
            "psnr_by_group": {name: round(value, 2) for name, value in self.groups.items()},
        }


def check_measures() -> None:
    """Raise MetricError now, where :func:`evaluate` would after hours of training."""
    ssim(np.zeros((4, 16, 16), np.float32), np.zeros((4, 16, 16), np.float32))


class StudentPictures:
    """A character's final pictures, float32 (4, 512, 512), before any rounding to bytes.

    As engines show them: transparent where the character's mask says that it is never seen, if it has one.
    """

    def __init__(self, character: Character, device: str = "cpu") -> None:
        self._networks = student_outputs(character, device, torch.get_num_threads())
        self._visibility = character.visibility

    def __call__(self, pose: Pose) -> NDArray[np.float32]:
        final: NDArray[np.float32] = self._networks.outputs(pose).final.cpu().numpy()
        if self._visibility is None:
            return final
        return np.where(self._visibility.pixels(pose), final, np.float32(-1.0))


def teacher_picture(teacher: CharacterTeacher, pose: Pose) -> NDArray[np.float32]:
    """A teacher's final picture, float32 (4, 512, 512)."""
    final: NDArray[np.float32] = teacher.pose(torch.from_numpy(pose)[None]).final[0].float().cpu().numpy()
    return final


def picture_psnr(one: NDArray[Any] | Tensor, other: NDArray[Any] | Tensor) -> float:
    """PSNR of :mod:`tha4_core.metrics`, at most BEST_PSNR."""
    return min(BEST_PSNR, psnr(one, other))


def evaluate(
    character: Character,
    teacher: CharacterTeacher,
    count: int,
    notify: Callable[[int, int], None],
) -> Evaluation:
    """Measure over ``count`` held-out poses and a tenth as many of each group and of ENDS, on the teacher's device.

    notify: done, of how many.
    Raises MetricError when SSIM cannot be computed here.
    """
    student = StudentPictures(character, str(teacher.image.device))
    in_group = max(1, count // 10)
    of_groups = {name: held_out_poses_of(categories, in_group) for name, categories in GROUPS.items()}
    of_groups[ENDS] = held_out_poses_at_the_ends(in_group)
    total, done = count + in_group * len(of_groups), 0
    scores: list[Score] = []
    for pose in held_out_poses(count).numpy():
        wanted, made = teacher_picture(teacher, pose), student(pose)
        scores.append(Score(pose, picture_psnr(made, wanted), ssim(made, wanted)))
        done += 1
        notify(done, total)
    groups: dict[str, float] = {}
    for name, poses in of_groups.items():
        values: list[float] = []
        for pose in poses.numpy():
            values.append(picture_psnr(student(pose), teacher_picture(teacher, pose)))
            done += 1
            notify(done, total)
        groups[name] = float(np.mean(values))
    return Evaluation(tuple(scores), groups)
