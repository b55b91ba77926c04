"""Learning rates, averages, and two optimisers that act as one."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tha4_core.distill.optimising import Average, Group, Optimiser, rising_then_falling


def test_rates_rise_then_fall_to_nothing() -> None:
    factors = [rising_then_falling(step, 100, 10) for step in range(101)]
    assert factors[0] == pytest.approx(0.1)
    assert max(factors) == max(factors[8:12])
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert factors[100] == pytest.approx(0.0)


def test_an_average_of_what_stands_still_is_that() -> None:
    weight = torch.ones(3)
    average = Average([weight], horizon=10)
    for _ in range(5):
        average.update()
    torch.testing.assert_close(average.values[0], weight)


def test_an_average_follows_slowly() -> None:
    weight = torch.zeros(1)
    average = Average([weight], horizon=10)
    for _ in range(200):
        average.update()
    weight.fill_(1.0)
    average.update()
    assert float(average.values[0]) == pytest.approx(0.1)


def test_each_kind_of_weight_is_changed_at_its_own_rate() -> None:
    """Muon's step has singular values near 1 times its rate; Adam's first step is its rate everywhere."""
    torch.manual_seed(0)
    matrix, bias = nn.Parameter(torch.zeros(20, 20)), nn.Parameter(torch.zeros(20))
    optimiser = Optimiser([Group([matrix], [bias], muon_rate=0.5, adam_rate=0.25)])
    goal = torch.randn(20, 20)
    optimiser.gather((matrix - goal).square().sum() + (bias - 3.0).square().sum())
    optimiser.move(factor=0.1)
    singular = torch.linalg.svdvals(matrix.detach())
    assert 0.02 < float(singular.min()) < float(singular.max()) < 0.08
    torch.testing.assert_close(bias.detach(), torch.full((20,), 0.025), atol=1e-5, rtol=0.0)


def test_an_optimiser_goes_on_from_its_state() -> None:
    def run(steps: int, *, interrupted: bool) -> torch.Tensor:
        torch.manual_seed(0)
        matrix, bias = nn.Parameter(torch.randn(8, 8)), nn.Parameter(torch.randn(8))
        optimiser = Optimiser([Group([matrix], [bias], 0.01, 0.01)])
        for step in range(steps):
            if interrupted and step == steps // 2:
                state = optimiser.state()
                optimiser = Optimiser([Group([matrix], [bias], 0.01, 0.01)])
                optimiser.load_state(state)
            optimiser.gather((matrix @ bias).square().sum())
            optimiser.move(1.0)
        return matrix.detach().clone()

    assert torch.equal(run(6, interrupted=True), run(6, interrupted=False))
