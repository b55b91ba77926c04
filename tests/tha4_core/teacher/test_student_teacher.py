from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from tests.synthetic import NARROW, synthetic_character
from tha4_core.character import Character
from tha4_core.engines.native.outputs import NativeOutputs
from tha4_core.engines.outputs import student_outputs
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.picture.region import Region
from tha4_core.pose import PoseError
from tha4_core.student import load_student, paste_face, warp
from tha4_core.teacher import StudentTeacher, TeacherError
from tha4_core.visibility import sample_poses


@pytest.fixture(scope="module")
def character() -> Character:
    """Random weights: they use all of the networks, and answers are of a size for which errors can be bounded."""
    return synthetic_character(networks=NARROW)


@pytest.fixture(scope="module")
def poses() -> torch.Tensor:
    """Two of the random ones behind the systematic ones."""
    sampled = list(sample_poses(90, seed=3))
    return torch.stack([torch.from_numpy(sampled[index]) for index in (88, 89)])


@pytest.fixture(params=["random", "lambda_00"])
def someone(
    request: pytest.FixtureRequest, character: Character, reference_character: Callable[[str], Character]
) -> Character:
    return character if request.param == "random" else reference_character(request.param)


def test_it_answers_as_the_student_does(someone: Character, poses: torch.Tensor) -> None:
    teacher, student = StudentTeacher(someone), load_student(someone)
    output = teacher.pose(poses)
    image = torch.from_numpy(someone.network_image)
    assert torch.equal(teacher.image, image)
    with torch.no_grad():
        expected = student(image, poses)
    for name in ("alpha", "flow"):
        torch.testing.assert_close(getattr(output, name), getattr(expected, name), atol=1e-4, rtol=0)
    for name in ("final", "direct", "warped"):
        torch.testing.assert_close(getattr(output, name), getattr(expected, name), atol=5e-3, rtol=0)
        assert (getattr(output, name) - getattr(expected, name)).abs().mean() < 1e-5, name
    pasted = paste_face(image.expand(len(poses), -1, -1, -1), expected.face)
    torch.testing.assert_close(output.face, pasted, atol=1e-4, rtol=0)
    torch.testing.assert_close(teacher.pose_face(poses), expected.face, atol=1e-4, rtol=0)
    assert output.half is None


def test_the_native_engine_answers_where_it_was_built_else_torch(
    character: Character, poses: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")
    assert isinstance(student_outputs(character), NativeOutputs)
    quick = StudentTeacher(character).pose(poses, Region(160, 60, 190, 140))
    monkeypatch.setattr("tha4_core.engines.outputs.is_built", lambda: False)
    assert isinstance(student_outputs(character), ReferenceEngine)
    expected = StudentTeacher(character).pose(poses, Region(160, 60, 190, 140))
    for name in ("alpha", "flow", "face", "direct", "warped", "final"):
        difference = (getattr(quick, name) - getattr(expected, name)).abs()
        assert 0 < difference.max() < (1e-4 if name in ("alpha", "flow", "face") else 5e-3), name
        assert difference.mean() < 1e-5, name


def test_a_region_is_that_rectangle_of_the_whole(character: Character, poses: torch.Tensor) -> None:
    teacher, region = StudentTeacher(character), Region(170, 60, 150, 121)
    whole, part = teacher.pose(poses), teacher.pose(poses, region)
    for name in ("final", "alpha", "warped", "flow", "direct", "face"):
        expected = getattr(whole, name)[:, :, 60:181, 170:320]
        torch.testing.assert_close(getattr(part, name), expected, atol=2e-4, rtol=0)


def test_the_order_of_questions_changes_no_answer(character: Character, poses: torch.Tensor) -> None:
    """A face that was painted for one question is not shown in the next."""
    teacher = StudentTeacher(character)
    expected = [teacher.pose(poses[index : index + 1]) for index in range(2)]
    teacher.pose_face(poses[1:2])
    assert torch.equal(teacher.pose(poses[:1], Region(200, 90, 64, 64)).face, expected[0].face[:, :, 90:154, 200:264])
    assert torch.equal(teacher.pose(poses[1:2]).final, expected[1].final)


def test_answers_may_be_part_of_a_gradient_graph(character: Character, poses: torch.Tensor) -> None:
    output = StudentTeacher(character).pose(poses[:1])
    flow = output.flow.clone().requires_grad_()
    (warp(output.face, flow) * output.final).sum().backward()
    assert flow.grad is not None


def test_provenance_names_the_character(character: Character) -> None:
    provenance = StudentTeacher(character).provenance
    assert provenance == {
        "teacher": "a student character",
        "teacher_character": "Blob",
        "teacher_digest": character.digest,
    }


def test_bad_poses_and_devices_are_refused(character: Character) -> None:
    with pytest.raises(PoseError, match=r"\(n, 45\)"):
        StudentTeacher(character).pose(torch.zeros(45))
    with pytest.raises(TeacherError, match="cannot use device"):
        StudentTeacher(character, device="nowhere")
