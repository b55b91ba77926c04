"""The fast training of a face morpher: points of many faces at once, most of them where faces differ.

Nine tenths of the face box hardly change with the pose, so a network shown whole pictures spends its time there. Here
points are drawn in proportion to how much a pixel varies over the teacher's faces, and to how much detail there is:
what never moves is to be seen, too, and hair that was looked at now and then comes out as smoke. For the same reason
errors count for more in the dark. The pose's first weights begin near zero: the resting face is learned first, and what
the 39 parameters do to it after that; with the published start they are noise that hides the face, and nothing is
learned at these learning rates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from tha4_core.character.networks import PUBLISHED, Networks
from tha4_core.distill.frame_store import FaceFrames
from tha4_core.distill.optimising import Average, Group, Optimiser, numbers, rising_then_falling
from tha4_core.distill.repeating import Repeated
from tha4_core.distill.sine_layer import precision_name, precision_of, sine_layer
from tha4_core.distill.tones import detail, weight_of_errors
from tha4_core.pose import FACE_SIZE
from tha4_core.student import FACE_EDGE, FaceMorpher
from tha4_core.teacher.interface import CharacterTeacher

#: Forward and backward pass together: the gradients of weights and of inputs each take a forward pass's work.
_PASSES: Final = 3.0
#: All frames have been asked for after this part of the training.
_FULL_AFTER: Final = 0.1
_PIXELS: Final = FACE_EDGE * FACE_EDGE


@dataclass(frozen=True)
class FaceSettings:
    """What may be set of the training of a face morpher.

    steps: of the optimiser. poses, points: poses of a step, and points of each. frames: how many faces the teacher is
    asked for altogether, evenly over the first steps, beginning with first_frames. capacity: how many of them are kept
    in memory (0.13 MB each), the newest ones. anywhere: which share of points lies anywhere in the box; detail: which
    share is drawn in proportion to the detail of the mean face; the others in proportion to the pixel's standard
    deviation over the first frames, times mask_weight more where the mask is white.
    rate: learning rate of Muon. adam_rate: of Adam, for the first layer, the last and the biases. warm_up: steps over
    which rates rise. average: steps over which weights are averaged. position_bound, pose_bound: of the uniform
    distribution of the first layer's weights (1/41 in the published recipe). precision: "bfloat16", "float32", or
    "auto", whichever is faster here. seed: of weights and of what is drawn.
    """

    steps: int = 50_000
    poses: int = 128
    points: int = 32
    frames: int = 3000
    first_frames: int = 64
    capacity: int = 3000
    anywhere: float = 0.06
    detail: float = 0.4
    mask_weight: float = 1.0
    rate: float = 1e-3
    adam_rate: float = 1e-3
    warm_up: int = 50
    average: int = 200
    position_bound: float = 0.3
    pose_bound: float = 0.002
    precision: str = "auto"
    seed: int = 0


class FaceTraining:
    """A ``Training`` of a face morpher (:class:`tha4_core.distill.training.Training`), which may be shortened while it
    goes on (:class:`tha4_core.distill.catching_up.PacedTraining`)."""

    def __init__(
        self,
        teacher: CharacterTeacher,
        poses: Callable[[int], Tensor],
        settings: FaceSettings | None = None,
        mask: Tensor | None = None,
        start: Mapping[str, Tensor] | None = None,
        device: str | torch.device = "cpu",
        networks: Networks = PUBLISHED,
    ) -> None:
        """poses: index from 0 -> pose (45,), always the same for an index. mask: (128, 128) in [0, 1], where the face
        moves; None where nothing is known of it. start: a face morpher's weights to begin with instead of noise, of the
        same shape. device: to train on. What is drawn is the same on every device. networks: the shape."""
        self._networks = networks
        self._settings = settings or FaceSettings()
        self._device = torch.device(device)
        self._precision = precision_of(self._settings.precision, self._device)
        self._mask = torch.ones(_PIXELS) if mask is None else mask.flatten().cpu().float()
        self._random = torch.Generator().manual_seed(self._settings.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._settings.seed)
            self._face = _PointFace(networks, self._settings.position_bound, self._settings.pose_bound)
        if start is not None:
            self._face.take(start)
        self._face.to(self._device)
        self._average = Average(self._face.parameters(), self._settings.average)
        self._frames = FaceFrames(teacher, poses, self._settings.capacity, self._device)
        self._variation: Tensor | None = None  # (128 * 128,) on the CPU, which pixels to look at
        self._begin()
        self._step = 0
        self._passed = 0  # steps of those that were passed over

    @property
    def examples(self) -> int:
        return (self._step - self._passed) * self._settings.poses

    @property
    def progress(self) -> float:
        return min(1.0, self._step / self._settings.steps)

    @property
    def phase(self) -> str:
        return "face"

    @property
    def teacher_frames(self) -> int:
        return self._frames.rolling.asked

    @property
    def frames_left(self) -> int:
        return self._settings.frames - self._frames.rolling.asked

    @property
    def multiply_adds(self) -> float:
        points = self.examples * self._settings.points
        return _PASSES * points * float(sum(weight.numel() for weight in self._face.weights))

    def step(self) -> dict[str, float]:
        settings, frames = self._settings, self._frames
        share = min(1.0, self.progress / _FULL_AFTER)
        frames.rolling.ask_until(settings.first_frames + round(share * (settings.frames - settings.first_frames)))
        if self._variation is None:
            self._variation = self._measured_variation()
        slots = torch.randint(len(frames), (settings.poses,), generator=self._random)
        count = settings.poses * settings.points
        pixels = torch.multinomial(self._variation, count, replacement=True, generator=self._random)
        pixels = pixels.view(settings.poses, settings.points)
        (loss,) = self._gathered(slots.to(self._device), pixels.to(self._device))
        self._optimiser.move(rising_then_falling(self._step, settings.steps, settings.warm_up))
        self._average.update()
        self._step += 1
        return numbers(("loss",), loss)

    def pass_over(self, steps: int) -> None:
        steps = min(steps, self._settings.steps - self._step)
        self._step += steps
        self._passed += steps

    def network(self) -> nn.Module:
        return _face_morpher(self._networks, self._average.values).to(self._device)

    def state(self) -> dict[str, Any]:
        return {
            "settings": self._fingerprint(),
            "precision": precision_name(self._precision),
            "step": self._step,
            "passed": self._passed,
            "frames": self._frames.rolling.asked,
            "face": dict(self._face.state_dict()),
            "variation": self._variation,
            "average": self._average.state(),
            "optimiser": self._optimiser.state(),
            "random": self._random.get_state(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        if state.get("settings") != self._fingerprint():
            raise ValueError("the state is of another training")
        self._precision = precision_of(state["precision"], self._device)
        self._step, self._passed = int(state["step"]), int(state.get("passed", 0))
        self._face.load_state_dict(state["face"])
        self._variation = state["variation"]
        self._average.load_state(state["average"])
        self._begin()
        self._optimiser.load_state(state["optimiser"])
        self._random.set_state(state["random"])
        self._frames.rolling.restore(int(state["frames"]))

    def _fingerprint(self) -> str:
        shape = "" if self._networks == PUBLISHED else f" {self._networks.signature}"
        return f"face {asdict(self._settings)}{shape}"

    def _gather(self, slots: Tensor, pixels: Tensor) -> tuple[Tensor, ...]:
        """Where the squared error as it shows falls, of frames (P,) at pixels (P, n), counted along rows: its value."""
        frames = self._frames
        made = self._face(pixels, frames.poses[slots, :FACE_SIZE], self._precision)  # (4, P, n)
        wanted = frames.faces[slots[:, None], :, pixels].permute(2, 0, 1).float()
        squares = (made - wanted).square()
        loss = torch.cat((squares[:3] * weight_of_errors(wanted[:3]), squares[3:])).mean()
        self._optimiser.gather(loss)
        return (loss.detach()[None],)

    def _measured_variation(self) -> Tensor:
        """How likely each pixel is to be drawn, (128 * 128,), from the frames at hand."""
        settings = self._settings
        faces = self._frames.faces[: len(self._frames)].cpu().float()
        deviation = faces.std(dim=0, correction=0).square().sum(dim=0).sqrt()
        deviation = deviation * (1.0 + settings.mask_weight * self._mask)
        details = detail(faces.mean(dim=0).view(4, FACE_EDGE, FACE_EDGE)).flatten()
        moved = 1.0 - settings.anywhere - settings.detail
        return moved * _shares(deviation) + settings.detail * _shares(details) + settings.anywhere / _PIXELS

    def _begin(self) -> None:
        face, settings = self._face, self._settings
        others = [face.weights[0], face.weights[-1], *face.biases]
        self._optimiser = Optimiser([Group(list(face.weights)[1:-1], others, settings.rate, settings.adam_rate)])
        self._gathered = Repeated(self._gather, self._device)


def _shares(values: Tensor) -> Tensor:
    """Of their sum; all zero where that is."""
    return values / values.sum().clamp(min=torch.finfo(torch.float32).tiny)


class _PointFace(nn.Module):
    """The face morpher at points. weights: matrices (out, in) of its layers; biases: (out,) of each."""

    def __init__(self, networks: Networks, position_bound: float, pose_bound: float) -> None:
        super().__init__()
        self._networks = networks
        layers = [module for module in FaceMorpher(networks).modules() if isinstance(module, nn.Conv2d)]
        self.weights = nn.ParameterList([layer.weight.detach().flatten(1) for layer in layers])
        self.biases = nn.ParameterList([layer.bias.detach() for layer in layers if layer.bias is not None])
        nn.init.uniform_(self.weights[0][:, :2], -position_bound, position_bound)
        nn.init.uniform_(self.weights[0][:, 2:], -pose_bound, pose_bound)
        nn.init.zeros_(self.weights[-1])

    def take(self, weights: Mapping[str, Tensor]) -> None:
        """Those of a network of the same shape."""
        network = FaceMorpher(self._networks)
        network.load_state_dict(dict(weights))
        layers = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
        with torch.no_grad():
            for layer, weight, bias in zip(layers, self.weights, self.biases, strict=True):
                assert layer.bias is not None
                weight.copy_(layer.weight.flatten(1))
                bias.copy_(layer.bias)

    def forward(self, pixels: Tensor, poses: Tensor, precision: torch.dtype) -> Tensor:
        """(4, P, n) at ``pixels`` (P, n), counted along rows, of ``poses`` (P, 39)."""
        places = (2.0 * torch.stack((pixels % FACE_EDGE, pixels // FACE_EDGE)).float() + 1.0) / FACE_EDGE - 1.0
        first, *hidden, last = self.weights
        biases = list(self.biases)
        inputs = torch.cat((places.flatten(1), poses.t().repeat_interleave(pixels.shape[1], dim=1)))  # (41, P * n)
        values = sine_layer(inputs, first, biases[0])
        for weight, bias in zip(hidden, biases[1:-1], strict=True):
            values = sine_layer(values, weight, bias, None, precision)
        return torch.addmm(biases[-1][:, None], last, values).view(4, *pixels.shape)


def _face_morpher(networks: Networks, values: Sequence[Tensor]) -> FaceMorpher:
    """The network of a _PointFace's parameters: its matrices, then as many biases."""
    with torch.random.fork_rng(devices=[]):
        network = FaceMorpher(networks)
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    with torch.no_grad():
        for layer, weight, bias in zip(layers, values[: len(layers)], values[len(layers) :], strict=True):
            assert layer.bias is not None
            layer.weight.copy_(weight[:, :, None, None])
            layer.bias.copy_(bias)
    return network.eval()
