"""Poses to learn from: believable ones from a seed, or those of the official data set.

A stream is a function from an index to a pose: pose i of a stream is always the same, so that a training which goes on
after an interruption, or on several machines, needs no more than how many examples it has shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count as count_up
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import torch
from torch import Tensor

from tha4_core.distill.errors import DistillationError
from tha4_core.files.reading import FileError, read_buffer
from tha4_core.files.torch_files import DamagedFileError, ForeignFileError, StoredTensor, parse_torch_file
from tha4_core.pose import PARAMETERS, SIZE, Pose, neutral_pose, parameter_indices

#: index, from 0, -> pose, float32 (45,).
PoseStream: TypeAlias = Callable[[int], Tensor]

#: Held-out poses are of a seed that no training may have: seeds of trainings are below 2^64.
_HELD_OUT_SEED: Final = 2**64 + 20231117
_MAX_DATASET_BYTES: Final = 4 << 30

_SPEECH: Final = ("mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta")
_EYES: Final = tuple(dict.fromkeys(p.group for p in PARAMETERS if p.category == "eye"))
_BROWS: Final = tuple(dict.fromkeys(p.group for p in PARAMETERS if p.category == "eyebrow"))
_ROTATIONS: Final = tuple(
    index for name in ("head_x", "head_y", "neck_z", "body_y", "body_z") for index in parameter_indices(name)
)


@dataclass(frozen=True)
class _Mood:
    """Parameter groups that go together."""

    brows: Sequence[str]
    eyes: Sequence[str]
    speech: Sequence[str]
    corners: Sequence[str]


_MOODS: Final = (
    _Mood(  # joy
        ("eyebrow_happy", "eyebrow_raised"),
        ("eye_happy_wink", "eye_relaxed", "eye_raised_lower_eyelid", "eye_wink"),
        ("mouth_delta", "mouth_aaa", "mouth_iii", "mouth_eee"),
        ("mouth_raised_corner", "mouth_smirk"),
    ),
    _Mood(  # anger
        ("eyebrow_angry", "eyebrow_lowered", "eyebrow_serious"),
        ("eye_unimpressed", "eye_raised_lower_eyelid", "eye_surprised"),
        ("mouth_iii", "mouth_eee", "mouth_delta"),
        ("mouth_lowered_corner",),
    ),
    _Mood(  # sorrow
        ("eyebrow_troubled", "eyebrow_lowered"),
        ("eye_relaxed", "eye_wink", "eye_unimpressed"),
        ("mouth_uuu", "mouth_ooo", "mouth_eee"),
        ("mouth_lowered_corner",),
    ),
    _Mood(  # surprise
        ("eyebrow_raised", "eyebrow_troubled"),
        ("eye_surprised",),
        ("mouth_ooo", "mouth_aaa", "mouth_uuu"),
        ("mouth_raised_corner", "mouth_lowered_corner"),
    ),
    _Mood(  # anything with anything: every group is seen beside every other
        _BROWS,
        _EYES,
        _SPEECH,
        ("mouth_raised_corner", "mouth_lowered_corner", "mouth_smirk"),
    ),
)
_MOOD_SHARES: Final = (0.2, 0.12, 0.12, 0.12, 0.44)


@dataclass(frozen=True)
class BelievablePoses:
    """Endless poses such as a character strikes, each from ``seed`` and its index alone.

    One in 32 is the neutral pose. In the others a mood chooses among brows, eyes and mouths that go together, or,
    for nearly half of them, lets each be chosen by itself. Brows and eyes take one group at a time, at times a second
    one, both sides mostly alike; the mouth is shut, speaks one sound or a blend of two whose strengths sum to at most
    1, and its corners go up or down. Irises look anywhere. Head and body turn anywhere within their ranges, the body
    after the head more often than against it. Every parameter is at its very end in a good part of the poses where
    it moves at all, since what is learned only inside a range is wrong at its end.

    corners: the share of poses that have head and body at the ends of all five rotations at once, in [0, 1]. By itself
    that all but never happens, and a student that was not shown it smudges there.
    """

    seed: int
    corners: float = 0.0

    def __call__(self, index: int) -> Tensor:
        """Pose ``index``, (45,)."""
        random = np.random.default_rng([self.seed, index])
        pose = neutral_pose()
        if random.random() >= 1 / 32:
            mood = _MOODS[random.choice(len(_MOODS), p=_MOOD_SHARES)]
            _strike_face(pose, mood, random)
            _turn(pose, random)
            if random.random() < self.corners:
                pose[list(_ROTATIONS)] = random.choice((-1.0, 1.0), size=len(_ROTATIONS))
        return torch.from_numpy(pose)


def held_out_poses(count: int) -> Tensor:
    """Poses that no training is shown, always the same, (count, 45): the neutral one, then believable ones."""
    stream = _moving_poses(BelievablePoses(_HELD_OUT_SEED), torch.ones(SIZE, dtype=torch.bool))
    return torch.stack([torch.from_numpy(neutral_pose()), *islice(stream, count)][:count])


def held_out_poses_of(categories: Sequence[str], count: int) -> Tensor:
    """As :func:`held_out_poses`, with everything at rest but the parameters of ``categories``, (count, 45)."""
    moving = torch.tensor([parameter.category in categories for parameter in PARAMETERS])
    return torch.stack(list(islice(_moving_poses(BelievablePoses(_HELD_OUT_SEED + 1), moving), count)))


def held_out_poses_at_the_ends(count: int) -> Tensor:
    """As :func:`held_out_poses`, each with head and body at the ends of all five rotations, (count, 45)."""
    stream = BelievablePoses(_HELD_OUT_SEED + 2, corners=1.0)
    return torch.stack(list(islice(_moving_poses(stream, torch.ones(SIZE, dtype=torch.bool)), count)))


def _moving_poses(stream: PoseStream, moving: Tensor) -> Iterator[Tensor]:
    """A stream's poses with only some parameters moving, (45,) bool; those in which then nothing moves left out."""
    poses = (torch.where(moving, stream(index), 0.0) for index in count_up())
    return (pose for pose in poses if pose.any())


@dataclass(frozen=True, eq=False)
class DatasetPoses:
    """The poses of a data set, permuted anew in each epoch as the published code does (DISTILLATION.md A.1).

    poses: (N, 45), N at least ``batch``. batch: examples of an optimiser step; an epoch ends after the last whole one.
    Epoch e is the permutation of seed e, the same for every training.
    """

    poses: Tensor
    batch: int

    def __call__(self, index: int) -> Tensor:
        """Pose ``index`` of the endless sequence of epochs, (45,)."""
        usable = len(self.poses) // self.batch * self.batch
        epoch, place = divmod(index, usable)
        return self.poses[_permutation(len(self.poses), epoch)[place]]


@lru_cache(maxsize=2)
def _permutation(count: int, epoch: int) -> Tensor:
    return torch.randperm(count, generator=torch.Generator().manual_seed(epoch))


def read_pose_dataset(path: Path) -> Tensor:
    """The official ``pose_dataset.pt``: float32 (N, 45), clamped into the parameters' ranges.

    The file holds a tensor, or a list or tuple of tensors of one length whose first is the poses. Code in it is
    refused, not run. Raises DistillationError.
    """
    try:
        content = parse_torch_file(read_buffer(path, _MAX_DATASET_BYTES, "no set of poses is"), StoredTensor.to_tensor)
    except FileError as error:
        raise DistillationError(str(error)) from None
    except ForeignFileError:
        raise DistillationError(
            f"{path} holds other objects than tensors (perhaps program code), which are never run; save the poses"
            " alone, as a tensor of N x 45."
        ) from None
    except DamagedFileError:
        raise DistillationError(
            f"{path} is not a PyTorch file, or it is damaged or cut short; download it again."
        ) from None
    return _checked(content, path)


def _checked(content: object, path: Path) -> Tensor:
    """What a file held, if it is poses."""
    poses = content
    if isinstance(content, (list, tuple)):
        tensors = [part for part in content if isinstance(part, Tensor) and part.ndim > 0]
        if not content or len(tensors) != len(content) or len({len(part) for part in tensors}) != 1:
            raise DistillationError(f"{path} must hold a tensor, or a list of tensors of one length.")
        poses = content[0]
    if not isinstance(poses, Tensor) or poses.ndim != 2 or poses.shape[1] != SIZE or not len(poses):
        shape = tuple(poses.shape) if isinstance(poses, Tensor) else type(poses).__name__
        raise DistillationError(f"{path} must hold poses of N x {SIZE} numbers, but it holds {shape}.")
    if not poses.is_floating_point() or not torch.isfinite(poses).all():
        raise DistillationError(f"{path} holds poses that are no finite numbers; download it again.")
    low = torch.tensor([parameter.minimum for parameter in PARAMETERS])
    high = torch.tensor([parameter.maximum for parameter in PARAMETERS])
    return poses.float().clamp(low, high).contiguous()


def _strike_face(pose: Pose, mood: _Mood, random: np.random.Generator) -> None:
    if random.random() < 0.7:
        _set_sides(pose, _one_of(mood.brows, random), random)
        if random.random() < 0.15:
            _set_sides(pose, _one_of(mood.brows, random), random)
    if random.random() < 0.7:
        _set_sides(pose, _one_of(mood.eyes, random), random)
        if random.random() < 0.1:
            _set_sides(pose, "eye_raised_lower_eyelid", random)
    if random.random() < 0.2:
        _set_sides(pose, "iris_small", random)
    _speak(pose, mood, random)
    for name in ("iris_rotation_x", "iris_rotation_y"):
        _set(pose, name, 0.0 if random.random() < 0.25 else _angle(random))


def _speak(pose: Pose, mood: _Mood, random: np.random.Generator) -> None:
    """The mouth: shut, one sound, or a blend of two; and its corners."""
    kind = random.random()
    if kind >= 0.25:
        first, second = (int(number) for number in random.permutation(len(mood.speech))[:2])
        strength, share = _strength(random), random.random() if kind >= 0.75 else 1.0
        _set(pose, mood.speech[first], strength * share)
        if share < 1.0:
            _set(pose, mood.speech[second], strength * (1.0 - share))
    if random.random() < 0.35:
        _set_sides(pose, _one_of(mood.corners, random), random)


def _turn(pose: Pose, random: np.random.Generator) -> None:
    """Head and body: still, alone, or together."""
    kind = random.random()
    if kind < 0.1:
        return
    for name in ("head_x", "head_y", "neck_z"):
        _set(pose, name, _angle(random))
    follow = random.uniform(0.0, 1.0) if kind < 0.7 else 0.0
    for name, leader in (("body_y", "head_y"), ("body_z", "neck_z")):
        led = follow * pose[parameter_indices(leader)[0]]
        _set(pose, name, float(np.clip(led + (1.0 - follow) * _angle(random), -1.0, 1.0)))
    _set(pose, "breathing", _strength(random) if random.random() < 0.8 else 0.0)


def _one_of(groups: Sequence[str], random: np.random.Generator) -> str:
    return groups[int(random.integers(len(groups)))]


def _set(pose: Pose, name: str, value: float) -> None:
    pose[parameter_indices(name)[0]] = value


def _set_sides(pose: Pose, group: str, random: np.random.Generator) -> None:
    """A group's one value, or its two: mostly alike, else one side alone, else each its own."""
    strength, kind = _strength(random), random.random()
    indices = parameter_indices(group)
    if len(indices) == 1 or kind < 0.7:
        pose[list(indices)] = strength
    elif kind < 0.9:
        pose[indices[random.integers(2)]] = strength
    else:
        pose[list(indices)] = strength, _strength(random)


def _strength(random: np.random.Generator) -> float:
    """In (0, 1], one time in four the whole of it."""
    return 1.0 if random.random() < 0.25 else float(1.0 - random.random())


def _angle(random: np.random.Generator) -> float:
    """In [-1, 1]: about the middle, anywhere, or at an end."""
    kind = random.random()
    if kind < 0.4:
        return float(np.clip(random.normal(0.0, 0.4), -1.0, 1.0))
    if kind < 0.85:
        return float(random.uniform(-1.0, 1.0))
    return float(random.choice((-1.0, 1.0)))
