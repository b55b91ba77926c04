"""The fast training of the body: it learns, it goes on to the last bit where it was left, it counts what it does."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tha4_core.character.networks import Level, Networks
from tha4_core.distill import body_recipe
from tha4_core.distill.body_recipe import BodySettings, BodyTraining, Start
from tha4_core.distill.difficulty import Difficulty, Places
from tha4_core.distill.poses import BelievablePoses
from tha4_core.distill.snapshots import load_snapshot, save_snapshot
from tha4_core.distill.stopping import StoppableTeacher, TrainingInterruptedError
from tha4_core.picture.region import Region
from tha4_core.student import BodyMorpher
from tha4_core.teacher import TeacherOutput

#: Small enough for a test, with both parts.
_SHORT = BodySettings(
    coarse_steps=4, steps=4, coarse_poses=4, poses=2, windows=2, frames=8, first_frames=3, capacity=4, warm_up=2
)


def _training(teacher: MovingTeacher, settings: BodySettings = _SHORT) -> BodyTraining:
    return BodyTraining(teacher, BelievablePoses(settings.seed), settings)


def _weights(training: BodyTraining) -> list[torch.Tensor]:
    return list(training.network().state_dict().values())


@pytest.fixture(scope="module")
def straight() -> BodyTraining:
    """One that was never interrupted, at its end."""
    training = _training(MovingTeacher())
    for _ in range(8):
        training.step()
    return training


@pytest.mark.parametrize("before", [0, 2, 4, 6])
def test_a_resumed_training_goes_on_to_the_last_bit(
    teacher: MovingTeacher, straight: BodyTraining, before: int
) -> None:
    first = _training(teacher)
    for _ in range(before):
        first.step()
    resumed = _training(teacher)
    resumed.load_state(first.state())
    for _ in range(8 - before):
        resumed.step()
    assert all(torch.equal(a, b) for a, b in zip(_weights(straight), _weights(resumed), strict=True))
    assert resumed.teacher_frames == straight.teacher_frames


@pytest.mark.parametrize("before", [2, 6])
def test_a_state_is_the_same_from_its_snapshot(teacher: MovingTeacher, tmp_path: Path, before: int) -> None:
    training, resumed = _training(teacher), _training(teacher)
    for _ in range(before):
        training.step()
    save_snapshot(tmp_path, {"training": training.state()}, training.examples)
    kept = load_snapshot(tmp_path)
    assert kept is not None
    resumed.load_state(kept["training"])
    assert [resumed.step() for _ in range(8 - before)] == [training.step() for _ in range(8 - before)]


def test_what_its_teacher_breaks_off_changes_nothing(teacher: MovingTeacher) -> None:
    straight = _training(teacher)
    losses = [straight.step() for _ in range(8)]
    for broken in range(_SHORT.frames):
        answers = iter(range(_SHORT.frames + 1))
        stopped = StoppableTeacher(teacher, lambda answers=answers, broken=broken: next(answers) == broken)  # type: ignore[misc]
        training = BodyTraining(stopped, BelievablePoses(_SHORT.seed), _SHORT)
        seen: list[dict[str, float]] = []
        with contextlib.suppress(TrainingInterruptedError):
            while training.progress < 1.0:
                seen.append(training.step())
        assert len(seen) < 8
        resumed = _training(teacher)
        resumed.load_state(training.state())
        assert [*seen, *(resumed.step() for _ in range(8 - len(seen)))] == losses


def test_frames_are_asked_for_again_until_somebody_asks_for_an_end(teacher: MovingTeacher) -> None:
    first = _training(teacher)
    for _ in range(6):
        first.step()
    answers: list[int] = []
    resumed = BodyTraining(
        StoppableTeacher(teacher, lambda: len(answers) == 2, answers.append), BelievablePoses(_SHORT.seed), _SHORT
    )
    resumed.load_state(first.state())
    with pytest.raises(TrainingInterruptedError):
        resumed.step()
    assert answers == [1, 2]
    assert resumed.examples == first.examples


class _HidingTeacher(MovingTeacher):
    """One whose figure is gone whenever it moves."""

    def pose(self, poses: torch.Tensor, region: Region | None = None) -> TeacherOutput:
        made = super().pose(poses, region)
        return made._replace(final=torch.full_like(made.final, -1.0))


def test_pictures_in_which_nothing_is_to_be_seen_are_learned_anywhere() -> None:
    training = _training(_HidingTeacher())
    losses = [training.step() for _ in range(8)]
    assert all(math.isfinite(value) for step in losses for value in step.values())


def test_a_state_survives_saving_as_weights_only(teacher: MovingTeacher, tmp_path: Path) -> None:
    training = _training(teacher)
    for _ in range(5):
        training.step()
    path = tmp_path / "state.pt"
    torch.save(training.state(), path)
    again = _training(teacher)
    again.load_state(torch.load(path, weights_only=True))
    assert again.step() == training.step()


def test_a_state_of_other_settings_is_refused(teacher: MovingTeacher) -> None:
    state = _training(teacher).state()
    with pytest.raises(ValueError, match="another training"):
        _training(teacher, replace(_SHORT, rate=1.0)).load_state(state)


def test_it_knows_how_wrong_the_frames_are_that_it_looked_at(teacher: MovingTeacher) -> None:
    """A flow's errors are no picture's: what is known of the one says nothing of the other."""
    training = _training(teacher, replace(_SHORT, coarse_steps=8, steps=8))
    known = []
    while training.progress < 1:
        training.step()
        known.append(int((training.state()["difficulty"]["frames"] >= 0).sum()))
    assert known[0] > 0
    assert known[6] == 4
    assert known[7] == 0  # the last coarse step
    assert known[-1] >= 3
    assert (training.state()["difficulty"]["errors"] > 0.0).any()


def test_it_asks_for_frames_little_by_little(teacher: MovingTeacher) -> None:
    training = _training(teacher)
    training.step()
    assert training.teacher_frames == _SHORT.first_frames
    while training.progress < 1:
        training.step()
    assert training.teacher_frames == _SHORT.frames


def test_its_store_is_full_early_in_the_coarse_steps(teacher: MovingTeacher) -> None:
    """What level 0 does not see, it does not learn; the rest comes evenly over the first half."""
    settings = replace(_SHORT, coarse_steps=40, steps=4, capacity=6, frames=8, first_frames=2)
    training = _training(teacher, settings)
    asked = []
    while training.progress < 0.6:
        training.step()
        asked.append(training.teacher_frames)
    assert asked[0] == 2
    assert asked[10] >= 6
    assert asked[10] < asked[-1] == 8


def test_it_says_how_far_it_is(teacher: MovingTeacher) -> None:
    training = _training(teacher)
    seen = []
    while training.progress < 1:
        seen.append((training.progress, training.multiply_adds, training.phase))
        training.step()
    assert len(seen) == 8
    assert seen == sorted(seen, key=lambda entry: entry[:2])
    assert [phase for *_, phase in seen] == ["body, coarse movement"] * 4 + ["body, the whole picture"] * 4
    assert training.examples == 4 * 4 + 4 * 2


@pytest.mark.parametrize("levels", [1, 2, 4])
def test_a_body_of_another_shape_is_trained_in_both_parts(teacher: MovingTeacher, levels: int) -> None:
    body = tuple(Level(512 >> finer, (12, 8)) for finer in reversed(range(levels)))
    networks = Networks(Level(128, (8,)), body, summed=True)
    training = BodyTraining(teacher, BelievablePoses(1), _SHORT, networks=networks)
    before = _weights(training)
    while training.progress < 1:
        training.step()
    assert training.multiply_adds > 0
    assert isinstance(network := training.network(), BodyMorpher)
    assert network.networks == networks
    assert any(not torch.equal(a, b) for a, b in zip(before, _weights(training), strict=True))
    with pytest.raises(ValueError, match="another training"):
        _training(teacher).load_state(training.state())


def test_it_begins_as_the_resting_picture(teacher: MovingTeacher) -> None:
    network = _training(teacher).network()
    assert isinstance(network, BodyMorpher)
    with torch.no_grad():
        output = network(teacher.image[None], BelievablePoses(1)(3)[None])
    torch.testing.assert_close(output.final[0], teacher.image, atol=1e-3, rtol=0.0)


def test_its_random_numbers_are_its_own(teacher: MovingTeacher) -> None:
    before = torch.random.get_rng_state()
    training = _training(teacher)
    training.step()
    training.network()
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_flow_is_learned(teacher: MovingTeacher) -> None:
    """The first part of a minute's training: the error of the flow falls to less than half of doing nothing."""
    settings = BodySettings(coarse_steps=60, steps=0, frames=12, first_frames=12, capacity=12, warm_up=10)
    training = _training(teacher, settings)
    losses = [training.step()["flow"] for _ in range(60)]
    assert sum(losses[-10:]) < 0.5 * sum(losses[:3]) / 3 * 10


def test_a_haze_beside_the_figure_counts_for_more_than_as_much_light_missing_in_white(teacher: MovingTeacher) -> None:
    def error(light: float) -> float:
        """Of a student that mixes a twentieth of grey into a picture of one light and alpha."""
        teacher.image = torch.full_like(teacher.image, 2.0 * light - 1.0)
        teacher.image[:, -4:, :4] = 1.0  # something is always to be seen
        mixing = _training(teacher).network().state_dict()
        mixing["last_linear.bias"][2] += 0.05
        settings = replace(_SHORT, coarse_steps=0, elsewhere=1.0)
        start = Start(mixing, same_drawing=True)
        return BodyTraining(teacher, lambda _: torch.zeros(45), settings, start).step()["final"]

    assert error(0.0) > 10.0 * error(1.0) > 0.0


def test_windows_lie_where_the_picture_is_still_wrong(teacher: MovingTeacher, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a place's errors were, when they were looked at."""
    training = _training(teacher, replace(_SHORT, coarse_steps=1, steps=400, elsewhere=0.0))
    drawn = torch.zeros(256)
    note = Places.note

    def noted(places: Places, cells: torch.Tensor, _: torch.Tensor) -> None:
        drawn.add_(torch.bincount(cells.flatten(), minlength=256))
        note(places, cells, torch.where(cells == wrong, 100.0, 0.0))

    monkeypatch.setattr(Places, "note", noted)
    training.step()
    wrong = int(training._frames.seen.float().mean(dim=0).view(16, 8, 16, 8).mean(dim=(1, 3)).argmax())
    for _ in range(100):
        training.step()
    first, second = drawn.topk(2).values
    assert drawn.argmax() == wrong
    assert first > 4.0 * second


def test_a_step_is_taken_where_the_training_is(teacher: MovingTeacher, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a device without numbers: whatever a step leaves on the CPU cannot be combined with what is there."""
    monkeypatch.setattr(body_recipe, "numbers", lambda names, values: dict.fromkeys(names, values.device))
    seen: list[torch.device] = []
    for remembering in (Difficulty, Places):
        monkeypatch.setattr(remembering, "note", lambda _, __, errors: seen.append(errors.device))
    elsewhere = torch.device("meta")
    training = BodyTraining(teacher, BelievablePoses(1), _SHORT, None, elsewhere)
    while training.progress < 1:
        assert set(training.step().values()) == {elsewhere}
    assert set(seen) == {elsewhere}
