"""The teacher as distillation uses it: the same of every system, seen with the quickest one's networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tha4_core.picture.region import Region, RegionError
from tha4_core.pose import FACE_SIZE, PoseError
from tha4_core.student import FACE_LEFT, FACE_TOP, warp
from tha4_core.teacher import Teacher, TeacherError, TeacherOutput
from tha4_core.teacher.networks import cut
from tha4_core.teacher.system import DrawingTeacher
from tha4_core.teacher.tha3_networks import Tha3Networks


@pytest.fixture(scope="module")
def teacher(separable_teacher: Teacher) -> Teacher:
    return separable_teacher


@pytest.fixture(scope="module")
def poses(golden_teacher: dict[str, np.ndarray]) -> Tensor:
    return torch.from_numpy(golden_teacher["poses"])


@pytest.fixture(scope="module")
def posed(teacher: Teacher, lambda_image: Tensor, poses: Tensor) -> TeacherOutput:
    """Two poses at once."""
    return teacher.of(lambda_image).pose(poses[1:])


def test_poses_together_are_poses_alone(
    teacher: Teacher, lambda_image: Tensor, poses: Tensor, posed: TeacherOutput
) -> None:
    assert posed.half is not None
    for index in range(2):
        alone = teacher.outputs(lambda_image, poses[1 + index : 2 + index])
        for tensor, expected in zip(
            (posed.final, posed.alpha, posed.warped, posed.flow, posed.direct, posed.face, *posed.half),
            (*alone.final, alone.face.full, *alone.half),
            strict=True,
        ):
            torch.testing.assert_close(tensor[index], expected[0], atol=1e-5, rtol=0)


def test_what_is_formed_is_what_it_was_formed_from(posed: TeacherOutput) -> None:
    final = posed.alpha * posed.direct + (1 - posed.alpha) * posed.warped
    torch.testing.assert_close(posed.final, final, atol=1e-6, rtol=0)
    torch.testing.assert_close(posed.warped, warp(posed.face, posed.flow), atol=5e-5, rtol=0)


def test_a_region_is_cut_from_the_whole_and_half_pictures_stay_whole(
    teacher: Teacher, lambda_image: Tensor, poses: Tensor, posed: TeacherOutput
) -> None:
    region = Region(150, 40, 200, 90)
    output = teacher.pose(lambda_image, poses[2:], region)
    for name in ("final", "alpha", "warped", "flow", "direct", "face"):
        whole = getattr(posed, name)[1:]
        assert torch.equal(getattr(output, name), whole[:, :, 40:130, 150:350]), name
    assert output.half is not None
    assert posed.half is not None
    assert torch.equal(output.half.final, posed.half.final[1:])


@pytest.mark.slow
def test_several_poses_at_a_time_give_the_same(
    monkeypatch: pytest.MonkeyPatch, teacher: Teacher, lambda_image: Tensor, poses: Tensor, posed: TeacherOutput
) -> None:
    """As on a GPU."""
    monkeypatch.setattr("tha4_core.teacher.system._BATCH_CPU", 2)
    together = teacher.pose(lambda_image, poses[1:])
    torch.testing.assert_close(together.flow, posed.flow, atol=5e-5, rtol=0)
    torch.testing.assert_close(together.final, posed.final, atol=5e-3, rtol=0)


def test_the_face_is_the_face_of_the_whole(
    teacher: Teacher, lambda_image: Tensor, poses: Tensor, posed: TeacherOutput
) -> None:
    faces = teacher.of(lambda_image).pose_face(poses[1:])
    box = (slice(FACE_TOP, FACE_TOP + 128), slice(FACE_LEFT, FACE_LEFT + 128))
    assert faces.shape == (2, 4, 128, 128)
    assert torch.equal(faces, posed.face[:, :, box[0], box[1]])


def test_only_the_face_sees_the_faces_parameters(teacher: Teacher, lambda_image: Tensor, poses: Tensor) -> None:
    turned = poses[1:2].clone()
    turned[:, FACE_SIZE:] = 1.0
    assert torch.equal(teacher.pose_face(lambda_image, turned), teacher.pose_face(lambda_image, poses[1:2]))


def test_another_picture_is_never_answered_from_what_was_kept(
    teacher: Teacher, separable_networks: Tha3Networks, lambda_image: Tensor, poses: Tensor
) -> None:
    pose = poses[1:2]

    def fresh(image: Tensor) -> Tensor:
        with torch.no_grad():
            face = separable_networks.pose_face(separable_networks.look(image[None]), pose)
        return cut(face.full, Region(FACE_LEFT, FACE_TOP, 128, 128))

    image = lambda_image.clone()
    first = teacher.pose_face(image, pose)
    torch.testing.assert_close(first, fresh(image), atol=1e-3, rtol=0)
    image[:3, 100:120, 230:260] = -1.0  # the same tensor, changed in place
    second = teacher.pose_face(image, pose)
    torch.testing.assert_close(second, fresh(image), atol=1e-3, rtol=0)
    assert (second - first).abs().max() > 0.01
    image[3, 200, 200] += 1e-4 if image[3, 200, 200] < 0 else -1e-4  # the least change counts, too
    teacher.pose_face(image, pose)
    assert torch.equal(teacher._look(image).image[0], image)


def test_a_known_picture_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch, teacher: Teacher, lambda_image: Tensor, poses: Tensor
) -> None:
    looks: list[Tensor] = []
    look = teacher.networks.look
    monkeypatch.setattr(teacher.networks, "look", lambda image: looks.append(image) or look(image))
    image = lambda_image.flip(2)
    for _ in range(2):
        teacher.pose_face(image, poses)
    assert len(looks) == 1


def test_two_drawings_of_one_teacher_keep_apart(teacher: Teacher, lambda_image: Tensor, poses: Tensor) -> None:
    image = lambda_image.clone()
    one, other = teacher.of(image), teacher.of(lambda_image.flip(2))
    expected = one.pose_face(poses[1:2])
    image.zero_()  # what is done to a picture later does not reach the drawing
    assert not torch.equal(other.pose_face(poses[1:2]), expected)
    assert torch.equal(one.pose_face(poses[1:2]), expected)
    assert torch.equal(one.image, lambda_image)


def test_answers_may_be_part_of_a_gradient_graph(posed: TeacherOutput) -> None:
    flow = posed.flow[:1].clone().requires_grad_()
    (warp(posed.face[:1], flow) * posed.final[:1]).sum().backward()  # both need their inputs kept
    assert not posed.final.requires_grad
    assert flow.grad is not None


def test_poses_are_clamped_as_engines_clamp_them(teacher: Teacher, lambda_image: Tensor) -> None:
    wild, tame = torch.full((1, 45), 7.0), torch.ones(1, 45)
    assert torch.equal(teacher.pose_face(lambda_image, wild), teacher.pose_face(lambda_image, tame))


def test_no_poses_are_no_pictures(teacher: Teacher, lambda_image: Tensor) -> None:
    assert teacher.pose(lambda_image, torch.zeros(0, 45)).final.shape == (0, 4, 512, 512)
    assert teacher.pose_face(lambda_image, torch.zeros(0, 45)).shape == (0, 4, 128, 128)


def test_a_directory_of_weights_becomes_a_teacher(
    teacher: Teacher, separable_release: Path, lambda_image: Tensor, poses: Tensor
) -> None:
    loaded = Teacher.load(separable_release)
    assert loaded.provenance == teacher.provenance
    assert torch.equal(loaded.pose_face(lambda_image, poses[1:2]), teacher.pose_face(lambda_image, poses[1:2]))


def test_provenance_tells_the_weights_and_what_else_is_known(teacher: Teacher, lambda_image: Tensor) -> None:
    provenance = teacher.of(lambda_image, {"drawing": "lambda"}).provenance
    assert teacher.system.description in provenance["teacher"]
    assert "float32" in provenance["teacher"]
    assert provenance["drawing"] == "lambda"
    assert len(bytes.fromhex(provenance["teacher_weights"])) == 32


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (torch.zeros(3, 512, 512), r"\(4, 512, 512\) numbers, but this one is \(3, 512, 512\)"),
        (torch.zeros(4, 512, 512, dtype=torch.uint8), "uint8"),
        (torch.full((4, 512, 512), 1.5), "values in"),
        (torch.full((4, 512, 512), torch.nan), "holds no numbers"),
    ],
)
def test_what_is_no_picture_is_refused(teacher: Teacher, image: Tensor, sentence: str) -> None:
    with pytest.raises(TeacherError, match=sentence):
        teacher.of(image)
    with pytest.raises(TeacherError, match=sentence):
        teacher.pose(image, torch.zeros(1, 45))


@pytest.mark.parametrize("poses", [torch.zeros(45), torch.zeros(1, 44), torch.full((1, 45), torch.nan)])
def test_what_are_no_poses_are_refused(teacher: Teacher, lambda_image: Tensor, poses: Tensor) -> None:
    with pytest.raises(PoseError):
        teacher.pose(lambda_image, poses)


def test_a_region_outside_the_picture_is_refused_before_any_work(teacher: Teacher, lambda_image: Tensor) -> None:
    with pytest.raises(RegionError):
        teacher.pose(lambda_image, torch.zeros(1, 45), Region(500, 0, 100, 100))


def test_a_device_that_is_not_there_and_an_odd_precision_are_refused() -> None:
    with pytest.raises(TeacherError, match="cannot use device 'nowhere'"):
        Teacher([], device="nowhere")
    with pytest.raises(TeacherError, match=r"not in torch\.int8"):
        Teacher([], dtype=torch.int8)


def test_a_drawings_teacher_never_builds_a_graph(teacher: Teacher, lambda_image: Tensor, poses: Tensor) -> None:
    drawing = teacher.of(lambda_image)
    assert isinstance(drawing, DrawingTeacher)
    asked = poses[1:2].clone().requires_grad_()
    assert not drawing.pose_face(asked).requires_grad
