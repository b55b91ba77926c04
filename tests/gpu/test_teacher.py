"""The official networks on a GPU give the golden data, in float32, and what half precision keeps of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.tha4_core.teacher.conftest import golden_teacher, lambda_image  # noqa: F401
from tests.tha4_core.teacher.golden import assert_matches
from tha4_core.metrics import psnr
from tha4_core.teacher import Teacher
from tha4_core.teacher.deterministic_weights import deterministic_networks
from tha4_core.teacher.networks import Networks


@pytest.fixture(scope="module")
def networks() -> Networks:
    return deterministic_networks()


@pytest.mark.parametrize("index", [0, 1])
def test_the_chain_matches_the_golden_data(
    networks: Networks,
    gpu: torch.device,
    lambda_image: Tensor,  # noqa: F811
    golden_teacher: dict[str, np.ndarray],  # noqa: F811
    index: int,
) -> None:
    teacher = Teacher(networks.named_children(), gpu)
    poses = torch.from_numpy(golden_teacher["poses"][index : index + 1])
    outputs = [output.cpu() for output in teacher.outputs(lambda_image, poses).official()]
    assert_matches(outputs, golden_teacher, f"pose{index}", most=1e-3, mean=1e-5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_near(
    networks: Networks,
    gpu: torch.device,
    lambda_image: Tensor,  # noqa: F811
    golden_teacher: dict[str, np.ndarray],  # noqa: F811
    dtype: torch.dtype,
) -> None:
    poses = torch.from_numpy(golden_teacher["poses"])
    exact, half = (
        Teacher(networks.named_children(), gpu, kind).pose(lambda_image, poses).final.float().cpu()
        for kind in (torch.float32, dtype)
    )
    assert psnr(half, exact) > 30.0
