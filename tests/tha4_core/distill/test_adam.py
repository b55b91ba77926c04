"""Adam's steps: torch's own, in its own form of state."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from tha4_core.distill.adam import Adam


def _weights() -> list[nn.Parameter]:
    torch.manual_seed(0)
    return [nn.Parameter(torch.randn(shape)) for shape in ((30, 12), (12, 7), (30,))]


def _learn(optimiser: Adam | torch.optim.Adam, weights: list[nn.Parameter], steps: range) -> None:
    for step in steps:
        optimiser.zero_grad()
        loss = (weights[0] @ weights[1]).square().sum()
        if step % 3:  # the last one is sometimes left alone, and counts fewer steps
            loss = loss + weights[2].sin().sum()
        loss.backward()
        optimiser.step()


def test_steps_are_those_of_torch() -> None:
    ours, theirs = _weights(), _weights()
    _learn(Adam([{"params": ours, "lr": 0.01}]), ours, range(9))
    _learn(torch.optim.Adam(theirs, lr=0.01), theirs, range(9))
    for one, other in zip(ours, theirs, strict=True):
        assert torch.equal(one, other)


def test_a_training_that_torch_began_goes_on() -> None:
    whole, began = _weights(), _weights()
    _learn(torch.optim.Adam(whole, lr=0.01), whole, range(8))
    first = torch.optim.Adam(began, lr=0.01)
    _learn(first, began, range(5))
    second = Adam([{"params": began, "lr": 0.5}])
    second.load_state_dict(first.state_dict())
    _learn(second, began, range(5, 8))
    for one, other in zip(whole, began, strict=True):
        assert torch.equal(one, other)


def test_a_state_goes_on_by_itself_and_leaves_the_one_it_came_from_alone() -> None:
    weights = _weights()
    first = Adam([{"params": weights[:1], "lr": 0.01}, {"params": weights[1:], "lr": 0.02}])
    _learn(first, weights, range(3))
    state = first.state_dict()
    known = state["state"][0]["exp_avg"].clone()
    second = Adam([{"params": weights[:1], "lr": 0.01}, {"params": weights[1:], "lr": 0.02}])
    second.load_state_dict(state)
    _learn(second, weights, range(2))
    assert torch.equal(state["state"][0]["exp_avg"], known)
    assert [float(entry["step"]) for entry in second.state.values()] == [5.0, 5.0, 3.0]


def test_a_state_of_other_weights_is_refused() -> None:
    weights = _weights()
    with pytest.raises(ValueError, match="of other weights"):
        Adam([{"params": weights, "lr": 0.01}]).load_state_dict(Adam([{"params": weights[:2], "lr": 0.1}]).state_dict())


def test_training_does_not_wait_for_torchs_compiler() -> None:
    """Which takes seconds to import, and is not used."""
    program = """
import sys, torch
from tha4_core.distill.optimising import Group, Optimiser
matrix, bias = torch.nn.Parameter(torch.ones(4, 4)), torch.nn.Parameter(torch.ones(4))
optimiser = Optimiser([Group([matrix], [bias], 0.1, 0.1)])
optimiser.gather((matrix @ bias).sum())
optimiser.move(1.0)
optimiser.load_state(optimiser.state())
sys.exit("torch._dynamo" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
