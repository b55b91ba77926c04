"""The fast training of a body morpher: its flow first and coarse, then all of it, on windows worth looking at.

What a body does is nearly all flow: a picture warped by the teacher's flow is within 36 to 39 dB of the teacher's
picture. So level 0 learns the flow on its own grid, from points of many poses at once, which costs 0.2 million
multiply-adds a point in the published network; then it rests, for it would lose what it found, and the finer levels add
to its answer what flow, alpha and colours need on windows of 32 x 32, from the error of the final picture. There errors
count as they show: a haze beside the figure is next to nothing of light, and seen at once. Poses that are still wrong
are looked at more often.
docs/distillation_experiments.md tells what else was tried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.character.networks import PUBLISHED, Networks
from tha4_core.distill.difficulty import Difficulty, Places
from tha4_core.distill.frame_store import BodyFrames
from tha4_core.distill.growing_body import OUTPUTS, Bounds, GrowingBody
from tha4_core.distill.optimising import Average, Group, Optimiser, numbers, rising_then_falling
from tha4_core.distill.repeating import Repeated
from tha4_core.distill.sine_layer import precision_name, precision_of
from tha4_core.distill.tones import weight_of_errors
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.teacher.interface import CharacterTeacher

#: Forward and backward pass together: the gradients of weights and of inputs each take a forward pass's work.
_PASSES: Final = 3.0
#: A multiply-add on windows takes so many times as long as one on points: narrower layers, upsampling, sampling.
_WINDOW_EFFORT: Final = 1.7
#: The store of frames is full after this part of the coarse steps. Level 0 does not learn again what it did not see
#: then; filled evenly over half of the training, the same frames gave 1.3 dB less.
_FULL_AFTER: Final = 0.25
#: Flows are learned in units of 1/25.6 of half the picture, 10 pixels, which makes their errors numbers around 1.
_FLOW_UNIT: Final = 25.6
#: The mean squared error of the picture counts for so much more than that of the flow.
_FINAL_WEIGHT: Final = 100.0
#: What a step minimises, by name: the last is the sum, or the only one.
_FLOW_TERMS: Final[Sequence[str]] = ("flow", "loss")
_WINDOW_TERMS: Final[Sequence[str]] = ("final", "flow", "alpha", "direct", "loss")


@dataclass(frozen=True)
class BodySettings:
    """What may be set of the training of a body morpher.

    coarse_steps, steps: of level 0 on the flow, and of the finer levels on everything. coarse_poses, coarse_points:
    poses of a step on the flow, and points of each. poses, windows: the same of a step of everything. window: edge of
    a window, pixels.
    frames: how many poses the teacher is asked for altogether: first_frames at once, as many as capacity early in the
    coarse steps, the rest evenly over the first half. capacity: how many of them are kept in memory (6 MB each), the
    newest ones. elsewhere: which share of windows lies anywhere, also where nothing is to be seen.
    coarse_rate, rate: learning rates of Muon. coarse_adam_rate, adam_rate: of Adam, for first layers, heads and biases;
    at twice the second pair, alpha is lost again that had been learned. warm_up: steps over which rates rise.
    flow_weight, paint_weight: of the flow, and of alpha and direct colour, next to the final picture.
    average: steps over which weights are averaged. position_bound, pose_bound, fine_position_bound: of the first
    weights (:class:`.growing_body.Bounds`). sees_face: whether the body takes the 39 face parameters, too.
    precision: "bfloat16", "float32", or "auto", whichever is faster here. seed: of weights and of what is drawn.
    """

    coarse_steps: int = 12_000
    steps: int = 20_000
    coarse_poses: int = 32
    coarse_points: int = 128
    poses: int = 8
    windows: int = 4
    window: int = 32
    frames: int = 1200
    first_frames: int = 32
    capacity: int = 400
    elsewhere: float = 0.1
    coarse_rate: float = 3e-3
    rate: float = 5e-4
    coarse_adam_rate: float = 1e-3
    adam_rate: float = 2e-4
    warm_up: int = 50
    flow_weight: float = 0.3
    paint_weight: float = 0.1
    average: int = 200
    position_bound: float = 0.25
    pose_bound: float = 1 / 47
    fine_position_bound: float = 0.01
    sees_face: bool = False
    precision: str = "auto"
    seed: int = 0


class Start(NamedTuple):
    """What a training begins with instead of noise. weights: of a body morpher. same_drawing: whether it is of the
    drawing that is learned; of another one's only level 0 is taken, since what its finer levels know is that drawing's
    lines and colours, which cost more to unlearn than to learn anew."""

    weights: Mapping[str, Tensor]
    same_drawing: bool


class BodyTraining:
    """A ``Training`` of a body morpher (:class:`tha4_core.distill.training.Training`), which may be shortened while it
    goes on (:class:`tha4_core.distill.catching_up.PacedTraining`)."""

    def __init__(
        self,
        teacher: CharacterTeacher,
        poses: Callable[[int], Tensor],
        settings: BodySettings | None = None,
        start: Start | None = None,
        device: str | torch.device = "cpu",
        networks: Networks = PUBLISHED,
    ) -> None:
        """poses: index from 0 -> pose (45,), always the same for an index. start: what to begin with instead of noise,
        of the same shape. device: to train on. What is drawn is the same on every device, as far as rounded errors are.
        networks: the shape."""
        self._networks = networks
        self._settings = settings or BodySettings()
        self._device = torch.device(device)
        self._precision = precision_of(self._settings.precision, self._device)
        self._random = torch.Generator().manual_seed(self._settings.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._settings.seed)
            self._body = GrowingBody(
                networks,
                sees_face=self._settings.sees_face,
                bounds=Bounds(self._settings.position_bound, self._settings.pose_bound),
                fine_position_bound=self._settings.fine_position_bound,
            )
        if start is not None:
            self._body.take(start.weights, coarsest_only=not start.same_drawing)
        self._body.to(self._device)
        self._average = Average(self._body.parameters(), self._settings.average)
        self._frames = BodyFrames(teacher, poses, self._settings.capacity, self._device, networks.body[0].grid)
        self._difficulty = Difficulty(self._frames.rolling)
        self._places = Places(self._across**2)
        self._step = 0
        self._passed = 0, 0  # coarse and other steps of those that were passed over
        self._begin_stage()

    @property
    def examples(self) -> int:
        coarse, fine = self._taken()
        return coarse * self._settings.coarse_poses + fine * self._settings.poses

    @property
    def progress(self) -> float:
        points, windows = self._work(*self._parts(self._step))
        all_points, all_windows = self._work(self._settings.coarse_steps, self._settings.steps)
        return min(1.0, (points + _WINDOW_EFFORT * windows) / (all_points + _WINDOW_EFFORT * all_windows))

    @property
    def phase(self) -> str:
        return "body, coarse movement" if self._stage == 0 else "body, the whole picture"

    @property
    def teacher_frames(self) -> int:
        return self._frames.rolling.asked

    @property
    def frames_left(self) -> int:
        return self._settings.frames - self._frames.rolling.asked

    @property
    def multiply_adds(self) -> float:
        return sum(self._work(*self._taken()))

    def step(self) -> dict[str, float]:
        self._frames.rolling.ask_until(self._wanted_frames())
        settings = self._settings
        slots = self._difficulty.draw(settings.coarse_poses if self._stage == 0 else settings.poses, self._random)
        cells = None if self._stage == 0 else self._cells(slots)
        if cells is None:
            names, where = _FLOW_TERMS, self._pixels(slots)
            factor = rising_then_falling(self._step, settings.coarse_steps, settings.warm_up)
        else:
            names, where = _WINDOW_TERMS, self._corners(cells)
            factor = rising_then_falling(self._step - settings.coarse_steps, settings.steps, settings.warm_up)
        losses, errors = self._gathered(slots.to(self._device), where.to(self._device))
        self._optimiser.move(factor)
        self._average.update()
        # Waits for a GPU: after all that it is given to do.
        self._difficulty.note(slots, errors.mean(dim=1))
        if cells is not None:
            self._places.note(cells, errors)
        self._go_to(self._step + 1)
        return numbers(names, losses)

    def pass_over(self, steps: int) -> None:
        before = self._parts(self._step)
        self._go_to(min(self._step + steps, self._settings.coarse_steps + self._settings.steps))
        coarse, fine = (now - then for now, then in zip(self._parts(self._step), before, strict=True))
        self._passed = self._passed[0] + coarse, self._passed[1] + fine

    def network(self) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            averaged = GrowingBody(
                self._networks,
                sees_face=self._settings.sees_face,
                bounds=Bounds(0.0, 0.0),
                fine_position_bound=0.0,
            )
            with torch.no_grad():
                for parameter, value in zip(averaged.parameters(), self._average.values, strict=True):
                    parameter.copy_(value)
            return averaged.body_morpher().to(self._device)

    def state(self) -> dict[str, Any]:
        return {
            "settings": self._fingerprint(),
            "precision": precision_name(self._precision),
            "step": self._step,
            "passed": list(self._passed),
            "frames": self._frames.rolling.asked,
            "difficulty": self._difficulty.state(),
            "places": self._places.state(),
            "body": dict(self._body.state_dict()),
            "average": self._average.state(),
            "optimiser": self._optimiser.state(),
            "random": self._random.get_state(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        if state.get("settings") != self._fingerprint():
            raise ValueError("the state is of another training")
        self._precision = precision_of(state["precision"], self._device)
        self._step = int(state["step"])
        coarse, fine = state.get("passed", (0, 0))
        self._passed = int(coarse), int(fine)
        self._body.load_state_dict(state["body"])
        self._average.load_state(state["average"])
        self._begin_stage()
        self._optimiser.load_state(state["optimiser"])
        self._random.set_state(state["random"])
        self._frames.rolling.restore(int(state["frames"]))
        self._difficulty.load_state(state["difficulty"])
        self._places.load_state(state["places"])

    @property
    def _stage(self) -> int:
        return 0 if self._step < self._settings.coarse_steps else 1

    @property
    def _coarsest_rests(self) -> bool:
        """Whether level 0 rests while the others learn: where there are others."""
        return len(self._networks.body) > 1

    def _fingerprint(self) -> str:
        shape = "" if self._networks == PUBLISHED else f" {self._networks.signature}"
        return f"body, errors as they show, poses and places that are wrong more often {asdict(self._settings)}{shape}"

    def _wanted_frames(self) -> int:
        """How many frames this step needs to have been asked for."""
        settings = self._settings
        first, kept = (min(count, settings.frames) for count in (settings.first_frames, settings.capacity))
        early = min(1.0, self._step / (_FULL_AFTER * max(1, settings.coarse_steps)))
        later = min(1.0, 2.0 * self.progress)
        return first + round(early * max(0, kept - first) + later * (settings.frames - max(first, kept)))

    def _go_to(self, step: int) -> None:
        before, self._step = self._stage, step
        if self._stage != before:
            self._begin_stage()
            self._difficulty = Difficulty(self._frames.rolling)  # a flow's errors are no picture's

    def _begin_stage(self) -> None:
        self._optimiser = self._optimiser_of(self._stage)
        self._gathered = Repeated(self._gather_flow if self._stage == 0 else self._gather_windows, self._device)

    def _parts(self, step: int) -> tuple[int, int]:
        """So many steps of the recipe are so many coarse ones and so many others."""
        coarse = min(step, self._settings.coarse_steps)
        return coarse, step - coarse

    def _taken(self) -> tuple[int, int]:
        """The same of the steps that were really taken."""
        coarse, fine = self._parts(self._step)
        return coarse - self._passed[0], fine - self._passed[1]

    def _work(self, coarse: int, fine: int) -> tuple[float, float]:
        """Multiply-adds of so many steps, on points and on windows."""
        settings = self._settings
        points = coarse * settings.coarse_poses * settings.coarse_points
        windows = fine * settings.poses * settings.windows
        coarse_work = _PASSES * points * self._body.coarse_multiply_adds()
        forward, resting = self._body.window_multiply_adds(settings.window)
        if not self._coarsest_rests:
            resting = 0
        return coarse_work, windows * (resting + _PASSES * (forward - resting))

    def _optimiser_of(self, stage: int) -> Optimiser:
        """Of the levels that a stage trains; the others are at rest."""
        settings = self._settings
        rates = (settings.coarse_rate, settings.coarse_adam_rate) if stage == 0 else (settings.rate, settings.adam_rate)
        self._body.level(0).requires_grad_(stage == 0 or not self._coarsest_rests)
        groups = []
        for index in (0,) if stage == 0 or not self._coarsest_rests else range(1, len(self._networks.body)):
            level = self._body.level(index)
            matrices = [*level.hidden] + ([] if level.features is None else [level.features])
            taken = {id(matrix) for matrix in matrices}
            others = [parameter for parameter in level.parameters() if id(parameter) not in taken]
            groups.append(Group(matrices, others, *rates))
        return Optimiser(groups)

    def _pixels(self, slots: Tensor) -> Tensor:
        """Where on level 0's grid this step's points lie, (P, n), counted along rows: where something is to be seen."""
        weights = self._frames.seen[slots].flatten(1).float()  # (P, grid * grid)
        weights[~weights.any(dim=1)] = 1.0  # nothing is seen: anywhere
        return torch.multinomial(weights, self._settings.coarse_points, replacement=True, generator=self._random)

    def _gather_flow(self, slots: Tensor, pixels: Tensor) -> tuple[Tensor, ...]:
        """Where the squared error of level 0's flow falls, of frames (P,) at pixels (P, n) of its grid: the values of
        _FLOW_TERMS, (2,), and the error of each frame, (P, 1)."""
        frames, grid = self._frames, self._networks.body[0].grid
        places = (2.0 * torch.stack((pixels % grid, pixels // grid)).float() + 1.0) / grid - 1.0  # (2, P, n)
        made = self._body.coarse(places, frames.poses[slots], self._precision)[:2]  # (2, P, n)
        wanted = frames.coarse.flatten(2)[slots[:, None], :, pixels].permute(2, 0, 1)
        squares = (_FLOW_UNIT * (made - wanted)).square()
        loss = squares.mean()
        self._optimiser.gather(loss)
        return loss.detach().expand(len(_FLOW_TERMS)), squares.detach().mean(dim=(0, 2))[:, None]

    def _gather_windows(self, slots: Tensor, corners: Tensor) -> tuple[Tensor, ...]:
        """Where the squared error of the final picture, as it shows, and of what it is made of falls, of frames (P,) on
        windows at corners (P, K, 2): the values of _WINDOW_TERMS, (5,), and the error of each window, as light, (P, K).
        """
        settings, frames = self._settings, self._frames
        edge, count = settings.window, settings.windows
        owners = slots.repeat_interleave(count)  # (P * K,)
        made = self._body.windows(corners.flatten(0, 1), frames.poses[owners], edge, self._precision)
        wanted = frames.windows(owners, corners.flatten(0, 1), edge)  # (11, B, edge, edge)
        warped = frames.sampled(slots, _grid(made[:2], corners)).reshape(4, len(owners), edge, edge)
        alpha, direct = made[2:3], made[3:]
        final = warped + alpha * (direct - warped)
        true_final, true_alpha = wanted[OUTPUTS:], wanted[2:3]
        light = (0.5 * (final - true_final)).square()
        squares = light * weight_of_errors(true_final)
        # Beside the figure a flow is of no meaning, and may be dozens of pixels from anything that is easy to learn.
        opacity = (0.5 * (true_final[3:] + 1.0)).clamp(0.0, 1.0)
        terms = (
            _FINAL_WEIGHT * squares.mean(),
            settings.flow_weight * (opacity * (_FLOW_UNIT * (made[:2] - wanted[:2])).square()).mean(),
            settings.paint_weight * (alpha - true_alpha).square().mean(),
            # What is painted matters in so far as it is looked at.
            settings.paint_weight * (true_alpha.clamp(0, 1) * (direct - wanted[3:OUTPUTS]).square()).mean(),
        )
        loss = torch.stack(terms).sum()
        self._optimiser.gather(loss)
        return torch.stack((*terms, loss)).detach(), light.detach().mean(dim=(0, 2, 3)).view(-1, count)

    @property
    def _across(self) -> int:
        """Windows side by side: cells of the picture."""
        return PICTURE_SIZE // self._settings.window

    def _cells(self, slots: Tensor) -> Tensor:
        """In which cells this step's windows lie, (P, K), counted along rows: mostly where something is to be seen, and
        of that, mostly where it is still wrong."""
        settings = self._settings
        cell = self._networks.body[0].grid // self._across
        seen = functional.max_pool2d(self._frames.seen[slots].float(), cell).flatten(1)  # (P, across * across)
        everywhere = settings.elsewhere / self._across**2
        weights = (1.0 - settings.elsewhere) * self._places.shares(seen) + everywhere
        return torch.multinomial(weights, settings.windows, generator=self._random)

    def _corners(self, cells: Tensor) -> Tensor:
        """Where windows lie, (P, K, 2), row and column of the first pixel: about at their cells.

        Shifted by as much as levels' grids allow, so that no pixel is always at a window's border.
        """
        edge, stride = self._settings.window, self._body.stride
        steps = edge // stride
        shift = stride * (torch.randint(steps, (*cells.shape, 2), generator=self._random) - steps // 2)
        firsts = edge * torch.stack((cells // self._across, cells % self._across), dim=-1)
        return (firsts + shift).clamp(0, PICTURE_SIZE - edge)


def _grid(flow: Tensor, corners: Tensor) -> Tensor:
    """Where flow (2, P * K, e, e) of windows at corners (P, K, 2) looks, (P, K * e, e, 2)."""
    poses, count, _ = corners.shape
    edge = flow.shape[-1]
    places = corners[..., None] + torch.arange(edge, device=corners.device)  # (P, K, 2, e)
    centres = ((2.0 * places.float() + 1.0) / PICTURE_SIZE - 1.0).flatten(0, 1)  # (P * K, 2, e)
    grid = torch.stack((flow[0] + centres[:, 1, None, :], flow[1] + centres[:, 0, :, None]), dim=-1)
    return grid.view(poses, count * edge, edge, 2)
