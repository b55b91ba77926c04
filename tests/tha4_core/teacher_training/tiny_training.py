"""Trainings of seconds, as a program to be started, killed and started again.

``python -m tests.tha4_core.teacher_training.tiny_training FOLDER`` trains a rotator and an editor in FOLDER; under
``torchrun`` several processes do.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch

from tests.tha4_core.teacher_training.memory_examples import MemoryExamples, made_up_vgg
from tha4_core.distill.distributed import World, joined_world
from tha4_core.distill.training_loop import Limits, train_network
from tha4_core.teacher_training.networks import Coarse, coarse_by, new_network
from tha4_core.teacher_training.settings import EDITOR, ROTATOR, Settings
from tha4_core.teacher_training.training import BodyNetworkTraining

#: With so large an epsilon steps are in proportion to gradients, and rounding stays rounding.
RATES: dict[str, Any] = {"warm_up": 8, "rate": 1e-3, "epsilon": 1e-2}
ROTATOR_SETTINGS = Settings(ROTATOR, size=32, channels=(32, 32), examples=(8, 16), batch=4, **RATES)
EDITOR_SETTINGS = Settings(EDITOR, size=64, channels=(32, 32, 32), examples=(4, 4, 8), batch=4, **RATES)


def coarse() -> Coarse:
    """A rotator that has learned nothing."""
    return coarse_by(new_network(ROTATOR_SETTINGS))


def trainings(world: World) -> dict[str, BodyNetworkTraining]:
    return {
        ROTATOR: BodyNetworkTraining(ROTATOR_SETTINGS, MemoryExamples(10, 32), world, made_up_vgg(), None),
        EDITOR: BodyNetworkTraining(EDITOR_SETTINGS, MemoryExamples(10, 64), world, made_up_vgg(), coarse()),
    }


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    with joined_world("cpu") as world:
        for name, training in trainings(world).items():
            # A snapshot after every step: most moments of a kill are then in or near the writing of one.
            limits = Limits(snapshot_seconds=1e-9)
            train_network(name, training, folder / name, limits, lambda _: 0.0, world, lambda: False, lambda _: None)
            if world.leads:
                torch.save(dict(training.network().state_dict()), folder / f"{name}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
