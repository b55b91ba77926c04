"""Sine layers on points: the student's own, gradients included, in two precisions."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tha4_core.distill.sine_layer import precision_of, sine_layer
from tha4_core.student import SineLayer


def _layer(inputs: int, outputs: int) -> SineLayer:
    torch.manual_seed(3)
    return SineLayer(inputs, outputs, first=False)


def test_a_layer_of_points_is_the_students_layer() -> None:
    layer = _layer(12, 20)
    x = torch.randn(12, 30)
    made = sine_layer(x, layer.linear.weight.flatten(1), layer.linear.bias)
    torch.testing.assert_close(made, layer(x[None, :, :, None])[0, :, :, 0], atol=1e-5, rtol=1e-5)


def test_what_was_computed_elsewhere_is_added_before_the_sine() -> None:
    weight, x, bias = torch.randn(5, 3), torch.randn(3, 7), torch.randn(5)
    split = sine_layer(x[:2], weight[:, :2], bias, weight[:, 2:] @ x[2:])
    torch.testing.assert_close(split, sine_layer(x, weight, bias), atol=1e-4, rtol=1e-4)


def test_gradients_are_those_of_the_formula() -> None:
    torch.manual_seed(0)
    x, weight = torch.randn(4, 6, dtype=torch.float64), 0.05 * torch.randn(3, 4, dtype=torch.float64)
    bias, extra = torch.randn(3, dtype=torch.float64), torch.randn(3, 6, dtype=torch.float64)
    inputs = [value.requires_grad_() for value in (x, weight, bias, extra)]
    # In float64 the layer multiplies as it is: only a reduced precision converts.
    assert torch.autograd.gradcheck(lambda *given: sine_layer(*given, precision=torch.float64), inputs)


def test_bfloat16_gradients_point_the_same_way() -> None:
    layer = _layer(90, 90)
    x, along = torch.rand(90, 256) * 2 - 1, torch.randn(90, 256)
    gradients = []
    for precision in (torch.float32, torch.bfloat16):
        weight = nn.Parameter(layer.linear.weight.detach().flatten(1))
        (sine_layer(x, weight, layer.linear.bias, None, precision) * along).sum().backward()
        assert weight.grad is not None
        gradients.append(weight.grad.flatten())
    assert torch.cosine_similarity(*gradients, dim=0) > 0.99
    assert not torch.equal(*gradients)


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(KeyError):
        precision_of("float8", torch.device("cpu"))


def test_auto_is_one_of_both() -> None:
    assert precision_of("auto", torch.device("cpu")) in (torch.float32, torch.bfloat16)
