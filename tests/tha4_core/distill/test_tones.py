"""What eyes make of linear light: what an error there counts, and where details are."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from tha4_core.distill.tones import detail, shown, weight_of_errors
from tha4_core.picture.color import linear_to_srgb

_LIGHT = st.floats(0.0, 1.0)


def _network(light: float) -> torch.Tensor:
    return torch.tensor(2.0 * light - 1.0, dtype=torch.float64)


@given(_LIGHT)
def test_light_is_shown_as_engines_show_it(light: float) -> None:
    assert abs(float(shown(_network(light))) - float(linear_to_srgb(np.array(light)))) < 1e-4


@given(_LIGHT, _LIGHT)
def test_an_error_counts_for_no_less_in_the_darker_of_two(one: float, other: float) -> None:
    darker, brighter = sorted((one, other))
    assert weight_of_errors(_network(darker)) >= weight_of_errors(_network(brighter)) > 0.4


@given(st.floats(0.02, 0.98))
def test_it_counts_as_much_as_the_step_that_is_shown(light: float) -> None:
    step = 1e-3
    risen = linear_to_srgb(np.array(light + step)) - linear_to_srgb(np.array(light - step))
    assert abs(float(weight_of_errors(_network(light))) / (float(risen) / (2 * step)) - 1.0) < 0.02


def test_what_is_beyond_black_and_white_counts_as_they_do() -> None:
    beyond, ends = torch.tensor([-1.3, 1.2]), torch.tensor([-1.0, 1.0])
    assert torch.equal(weight_of_errors(beyond), weight_of_errors(ends))
    torch.testing.assert_close(shown(beyond), torch.tensor([0.0, 1.0]))


def test_details_are_beside_edges_alone_and_the_same_of_a_picture_on_its_side() -> None:
    picture = torch.full((4, 8, 8), 0.2)
    picture[:, :, 4:] = 0.3
    found = detail(picture)
    assert torch.equal(found.nonzero()[:, 1].unique(), torch.tensor([3, 4]))
    torch.testing.assert_close(detail(picture.transpose(1, 2)), found.t())
    assert not detail(torch.full((4, 8, 8), 0.2)).any()


def test_a_dark_edge_has_more_detail_than_a_bright_one_of_as_much_light() -> None:
    def of_an_edge(light: float) -> float:
        picture = torch.full((4, 8, 8), 2.0 * light - 1.0)
        picture[:3, :, 4:] += 0.02
        return float(detail(picture).max())

    assert of_an_edge(0.02) > 3.0 * of_an_edge(0.8)
