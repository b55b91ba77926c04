"""Steps as recordings: what a GPU does with CUDA graphs, done with recordings that a processor plays."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._python_dispatch import TorchDispatchMode

from tests.moving_teacher import MovingTeacher
from tha4_core.distill import body_recipe, face_recipe
from tha4_core.distill.body_recipe import BodySettings, BodyTraining
from tha4_core.distill.face_recipe import FaceSettings, FaceTraining
from tha4_core.distill.poses import BelievablePoses
from tha4_core.distill.repeating import Recording, Repeated, Work
from tha4_core.distill.training import Training

_CPU = torch.device("cpu")
#: Of each part of a body, and of a face: more than are taken before a recording.
_STEPS = 7
_BODY = BodySettings(
    coarse_steps=_STEPS, steps=_STEPS, coarse_poses=4, poses=2, windows=2, frames=8, first_frames=3, capacity=4
)  # fmt: skip
_FACE = FaceSettings(steps=_STEPS, poses=4, points=16, frames=8, first_frames=4, capacity=8)
#: Operations that ask the processor for something: a tensor's value, a number of Python's, a random one.
_ASKING = ("_local_scalar_dense", "nonzero", "masked_select", "lift_fresh", "multinomial", "randint", "uniform")


class _Tape:
    """Work written down operation by operation and played again on the same memory, as CUDA graphs are.

    Unlike a capture, writing it down does it; the first replay is passed over for that.
    """

    def __init__(self) -> None:
        self.replays: list[int] = []

    def run(self, work: Work) -> tuple[Tensor, ...]:
        return work()

    def record(self, work: Work) -> Recording:
        done: list[tuple[Tensor, ...]] = []

        def once() -> tuple[Tensor, ...]:
            done.append(work())
            return done[0]

        operations = make_fx(once)()
        outputs = tuple(tensor.clone() for tensor in done[0])
        number = len(self.replays)
        self.replays.append(0)

        def replay() -> None:
            if self.replays[number]:
                for kept, made in zip(outputs, operations(), strict=True):
                    kept.copy_(made)
            self.replays[number] += 1

        return Recording(replay, outputs)


class _Refusing(_Tape):
    def record(self, _: Work) -> Recording:
        raise RuntimeError("operation not permitted when stream is capturing.\nmore of it")


class _Listening(TorchDispatchMode):
    """Notes what asks the processor for something."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def __torch_dispatch__(
        self, operation: Any, types: Sequence[type], given: Sequence[Any] = (), named: Mapping[str, Any] | None = None
    ) -> Any:
        if any(name in str(operation) for name in _ASKING):
            self.asked.append(str(operation))
        return operation(*given, **(named or {}))


def _double(x: Tensor) -> tuple[Tensor, ...]:
    return (2.0 * x,)


def test_each_call_is_of_what_it_was_given() -> None:
    tape = _Tape()
    repeated = Repeated(_double, _CPU, tape)
    assert [float(repeated(torch.tensor([float(value)]))[0]) for value in range(8)] == [2.0 * v for v in range(8)]
    assert tape.replays == [5]


def test_a_processor_records_nothing() -> None:
    calls: list[float] = []

    def work(x: Tensor) -> tuple[Tensor, ...]:
        calls.append(float(x))
        return (x,)

    repeated = Repeated(work, _CPU)
    for value in range(8):
        repeated(torch.tensor(float(value)))
    assert calls == [float(value) for value in range(8)]


def test_what_cannot_be_recorded_is_said_once_and_done_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    repeated = Repeated(_double, _CPU, _Refusing())
    with caplog.at_level(logging.WARNING):
        assert [float(repeated(torch.tensor(float(value)))[0]) for value in range(8)] == [2.0 * v for v in range(8)]
    assert [record.message for record in caplog.records] == [
        "a step could not be captured as a CUDA graph (operation not permitted when stream is capturing);"
        " training is right, but slower."
    ]


def _body() -> Training:
    return BodyTraining(MovingTeacher(), BelievablePoses(1), _BODY)


def _face() -> Training:
    return FaceTraining(MovingTeacher(), BelievablePoses(1), _FACE)


def _to_its_end(training: Training) -> tuple[list[dict[str, float]], list[Tensor]]:
    losses = []
    while training.progress < 1.0:
        losses.append(training.step())
    return losses, list(training.network().state_dict().values())


@pytest.mark.parametrize(("new", "recordings"), [(_body, 2), (_face, 1)])
def test_a_training_from_recordings_is_that_without_to_the_last_bit(
    monkeypatch: pytest.MonkeyPatch, new: Callable[[], Training], recordings: int
) -> None:
    losses, weights = _to_its_end(new())
    tape = _Tape()
    for recipe in (body_recipe, face_recipe):
        monkeypatch.setattr(recipe, "Repeated", functools.partial(Repeated, recorder=tape))
    recorded_losses, recorded_weights = _to_its_end(new())
    assert recorded_losses == losses
    assert all(torch.equal(one, other) for one, other in zip(weights, recorded_weights, strict=True))
    assert tape.replays == [_STEPS - 3] * recordings


@pytest.mark.parametrize("new", [_body, _face])
def test_a_steps_work_asks_nothing_of_the_processor(
    monkeypatch: pytest.MonkeyPatch, new: Callable[[], Training]
) -> None:
    """Else a CUDA graph could not hold it. Its first time may: what it makes then is kept."""
    listening = _Listening()

    def listened_to(work: Work, _: torch.device) -> Work:
        times = iter(range(_STEPS))

        def listened(*inputs: Tensor) -> tuple[Tensor, ...]:
            if next(times) == 0:
                return work(*inputs)
            with listening:
                return work(*inputs)

        return listened

    for recipe in (body_recipe, face_recipe):
        monkeypatch.setattr(recipe, "Repeated", listened_to)
    _to_its_end(new())
    assert listening.asked == []
