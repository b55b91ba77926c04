"""A whole distillation of seconds with the fast teacher, as a program to be started, killed and started again.

``python -m tests.tha4_core.distill.tiny_distillation FOLDER`` trains in FOLDER; under
``torchrun`` several processes do. It prints a digest of the weights when it is through.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import torch
from torch import nn

from tests.moving_teacher import MovingTeacher
from tha4_core.distill.distributed import World, joined_world
from tha4_core.distill.paper import PaperSettings, PaperTraining, paper_body, paper_face
from tha4_core.distill.paper_phases import BODY_PHASES, FACE_PHASES, scaled
from tha4_core.distill.poses import BelievablePoses
from tha4_core.distill.training_loop import Limits, train_network

#: Examples of the face and of the body, in batches of 4.
FACE_EXAMPLES = 240
BODY_EXAMPLES = 48


def trainings(world: World) -> tuple[PaperTraining, PaperTraining]:
    teacher, poses = MovingTeacher(), BelievablePoses(1)
    face = PaperSettings(scaled(FACE_PHASES, FACE_EXAMPLES), 4, 1, 64)
    body = PaperSettings(scaled(BODY_PHASES, BODY_EXAMPLES), 4, 2, 64)
    return (
        paper_face(teacher, torch.ones(128, 128), poses, world, face),
        paper_body(teacher, poses, world, body),
    )


def digest(*networks: nn.Module) -> str:
    sha = hashlib.sha256()
    for network in networks:
        for tensor in network.state_dict().values():
            sha.update(tensor.numpy().tobytes())
    return sha.hexdigest()


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    with joined_world("cpu") as world:
        face, body = trainings(world)
        for name, training in (("face", face), ("body", body)):
            # A snapshot after every step: most moments of a kill are then in or near the writing of one.
            train_network(
                name,
                training,
                folder / name,
                Limits(snapshot_seconds=1e-9),
                lambda _: 0.0,
                world,
                lambda: False,
                lambda _: None,
            )
        if world.leads:
            torch.save([dict(face.network().state_dict()), dict(body.network().state_dict())], folder / "weights.pt")
            print(digest(face.network(), body.network()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
