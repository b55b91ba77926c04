"""Which recipe a preset stands for: how to train the face and how to train the body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from tha4_core.character import Character
from tha4_core.character.networks import PUBLISHED, Networks
from tha4_core.character.weights import Weights
from tha4_core.distill.body_recipe import BodySettings, BodyTraining, Start
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.face_recipe import FaceSettings, FaceTraining
from tha4_core.distill.pace import Pace
from tha4_core.distill.paper import PaperSettings, paper_body, paper_face
from tha4_core.distill.paper_phases import BODY_PHASES, FACE_PHASES, Phase, scaled
from tha4_core.distill.poses import BelievablePoses, DatasetPoses, PoseStream
from tha4_core.distill.room import room_for_frames
from tha4_core.distill.run_directory import BODY, FACE
from tha4_core.distill.training import Training
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.teacher import CharacterTeacher

#: For how many answers our recipes ask the teacher at least and at most.
FRAMES: Final[Mapping[str, tuple[int, int]]] = {FACE: (128, FaceSettings().frames), BODY: (48, BodySettings().frames)}
#: Of the poses to learn from, how many have all rotations at their ends.
_CORNERS: Final = 0.125


class Task(NamedTuple):
    """What there is to learn. mask: (128, 128) in [0, 1], where the face moves. dataset: poses (N, 45), or None for
    believable ones. start: the character to begin with, or None for noise. networks: what is to be trained."""

    config: Config
    teacher: CharacterTeacher
    mask: Tensor
    dataset: Tensor | None
    start: Character | None
    world: World
    networks: Networks = PUBLISHED

    def poses(self, seed: int, batch: int) -> PoseStream:
        """The poses of a training."""
        return BelievablePoses(seed, _CORNERS) if self.dataset is None else DatasetPoses(self.dataset, batch)


class Recipe(NamedTuple):
    """description: for the report, one sentence. paced: whether its length follows the time that it is given.
    poses_on_gpu: so many times the poses in a step of the body's, where the training is on a GPU. face, body: a
    training at a pace, which is the recipe's own of one that is not paced."""

    description: str
    paced: bool
    poses_on_gpu: int
    face: Callable[[Task, Pace], Training]
    body: Callable[[Task, Pace], Training]


def recipe_of(preset: str) -> Recipe:
    """The recipe of one of config.PRESETS."""
    return _RECIPES[preset]


def _paper_face(task: Task, _: Pace) -> Training:
    config = task.config
    seed, batch = config.face_morpher_random_seed_0, config.face_morpher_batch_size
    settings = _settings(task, FACE_PHASES, config.face_examples, batch, seed)
    start = _tensors(task.start.face_morpher) if task.start else None
    return paper_face(task.teacher, task.mask, task.poses(seed, batch), task.world, settings, start, task.networks)


def _paper_body(task: Task, _: Pace) -> Training:
    config = task.config
    seed, batch = config.body_morpher_random_seed_0, config.body_morpher_batch_size
    settings = _settings(task, BODY_PHASES, config.body_examples, batch, seed)
    start = _tensors(task.start.body_morpher) if task.start else None
    poses = task.poses(seed, batch)
    return paper_body(task.teacher, poses, task.world, settings, start, networks=task.networks)


def _fast_face(task: Task, pace: Pace) -> Training:
    check_processes(task.config, task.world)
    usual = FaceSettings(seed=task.config.face_morpher_random_seed_0)
    frames = _frames(FACE, pace)
    steps = _steps(usual.steps, pace.length)
    settings = replace(usual, steps=steps, frames=frames, capacity=min(usual.capacity, frames))
    start = None
    if task.start is not None:
        start = _tensors(task.start.face_morpher)
        if _same_drawing(task.start, task.teacher):
            share = _FACE_RATE_SAME_DRAWING
            settings = replace(settings, rate=share * usual.rate, adam_rate=share * usual.adam_rate)
    poses = task.poses(settings.seed, settings.poses)
    return FaceTraining(task.teacher, poses, settings, task.mask, start, task.world.device, task.networks)


def _fast_body(task: Task, pace: Pace) -> Training:
    check_processes(task.config, task.world)
    length, poses = pace.length, pace.poses
    usual = BodySettings(seed=task.config.body_morpher_random_seed_0)
    frames = _frames(BODY, pace)
    settings = replace(
        usual,
        coarse_steps=_steps(usual.coarse_steps, length / poses),
        steps=_steps(usual.steps, length / poses),
        coarse_poses=poses * usual.coarse_poses,
        poses=poses * usual.poses,
        frames=frames,
        capacity=min(pace.kept or usual.capacity, frames),
        sees_face=task.config.body_sees_face,
    )
    start = None
    if task.start is not None:
        start = Start(_tensors(task.start.body_morpher), _same_drawing(task.start, task.teacher))
        coarse, fine = _RATES_SAME_DRAWING if start.same_drawing else _RATES_OTHER_DRAWING
        settings = replace(
            settings,
            coarse_rate=coarse * usual.coarse_rate,
            coarse_adam_rate=coarse * usual.coarse_adam_rate,
            rate=fine * usual.rate,
            adam_rate=fine * usual.adam_rate,
        )
    stream = task.poses(settings.seed, settings.poses)
    return BodyTraining(task.teacher, stream, settings, start, task.world.device, task.networks)


def _same_drawing(character: Character, teacher: CharacterTeacher) -> bool:
    """Whether a character is of the teacher's drawing, which may not have been rounded to bytes."""
    drawn = torch.from_numpy(character.network_image)
    return float((drawn - teacher.image.cpu()).abs().max()) < _SAME


def _steps(usual: int, length: float) -> int:
    return max(20, round(usual * length))


def _frames(network: str, pace: Pace) -> int:
    """Fewer of the teacher's pictures in a short training, but never too few to learn from; no more in a long one."""
    fewest, most = FRAMES[network]
    return max(fewest, round(most * min(1.0, 2.0 * pace.length)) if pace.frames is None else pace.frames)


def frames_kept(network: str, device: torch.device) -> int | None:
    """How many of the teacher's pictures a network's training keeps in a machine's memory, at the most; None for a
    face, whose are small."""
    usual = BodySettings()
    return None if network == FACE else max(usual.capacity, min(usual.frames, room_for_frames(device)))


def check_processes(config: Config, world: World) -> None:
    """Raise DistillationError where a preset's recipes cannot be shared by as many processes as there are."""
    if not recipe_of(config.preset).paced:
        for batch in (config.face_morpher_batch_size, config.body_morpher_batch_size):
            world.share(0, batch)
    elif world.size > 1:
        raise DistillationError(
            f"the presets draft and standard train in one process, but {world.size} were started; start one, or give"
            " --preset paper."
        )


def _settings(task: Task, phases: tuple[Phase, ...], examples: int | None, batch: int, seed: int) -> PaperSettings:
    # On a processor one example keeps the cores busy, and more of them at once only take memory: 1 GB each.
    together = 1 if task.world.device.type == "cpu" else batch
    schedule = phases if examples is None else scaled(phases, examples)
    return PaperSettings(schedule, batch, seed, task.config.resolution or PICTURE_SIZE, together)


def _tensors(weights: Weights) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}


_FAST: Final = (
    "Movement first and coarse, then everything on parts of the picture worth looking at; Muon; teacher's pictures kept"
)
#: Poses in a body's step on a GPU, which is idle most of a step of the CPU's.
_ON_GPU: Final = 4
#: Learning rates of networks that begin as another character's, as shares of the usual ones: what is known already must
#: not be shaken off. Of a face, which has the usual ones where the drawing is another.
_FACE_RATE_SAME_DRAWING: Final = 0.1
#: Of a body's coarse and of its finer steps.
_RATES_SAME_DRAWING: Final = (0.1, 0.5)
_RATES_OTHER_DRAWING: Final = (0.5, 1.0)
#: Pictures that differ by less, in [-1, 1], are the same but for rounding: a step of 8 bits is 0.018 at most.
_SAME: Final = 0.02
#: Lengths of the draft, of the standard recipe's.
_DRAFT: Final = 0.06
_RECIPES: Final[Mapping[str, Recipe]] = {
    "draft": Recipe(
        f"{_FAST}; shortened.",
        True,
        1,  # so few steps must not become fewer
        lambda task, pace: _fast_face(task, pace._replace(length=_DRAFT * pace.length)),
        lambda task, pace: _fast_body(task, pace._replace(length=_DRAFT * pace.length)),
    ),
    "standard": Recipe(f"{_FAST}.", True, _ON_GPU, _fast_face, _fast_body),
    "paper": Recipe("The published recipe (arXiv 2311.17409).", False, 1, _paper_face, _paper_body),
}
