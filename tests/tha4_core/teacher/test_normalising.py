from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from tha4_core.teacher.normalising import Scratch, normalised


def exact(x: Tensor, groups: int, scale: Tensor, shift: Tensor) -> Tensor:
    """In float64, as the definition has it."""
    h = functional.group_norm(x.double(), groups)
    return h * scale.double()[:, :, None, None] + shift.double()[:, :, None, None]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 3),
    st.sampled_from([(1, 1), (2, 3), (4, 1), (8, 4)]),
    st.integers(2, 40),
    st.integers(2, 40),
    st.booleans(),
    st.floats(-30, 30),
    st.integers(0, 2**31),
)
def test_it_is_group_norm_with_each_samples_own_scale_and_shift(
    batch: int, grouping: tuple[int, int], height: int, width: int, own: bool, offset: float, seed: int
) -> None:
    torch.manual_seed(seed)
    groups, each = grouping
    x = torch.randn(batch, groups * each, height, width) + offset
    scale, shift = torch.randn(2, batch if own else 1, groups * each)
    result = normalised(x, groups, 1e-5, scale, shift, None)
    torch.testing.assert_close(result.double(), exact(x, groups, scale, shift), atol=3e-5, rtol=1e-5)


@pytest.mark.parametrize("epsilon", [1e-5, 1e-6])
def test_epsilon_is_added_to_the_variance(epsilon: float) -> None:
    """Where a picture is almost flat nearly all of its size is epsilon's doing."""
    x, ones = 1e-3 * torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(0)), torch.ones(1, 4)
    expected = functional.group_norm(x.double(), 2, eps=epsilon)
    torch.testing.assert_close(normalised(x, 2, epsilon, ones, 0 * ones, None).double(), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("threads", [1, 2])
def test_large_flat_pictures_are_normalised_exactly(threads: int) -> None:
    """As drawings' activations are: summing such pixels one by one in float32 is wrong from the fourth digit."""
    x = torch.full((1, 32, 384, 384), 0.7)
    x[:, :, 100:200, 150:250] = torch.randn((1, 32, 100, 100), generator=torch.Generator().manual_seed(0))
    scale, shift = torch.ones(1, 32), torch.zeros(1, 32)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        result = normalised(x, 32, 1e-5, scale, shift, None)
    finally:
        torch.set_num_threads(before)
    torch.testing.assert_close(result.double(), exact(x, 32, scale, shift), atol=2e-5, rtol=0)


def test_the_activation_follows() -> None:
    x, ones = torch.randn(1, 4, 5, 6), torch.ones(1, 4)
    result = normalised(x, 2, 1e-5, ones, 0 * ones, torch.relu_)
    torch.testing.assert_close(result, functional.relu(functional.group_norm(x, 2)))


def test_half_precision_goes_in_and_comes_out() -> None:
    x, ones = torch.randn(1, 4, 64, 64).bfloat16(), torch.ones(1, 4)
    result = normalised(x, 2, 1e-5, ones, 0 * ones, None)
    assert result.dtype == torch.bfloat16
    torch.testing.assert_close(result.double(), exact(x.float(), 2, ones, 0 * ones), atol=0.02, rtol=0.01)


def test_scratch_memory_is_used_again() -> None:
    scratch, ones = Scratch(), torch.ones(1, 4)
    first = normalised(torch.randn(1, 4, 8, 8), 2, 1e-5, ones, ones, None, scratch)
    second = normalised(torch.randn(1, 4, 6, 6), 2, 1e-5, ones, ones, None, scratch)
    assert second.untyped_storage().data_ptr() == first.untyped_storage().data_ptr()
    assert second.shape == (1, 4, 6, 6)


def test_scratch_memory_serves_inside_and_outside_of_inference_mode() -> None:
    scratch, ones, x = Scratch(), torch.ones(1, 4), torch.randn(1, 4, 8, 8)
    with torch.inference_mode():
        inside = normalised(x, 2, 1e-5, ones, ones, None, scratch).clone()
    assert torch.equal(normalised(x, 2, 1e-5, ones, ones, None, scratch), inside)
