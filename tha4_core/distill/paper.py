"""The published training of both students, faithfully (paper, section 5 and appendix D; DISTILLATION.md part A).

Adam, batches of 8, every example's targets asked of the teacher anew, learning rates and loss weights by the number
of examples shown. Where the published code draws a student's first weights from whatever state the random generator
is in, a seed decides here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from tha4_core.character.networks import PUBLISHED, Networks
from tha4_core.distill.adam import Adam
from tha4_core.distill.distributed import World
from tha4_core.distill.losses import BodyTarget, body_terms, face_terms
from tha4_core.distill.paper_phases import BODY_PHASES, FACE_PHASES, Phase, phase_at
from tha4_core.distill.poses import PoseStream
from tha4_core.distill.resolutions import body_at, face_at, reduced
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import FACE_SIZE
from tha4_core.student import BodyMorpher, BodyOutput, FaceMorpher
from tha4_core.teacher.interface import CharacterTeacher

#: A backward pass computes the gradients of weights and of inputs: with the forward pass, three times its work.
FORWARD_AND_BACKWARD: Final = 3.0
#: Multiply-adds of one forward pass of the published networks at 512x512 (STUDENT.md section 5).
FACE_MULTIPLY_ADDS: Final = PUBLISHED.direct_face_multiply_adds
BODY_MULTIPLY_ADDS: Final = PUBLISHED.direct_body_multiply_adds


@dataclass(frozen=True)
class PaperSettings:
    """What may be set of the published training of one network.

    phases: its schedule; its last border is how many examples are shown. batch: examples of a step, over all
    processes. seed: of the first weights. resolution: edge of the picture, in pixels, that is trained on. together:
    how many of a batch are worked on at once, which changes memory and rounding only.
    """

    phases: tuple[Phase, ...]
    batch: int = 8
    seed: int = 0
    resolution: int = PICTURE_SIZE
    together: int = 8


class Lesson(NamedTuple):
    """What a network is taught. terms: network, poses (B, 45), phase -> weighted loss terms, their sum to be
    minimised. multiply_adds: of one example, forward and backward, without the teacher."""

    name: str
    terms: Callable[[nn.Module, Tensor, Phase], dict[str, Tensor]]
    multiply_adds: float


class PaperTraining:
    """A ``Training`` by the published rules."""

    def __init__(
        self, lesson: Lesson, network: nn.Module, settings: PaperSettings, poses: PoseStream, world: World
    ) -> None:
        self._lesson = lesson
        self._settings = settings
        self._poses = poses
        self._world = world
        self._network = network.to(world.device)
        self._optimiser = Adam([{"params": self._network.parameters(), "lr": settings.phases[0].learning_rate}])
        self._examples = 0
        world.share(0, settings.batch)  # says at once when it cannot be shared

    @property
    def examples(self) -> int:
        return self._examples

    @property
    def progress(self) -> float:
        return min(1.0, self._examples / self._settings.phases[-1].until)

    @property
    def phase(self) -> str:
        phases = self._settings.phases
        number = phases.index(phase_at(phases, self._examples)) + 1
        return f"{self._lesson.name}, part {number} of {len(phases)}"

    @property
    def teacher_frames(self) -> int:
        return self._examples

    @property
    def multiply_adds(self) -> float:
        return self._examples * self._lesson.multiply_adds

    def step(self) -> dict[str, float]:
        phase = phase_at(self._settings.phases, self._examples)
        for group in self._optimiser.param_groups:
            group["lr"] = phase.learning_rate
        indices = self._world.share(self._examples, self._settings.batch)
        self._optimiser.zero_grad()
        values: dict[str, Tensor] = {}
        for part in _parts(indices, self._settings.together):
            poses = torch.stack([self._poses(index) for index in part]).to(self._world.device)
            share = len(part) / len(indices)
            terms = self._lesson.terms(self._network, poses, phase)
            loss = torch.stack(list(terms.values())).sum()
            (share * loss).backward()  # type: ignore[no-untyped-call]
            for name, value in {**terms, "loss": loss}.items():
                values[name] = values.get(name, 0.0) + share * value.detach()
        self._world.average_gradients(self._network)
        self._world.average(list(values.values()))
        self._optimiser.step()
        self._examples += self._settings.batch
        return {name: float(value) for name, value in values.items()}

    def network(self) -> nn.Module:
        return self._network.eval()

    def state(self) -> dict[str, Any]:
        return {
            "settings": self._fingerprint(),
            "examples": self._examples,
            "network": dict(self._network.state_dict()),
            "optimiser": self._optimiser.state_dict(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        if state.get("settings") != self._fingerprint():
            raise ValueError("the state is of another training")
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._examples = int(state["examples"])

    def _fingerprint(self) -> str:
        """What must not change between two parts of one training; how many processes work on it may."""
        settings = self._settings
        return f"{self._lesson.name} {settings.batch} {settings.seed} {settings.resolution} {settings.phases}"


def paper_face(
    teacher: CharacterTeacher,
    mask: Tensor,
    poses: PoseStream,
    world: World,
    settings: PaperSettings | None = None,
    start: Mapping[str, Tensor] | None = None,
    networks: Networks = PUBLISHED,
) -> PaperTraining:
    """The training of a face morpher. mask: (128, 128) in [0, 1]. start: weights to begin with instead of noise, of the
    same shape. networks: the shape."""
    settings = settings or PaperSettings(FACE_PHASES)
    edge = settings.resolution
    factor = PICTURE_SIZE // edge
    small_mask = reduced(mask.to(world.device)[None, None], factor)[0, 0]  # (S, S)

    def terms(network: nn.Module, batch: Tensor, _: Phase) -> dict[str, Tensor]:
        assert isinstance(network, FaceMorpher)
        target = reduced(teacher.pose_face(batch).to(world.device), factor)  # (B, 4, S, S)
        return face_terms(face_at(network, batch[:, :FACE_SIZE], edge), target, small_mask)

    cost = FORWARD_AND_BACKWARD * networks.direct_face_multiply_adds / factor**2
    network = _begun(partial(FaceMorpher, networks), settings, start)
    return PaperTraining(Lesson("face", terms, cost), network, settings, poses, world)


def paper_body(
    teacher: CharacterTeacher,
    poses: PoseStream,
    world: World,
    settings: PaperSettings | None = None,
    start: Mapping[str, Tensor] | None = None,
    kind: type[nn.Module] = BodyMorpher,
    networks: Networks = PUBLISHED,
) -> PaperTraining:
    """The training of a body morpher, or of another ``kind`` of body (:mod:`.ablations`). start, networks: as for the
    face."""
    settings = settings or PaperSettings(BODY_PHASES)
    factor = PICTURE_SIZE // settings.resolution
    network = _begun(partial(BodyMorpher, networks) if kind is BodyMorpher else kind, settings, start)

    def terms(network: nn.Module, batch: Tensor, phase: Phase) -> dict[str, Tensor]:
        assert phase.weights is not None
        made = teacher.pose(batch)
        face, final, warped, flow = (
            reduced(part.to(world.device), factor) for part in (made.face, made.final, made.warped, made.flow)
        )  # (B, C, S, S)
        return body_terms(pose_body(network, face, batch), BodyTarget(final, warped, flow), phase.weights)

    if kind is BodyMorpher:
        forward = networks.direct_body_multiply_adds
    else:
        per_pixel = sum(parameter.numel() for parameter in network.parameters() if parameter.ndim > 1)
        forward = per_pixel * PICTURE_SIZE**2
    cost = FORWARD_AND_BACKWARD * forward / factor**2
    name = "body" if kind is BodyMorpher else kind.__name__
    return PaperTraining(Lesson(name, terms, cost), network, settings, poses, world)


def pose_body(network: nn.Module, image: Tensor, poses: Tensor) -> BodyOutput:
    """Any kind of body on the grid of ``image`` (B, 4, S, S); poses (B, 45)."""
    if isinstance(network, BodyMorpher):
        return body_at(network, image, poses)
    output: BodyOutput = network(image, poses)
    return output


def _begun(kind: Callable[[], nn.Module], settings: PaperSettings, start: Mapping[str, Tensor] | None) -> nn.Module:
    """A new network with first weights from the seed, or with given ones; the program's own random state is kept."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = kind()
    if start is not None:
        network.load_state_dict(dict(start))
    return network


def _parts(indices: Sequence[int], size: int) -> list[Sequence[int]]:
    return [indices[start : start + size] for start in range(0, len(indices), size)]
