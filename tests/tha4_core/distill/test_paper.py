from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tha4_core.distill.ablations import PlainBody, SingleResolutionBody
from tha4_core.distill.distributed import alone
from tha4_core.distill.paper import PaperSettings, PaperTraining, paper_body
from tha4_core.distill.paper_phases import BODY_PHASES, BODY_WEIGHTS, FACE_PHASES, only, phase_at, scaled
from tha4_core.distill.poses import BelievablePoses
from tha4_core.student import BodyMorpher

New = Callable[..., PaperTraining]


def weights_of(training: PaperTraining) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in training.network().state_dict().items()}


def assert_equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_loss_of_the_face_falls(new_face: New) -> None:
    training = new_face(examples=400)
    losses = [training.step()["loss"] for _ in range(40)]
    assert sum(losses[-5:]) < 0.6 * sum(losses[:5])


def test_the_loss_of_the_body_falls(new_body: New) -> None:
    training = new_body(examples=480)
    losses = [training.step()["loss"] for _ in range(12)]
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])


@pytest.mark.parametrize("kind", ["new_face", "new_body"])
def test_a_training_goes_on_from_its_state_to_the_last_bit(kind: str, request: pytest.FixtureRequest) -> None:
    new: New = request.getfixturevalue(kind)
    whole = new()
    for _ in range(4):
        whole.step()
    first = new()
    for _ in range(2):
        first.step()
    buffer = io.BytesIO()
    torch.save(first.state(), buffer)
    second = new()
    second.load_state(torch.load(io.BytesIO(buffer.getvalue()), weights_only=True))
    for _ in range(2):
        second.step()
    assert second.examples == whole.examples == 16
    assert_equal(weights_of(second), weights_of(whole))


def test_another_trainings_state_is_refused(new_face: New, new_body: New) -> None:
    for other in (new_face(seed=2), new_face(examples=80), new_body()):
        with pytest.raises(ValueError, match="another training"):
            new_face().load_state(other.state())


def test_the_seed_decides_the_first_weights_and_nothing_else_is_drawn_from(new_face: New) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, other, third = new_face(seed=1), new_face(seed=1), new_face(seed=2)
    assert torch.equal(torch.rand(1), expected)
    assert_equal(weights_of(one), weights_of(other))
    assert not torch.equal(*(next(iter(weights_of(training).values())) for training in (one, third)))


def test_a_batch_worked_on_in_parts_gives_the_same_step(new_body: New) -> None:
    whole, parts = new_body(together=4), new_body(together=1)
    a, b = whole.step(), parts.step()
    assert a == pytest.approx(b, rel=1e-4)
    gradients = [[p.grad for p in training.network().parameters()] for training in (whole, parts)]
    for one, other in zip(*gradients, strict=True):
        assert one is not None
        assert other is not None
        torch.testing.assert_close(one, other, rtol=1e-2, atol=1e-3 * float(one.abs().max()))


def test_every_example_is_asked_of_the_teacher_once(teacher: MovingTeacher, new_face: New, new_body: New) -> None:
    face, body = new_face(), new_body()
    face.step()
    body.step()
    body.step()
    assert teacher.asked == [4, 8]
    assert (face.teacher_frames, body.teacher_frames) == (4, 8)
    assert body.progress == pytest.approx(8 / 24)


@pytest.mark.parametrize("kind", [SingleResolutionBody, PlainBody])
def test_simpler_bodies_are_trained_by_the_same_rules(kind: type[torch.nn.Module], teacher: MovingTeacher) -> None:
    settings = PaperSettings(scaled(BODY_PHASES, 100), batch=2, seed=1, resolution=64)
    training = paper_body(teacher, BelievablePoses(1), alone(), settings, kind=kind)
    assert training.step()["loss"] > 0.0
    ratio = training.multiply_adds / paper_body_multiply_adds(teacher, settings)
    assert 1.7 < ratio < 2.0


def paper_body_multiply_adds(teacher: MovingTeacher, settings: PaperSettings) -> float:
    training = paper_body(teacher, BelievablePoses(1), alone(), settings, kind=BodyMorpher)
    training.step()
    return training.multiply_adds


def test_a_schedule_keeps_its_proportions() -> None:
    short = scaled(BODY_PHASES, 1500)
    assert [phase.until for phase in short] == [200, 400, 600, 800, 1300, 1500]
    assert all(phase_at(short, n).learning_rate == phase_at(BODY_PHASES, 1000 * n).learning_rate for n in range(1500))
    assert scaled(FACE_PHASES, FACE_PHASES[-1].until) == FACE_PHASES


@pytest.mark.parametrize("numbers", [(1,), (3,), (1, 2), (2, 3), (1, 3), (1, 2, 3)])
def test_a_schedule_of_some_phases_is_as_long_with_the_same_rates(numbers: tuple[int, ...]) -> None:
    phases = only(BODY_PHASES, numbers)
    assert phases[-1].until == BODY_PHASES[-1].until
    shown = range(0, BODY_PHASES[-1].until, 10_000)
    assert [phase_at(phases, n).learning_rate for n in shown] == [phase_at(BODY_PHASES, n).learning_rate for n in shown]
    seen = list(dict.fromkeys(phase_at(phases, n).weights for n in shown))
    assert seen == [BODY_WEIGHTS[number - 1] for number in numbers]


def test_all_three_phases_are_the_whole_schedule() -> None:
    assert only(BODY_PHASES, (1, 2, 3)) == BODY_PHASES
