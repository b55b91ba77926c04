"""Which recipe a preset stands for: how to train the face and how to train the body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from tha4_core.character import Character
from tha4_core.character.weights import Weights
from tha4_core.distill.body_recipe import BodySettings, BodyTraining
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World
from tha4_core.distill.face_recipe import FaceSettings, FaceTraining
from tha4_core.distill.paper import PaperSettings, paper_body, paper_face
from tha4_core.distill.paper_phases import BODY_PHASES, FACE_PHASES, Phase, scaled
from tha4_core.distill.poses import BelievablePoses, DatasetPoses, PoseStream
from tha4_core.distill.training import Training
from tha4_core.region import PICTURE_SIZE
from tha4_core.teacher import CharacterTeacher


class Task(NamedTuple):
    """What there is to learn. mask: (128, 128) in [0, 1], where the face moves. dataset: poses (N, 45), or None for
    believable ones. start: the character to begin with, or None for noise."""

    config: Config
    teacher: CharacterTeacher
    mask: Tensor
    dataset: Tensor | None
    start: Character | None
    world: World

    def poses(self, seed: int, batch: int) -> PoseStream:
        """The poses of a training."""
        return BelievablePoses(seed) if self.dataset is None else DatasetPoses(self.dataset, batch)


class Recipe(NamedTuple):
    """description: for the report, one sentence."""

    description: str
    face: Callable[[Task], Training]
    body: Callable[[Task], Training]


def recipe_of(preset: str) -> Recipe:
    """The recipe of one of config.PRESETS."""
    return _RECIPES[preset]


def _paper_face(task: Task, examples: int, resolution: int) -> Training:
    config = task.config
    seed, batch = config.face_morpher_random_seed_0, config.face_morpher_batch_size
    settings = _settings(task, FACE_PHASES, config.face_examples or examples, batch, seed, resolution)
    start = _tensors(task.start.face_morpher) if task.start else None
    return paper_face(task.teacher, task.mask, task.poses(seed, batch), task.world, settings, start)


def _paper_body(task: Task, examples: int, resolution: int) -> Training:
    config = task.config
    seed, batch = config.body_morpher_random_seed_0, config.body_morpher_batch_size
    settings = _settings(task, BODY_PHASES, config.body_examples or examples, batch, seed, resolution)
    start = _tensors(task.start.body_morpher) if task.start else None
    return paper_body(task.teacher, task.poses(seed, batch), task.world, settings, start)


def _fast_face(task: Task) -> Training:
    settings = FaceSettings(seed=task.config.face_morpher_random_seed_0)
    start = _tensors(task.start.face_morpher) if task.start else None
    return FaceTraining(task.teacher, task.poses(settings.seed, settings.poses), settings, task.mask, start)


def _fast_body(task: Task) -> Training:
    settings = BodySettings(seed=task.config.body_morpher_random_seed_0)
    return BodyTraining(task.teacher, task.poses(settings.seed, settings.poses), settings)


def _settings(
    task: Task, phases: tuple[Phase, ...], examples: int, batch: int, seed: int, resolution: int
) -> PaperSettings:
    # On a processor one example keeps the cores busy, and more of them at once only take memory: 1 GB each.
    together = 1 if task.world.device.type == "cpu" else batch
    return PaperSettings(scaled(phases, examples), batch, seed, task.config.resolution or resolution, together)


def _tensors(weights: Weights) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}


_RECIPES: Final[Mapping[str, Recipe]] = {
    "draft": Recipe(
        "The published rules at a quarter of the resolution, over a fraction of the examples.",
        lambda task: _paper_face(task, 20_000, PICTURE_SIZE // 4),
        lambda task: _paper_body(task, 20_000, PICTURE_SIZE // 4),
    ),
    "standard": Recipe(
        "Movement first and coarse, then everything on parts of the picture worth looking at; Muon; frames kept.",
        _fast_face,
        _fast_body,
    ),
    "paper": Recipe(
        "The published recipe (arXiv 2311.17409).",
        lambda task: _paper_face(task, FACE_PHASES[-1].until, PICTURE_SIZE),
        lambda task: _paper_body(task, BODY_PHASES[-1].until, PICTURE_SIZE),
    ),
}
