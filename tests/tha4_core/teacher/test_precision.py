"""In half precision a teacher's pictures stay near."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.tha4_core.teacher.golden import network_inputs
from tha4_core.student import FACE_LEFT, FACE_TOP
from tha4_core.teacher import Teacher
from tha4_core.teacher.networks import NETWORKS, Networks
from tha4_core.teacher.tha3_networks import Tha3Networks


def likeness(made: Tensor, expected: Tensor) -> float:
    """PSNR, dB, of values from -1 to 1."""
    return float(10 * torch.log10(4 / ((made - expected) ** 2).mean()))


@pytest.fixture(scope="module")
def in_bfloat16(networks: Networks) -> Teacher:
    return Teacher(networks.named_children(), dtype=torch.bfloat16)


@pytest.mark.slow
def test_bfloat16_is_near(
    in_bfloat16: Teacher,
    lambda_image: Tensor,
    golden_teacher: dict[str, np.ndarray],
    chain: Callable[[int], list[Tensor]],
) -> None:
    expected, poses = chain(1), torch.from_numpy(golden_teacher["poses"][1:2])
    if not torch.cpu._is_avx512_bf16_supported():
        # torch would take minutes over the whole picture; each network is looked at below.
        face = in_bfloat16.pose_face(lambda_image, poses)
        assert face.dtype == torch.float32
        top, left = FACE_TOP, FACE_LEFT
        assert likeness(face, expected[5][:, :, top : top + 128, left : left + 128]) > 32
        return
    output = in_bfloat16.pose(lambda_image, poses)
    assert output.final.dtype == torch.float32
    assert (output.flow - expected[3]).abs().mean() < 2e-3
    assert likeness(output.final, expected[0]) > 32


def test_a_whole_pose_of_tha3s_separable_networks_is_near_in_bfloat16(
    separable_networks: Tha3Networks,
    separable_teacher: Teacher,
    lambda_image: Tensor,
    golden_teacher: dict[str, np.ndarray],
) -> None:
    poses = torch.from_numpy(golden_teacher["poses"][1:2])
    teacher = Teacher(separable_networks.named_children(), dtype=torch.bfloat16)
    expected, made = (one.pose(lambda_image, poses) for one in (separable_teacher, teacher))
    assert made.final.dtype == torch.float32
    assert (made.flow - expected.flow).abs().mean() < 5e-3  # a sum of two networks' answers; flows reach 0.3
    assert likeness(made.face, expected.face) > 32
    # Noise, which is what made-up weights paint, moved by a flow that is less than a pixel off.
    assert likeness(made.final, expected.final) > 25


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_is_near_in_bfloat16(teacher: Teacher, in_bfloat16: Teacher, name: str) -> None:
    """On an eighth of the picture, so that a processor without such arithmetic is not kept busy for minutes."""
    inputs = [x if x.ndim < 4 else x[:, :, ::2, ::2][..., :64, :64] for x in network_inputs(name)]
    with torch.no_grad():
        expected, made = (one.networks.get_submodule(name)(*inputs) for one in (teacher, in_bfloat16))
    for output, wanted in zip(made, expected, strict=True):
        assert output.dtype == torch.float32
        assert likeness(output, wanted) > 42
