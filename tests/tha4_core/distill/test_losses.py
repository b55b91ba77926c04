"""The loss terms against the official training objects' (DISTILLATION.md A.9)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tha4_core.character import Character
from tha4_core.distill.face_mask import read_face_mask
from tha4_core.distill.losses import BodyTarget, body_terms, face_terms
from tha4_core.distill.paper_phases import BODY_PHASES, FACE_PHASES, phase_at
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP, BodyOutput, Student, load_student
from tha4_core.teacher import Teacher, TeacherOutput
from tha4_core.teacher.deterministic_weights import deterministic_networks


@pytest.fixture(scope="module")
def losses(shared_tha4: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((shared_tha4 / "golden" / "distillation_losses.json").read_text())
    return document


@pytest.fixture(scope="module")
def student(reference_character: Callable[[str], Character]) -> Student:
    return load_student(reference_character("lambda_00"))


@pytest.fixture(scope="module")
def poses(golden: Callable[[str], dict[str, np.ndarray]], losses: dict[str, Any]) -> Tensor:
    return torch.from_numpy(golden("lambda_00")["poses"][losses["pose_indices_in_student_npz"]])


@pytest.fixture(scope="module")
def image(reference_character: Callable[[str], Character]) -> Tensor:
    return torch.from_numpy(reference_character("lambda_00").network_image)


@pytest.fixture(scope="module")
def taught(image: Tensor, poses: Tensor) -> TeacherOutput:
    return Teacher(deterministic_networks().named_children()).pose(image, poses)


@pytest.fixture(scope="module")
def made(student: Student, taught: TeacherOutput, poses: Tensor) -> BodyOutput:
    """The body student on the teacher's own posed face, pose by pose."""
    with torch.no_grad():
        parts = [student.body_morpher(taught.face[i : i + 1], poses[i : i + 1]) for i in range(len(poses))]
    return BodyOutput(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


@pytest.mark.slow
def test_the_face_terms_are_the_published_ones(
    student: Student, taught: TeacherOutput, poses: Tensor, losses: dict[str, Any], shared_tha4: Path
) -> None:
    mask = read_face_mask(shared_tha4 / "reference" / "lambda_00" / "face_mask.png")
    assert float(mask.sum()) == losses["face"]["mask_sum_one_channel"]
    target = taught.face[:, :, FACE_TOP : FACE_TOP + FACE_EDGE, FACE_LEFT : FACE_LEFT + FACE_EDGE]
    with torch.no_grad():
        terms = face_terms(student.face_morpher(poses[:, :39]), target, mask)
    logged = losses["face"]["logged"]
    assert {name: float(value) for name, value in terms.items()} == pytest.approx(
        {name: logged[name] for name in terms}, rel=1e-6
    )
    assert float(sum(terms.values())) == pytest.approx(losses["face"]["total"], rel=1e-6)


@pytest.mark.slow
def test_the_body_terms_are_the_published_ones(made: BodyOutput, taught: TeacherOutput, losses: dict[str, Any]) -> None:
    target = BodyTarget(taught.final, taught.warped, taught.flow)
    for examples, expected in losses["body"]["by_examples"].items():
        weights = phase_at(BODY_PHASES, int(examples)).weights
        assert weights is not None
        terms = body_terms(made, target, weights)
        logged = expected["weighted_terms"]
        assert {name: float(value) for name, value in terms.items()} == pytest.approx(
            {name: logged[name] for name in terms}, rel=1e-6
        )
        assert float(sum(terms.values())) == pytest.approx(expected["total"], rel=1e-6)


def test_learning_rates_are_the_published_ones(losses: dict[str, Any]) -> None:
    for examples, rate in losses["face"]["learning_rate"].items():
        assert phase_at(FACE_PHASES, int(examples)).learning_rate == pytest.approx(rate, rel=1e-12)
    for examples, expected in losses["body"]["by_examples"].items():
        assert phase_at(BODY_PHASES, int(examples)).learning_rate == pytest.approx(expected["learning_rate"], rel=1e-12)


@pytest.mark.slow
def test_a_term_without_weight_is_left_out(made: BodyOutput, taught: TeacherOutput) -> None:
    weights = phase_at(BODY_PHASES, 0).weights
    assert weights is not None
    target = BodyTarget(taught.final, taught.warped, taught.flow)
    assert "full_warped_loss" not in body_terms(made, target, weights._replace(warped=0.0))
