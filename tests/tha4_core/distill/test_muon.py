"""Muon's steps: torch's own, in whichever arithmetic."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tha4_core.distill import muon
from tha4_core.distill.muon import Muon, fast_precision, orthogonal


@pytest.mark.parametrize("shape", [(20, 20), (30, 12), (12, 30)])
def test_values_become_alike(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    singular = torch.linalg.svdvals(orthogonal(torch.randn(shape), torch.float32))
    assert 0.5 < float(singular.min()) < float(singular.max()) < 1.5


def _trained(optimiser: type[Muon | torch.optim.Muon], **options: float) -> Tensor:
    torch.manual_seed(0)
    matrices = [nn.Parameter(torch.randn(30, 12)), nn.Parameter(torch.randn(12, 30))]
    trained = optimiser([{"params": matrices, "lr": 0.1}], **options)  # type: ignore[arg-type]
    for _ in range(5):
        trained.zero_grad()
        (matrices[0] @ matrices[1]).square().sum().backward()
        trained.step()
    return torch.cat([matrix.detach().flatten() for matrix in matrices])


@pytest.mark.parametrize(("precision", "apart"), [(torch.bfloat16, 0.0), (torch.float32, 0.02)])
def test_steps_are_those_of_torch(monkeypatch: pytest.MonkeyPatch, precision: torch.dtype, apart: float) -> None:
    monkeypatch.setattr(muon, "fast_precision", lambda *_: precision)
    torch.testing.assert_close(_trained(Muon), _trained(torch.optim.Muon, weight_decay=0.0), atol=apart, rtol=0.0)


def test_a_training_that_torch_began_goes_on_in_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = nn.Parameter(torch.eye(4))
    matrix.grad = torch.ones(4, 4)
    theirs = torch.optim.Muon([matrix], lr=0.1, weight_decay=0.0)
    theirs.step()
    monkeypatch.setattr(muon, "fast_precision", lambda *_: torch.float32)
    ours, copy = Muon([{"params": [matrix], "lr": 0.1}]), matrix.detach().clone()
    ours.load_state_dict(theirs.state_dict())
    ours.step()
    made = matrix.detach().clone()
    matrix.data.copy_(copy)
    theirs.step()
    assert torch.equal(made, matrix)


def test_a_training_goes_on_in_the_arithmetic_that_it_was_begun_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def optimiser() -> Muon:
        return Muon([{"params": [matrix], "lr": 0.1}])

    matrix = nn.Parameter(torch.eye(4))
    matrix.grad = torch.ones(4, 4)
    monkeypatch.setattr(muon, "fast_precision", lambda *_: torch.bfloat16)
    first = optimiser()
    first.step()
    monkeypatch.setattr(muon, "fast_precision", lambda *_: torch.float32)
    second = optimiser()
    second.load_state_dict(first.state_dict())
    second.step()
    assert [state["bfloat16"] for state in second.state.values()] == [True]


def test_a_processor_without_instructions_for_bfloat16_takes_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    assert fast_precision(torch.device("cpu"), 77, 33) == torch.float32
