"""The fast training of the face: it learns, it goes on where it was left, and it looks where faces differ."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tha4_core.character.networks import NAMED, PUBLISHED, Level
from tha4_core.distill import face_recipe
from tha4_core.distill.face_recipe import FaceSettings, FaceTraining
from tha4_core.distill.poses import BelievablePoses, held_out_poses
from tha4_core.distill.tones import shown, weight_of_errors
from tha4_core.metrics import psnr
from tha4_core.pose import FACE_SIZE
from tha4_core.student import FACE_LEFT, FACE_TOP, FaceMorpher

_SHORT = FaceSettings(steps=6, poses=4, points=16, frames=6, first_frames=2, capacity=4, warm_up=2)


def _training(teacher: MovingTeacher, settings: FaceSettings = _SHORT) -> FaceTraining:
    return FaceTraining(teacher, BelievablePoses(settings.seed), settings)


@pytest.mark.parametrize("before", [0, 3])
def test_a_resumed_training_goes_on_to_the_last_bit(teacher: MovingTeacher, before: int) -> None:
    straight, first, resumed = (_training(teacher) for _ in range(3))
    for _ in range(6):
        straight.step()
    for _ in range(before):
        first.step()
    resumed.load_state(first.state())
    for _ in range(6 - before):
        resumed.step()
    weights = [list(training.network().state_dict().values()) for training in (straight, resumed)]
    assert all(torch.equal(a, b) for a, b in zip(*weights, strict=True))
    assert resumed.teacher_frames == straight.teacher_frames == 6
    assert resumed.progress == 1.0


def test_a_state_of_other_settings_is_refused(teacher: MovingTeacher) -> None:
    state = _training(teacher).state()
    with pytest.raises(ValueError, match="another training"):
        _training(teacher, replace(_SHORT, points=17)).load_state(state)


def test_the_network_is_a_published_face_morpher(teacher: MovingTeacher) -> None:
    training = _training(teacher)
    training.step()
    assert isinstance(training.network(), FaceMorpher)
    assert training.multiply_adds == 3 * 4 * 16 * (41 * 128 + 7 * 128 * 128 + 128 * 4)
    assert training.examples == 4


def test_a_training_that_starts_from_a_network_begins_as_it(teacher: MovingTeacher) -> None:
    torch.manual_seed(0)
    start = FaceMorpher()
    training = FaceTraining(teacher, BelievablePoses(1), _SHORT, start=start.state_dict())
    poses = held_out_poses(2)[:, :FACE_SIZE]
    with torch.no_grad():
        torch.testing.assert_close(training.network()(poses), start(poses))


def test_points_are_those_pixels_of_the_picture(teacher: MovingTeacher) -> None:
    """The loss of the first step is that of the published network at the points drawn: here, at all of the box."""
    torch.manual_seed(0)
    start = FaceMorpher()
    drawn = {"anywhere": 1.0, "detail": 0.0, "poses": 2, "points": 20000, "first_frames": 2, "frames": 2}
    settings = replace(_SHORT, precision="float32", **drawn)
    training = FaceTraining(teacher, BelievablePoses(1), settings, start=start.state_dict())
    poses = torch.stack([BelievablePoses(1)(index) for index in range(2)])
    wanted = teacher.pose_face(poses)
    with torch.no_grad():
        errors = (start(poses[:, :FACE_SIZE]) - wanted).square()
        errors[:, :3] *= weight_of_errors(wanted[:, :3])
        expected = errors.mean(dim=(1, 2, 3))
    assert float(expected.min()) * 0.95 < training.step()["loss"] < float(expected.max()) * 1.05


def test_the_face_is_learned(teacher: MovingTeacher) -> None:
    settings = FaceSettings(steps=120, poses=32, points=64, frames=24, first_frames=24, capacity=24, warm_up=10)
    training = _training(teacher, settings)
    poses = held_out_poses(4)
    wanted = teacher.pose_face(poses)
    qualities = []
    for _ in range(2):
        with torch.no_grad():
            qualities.append(psnr(training.network()(poses[:, :FACE_SIZE]), wanted))
        while training.progress < 1:
            training.step()
    assert qualities[1] > qualities[0] + 3.0


def test_dark_lines_that_never_move_are_learned_too(teacher: MovingTeacher) -> None:
    def error_of_lines(detail: float) -> float:
        drawn = {"poses": 32, "points": 128, "frames": 24, "first_frames": 24, "capacity": 24}
        # So many that another processor's sums change no verdict.
        settings = FaceSettings(steps=200, warm_up=10, detail=detail, **drawn)
        training = FaceTraining(teacher, BelievablePoses(settings.seed), settings, networks=NAMED["light"])
        while training.progress < 1:
            training.step()
        poses = held_out_poses(4)
        with torch.no_grad():
            made = training.network()(poses[:, :FACE_SIZE])
        errors = shown(made) - shown(teacher.pose_face(poses))
        return float(errors[:, :3, 8:40, 8:40].square().mean())

    teacher.image[:3, FACE_TOP + 8 : FACE_TOP + 40, FACE_LEFT + 8 : FACE_LEFT + 40] = -0.97
    teacher.image[:3, FACE_TOP + 8 : FACE_TOP + 40, FACE_LEFT + 8 : FACE_LEFT + 40 : 8] = -0.8
    assert error_of_lines(0.4) < 0.7 * error_of_lines(0.0)


def test_a_step_is_taken_where_the_training_is(teacher: MovingTeacher, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a device without numbers: whatever a step leaves on the CPU cannot be combined with what is there."""
    monkeypatch.setattr(face_recipe, "numbers", lambda names, values: dict.fromkeys(names, values.device))
    # What is drawn needs numbers, and is drawn on the CPU.
    monkeypatch.setattr(FaceTraining, "_measured_variation", lambda _: torch.ones(128 * 128))
    elsewhere = torch.device("meta")
    training = FaceTraining(teacher, BelievablePoses(1), _SHORT, None, None, elsewhere)
    while training.progress < 1:
        assert set(training.step().values()) == {elsewhere}


def test_a_face_of_another_shape_is_trained(teacher: MovingTeacher) -> None:
    networks = replace(PUBLISHED, face=Level(128, (24, 12, 16)))
    training = FaceTraining(teacher, BelievablePoses(1), _SHORT, networks=networks)
    while training.progress < 1:
        training.step()
    network = training.network()
    made = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    assert made == dict(networks.face_shapes)
    again = FaceTraining(teacher, BelievablePoses(1), _SHORT, start=network.state_dict(), networks=networks)
    for value, kept in zip(again.network().state_dict().values(), network.state_dict().values(), strict=True):
        assert torch.equal(value, kept)
