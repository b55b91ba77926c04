"""Poses and places that are still wrong are learned from more often, what was never looked at as often as others."""

from __future__ import annotations

import pytest
import torch

from tha4_core.distill.difficulty import Difficulty, Places
from tha4_core.distill.frame_store import Rolling


def store(frames: int, capacity: int = 10) -> Rolling:
    rolling = Rolling(capacity, lambda _, __: None)
    rolling.ask_until(frames)
    return rolling


def shares(difficulty: Difficulty, draws: int = 40_000) -> torch.Tensor:
    drawn = difficulty.draw(draws, torch.Generator().manual_seed(0))
    return torch.bincount(drawn, minlength=10) / draws


def test_nothing_known_is_all_alike() -> None:
    torch.testing.assert_close(shares(Difficulty(store(5)))[:5], torch.full((5,), 0.2), atol=0.01, rtol=0)


def test_what_is_wrong_comes_more_often_and_nothing_never() -> None:
    difficulty = Difficulty(store(10))
    difficulty.note(torch.arange(10), torch.tensor([10.0, *[1.0] * 8, 0.0]))
    drawn = shares(difficulty)
    assert drawn[0] == pytest.approx(0.02 + 0.8 * 10**0.5 / (10**0.5 + 8), abs=0.01)
    assert drawn[9] == pytest.approx(0.02, abs=0.005)


def test_frames_that_nobody_looked_at_count_as_the_mean_of_the_others() -> None:
    difficulty = Difficulty(store(10))
    difficulty.note(torch.tensor([0, 1]), torch.tensor([4.0, 4.0]))
    torch.testing.assert_close(shares(difficulty), torch.full((10,), 0.1), atol=0.01, rtol=0)


def test_an_error_is_forgotten_little_by_little() -> None:
    difficulty = Difficulty(store(10))
    difficulty.note(torch.arange(10), torch.ones(10))
    difficulty.note(torch.tensor([0]), torch.tensor([100.0]))
    torch.testing.assert_close(difficulty.state()["errors"][:2], torch.tensor([0.9 + 10.0, 1.0]))


def test_a_new_frame_in_a_slot_has_nothing_of_the_one_before() -> None:
    rolling = store(10)
    difficulty = Difficulty(rolling)
    difficulty.note(torch.arange(10), torch.tensor([1e6, *[1.0] * 9]))
    rolling.ask_until(11)  # into the first slot
    difficulty.note(torch.tensor([0]), torch.tensor([1.0]))
    torch.testing.assert_close(shares(difficulty), torch.full((10,), 0.1), atol=0.01, rtol=0)


def test_a_perfect_start_and_a_broken_error_do_no_harm() -> None:
    difficulty = Difficulty(store(10))
    difficulty.note(torch.arange(10), torch.zeros(10))
    torch.testing.assert_close(shares(difficulty), torch.full((10,), 0.1), atol=0.1, rtol=0)
    difficulty.note(torch.tensor([3]), torch.tensor([float("nan")]))
    assert torch.isfinite(difficulty.state()["errors"]).all()


def test_what_is_known_survives_and_belongs_to_a_store_of_its_size() -> None:
    difficulty, again = Difficulty(store(10)), Difficulty(store(10))
    difficulty.note(torch.arange(10), torch.arange(10.0))
    again.load_state(difficulty.state())
    assert torch.equal(shares(again), shares(difficulty))
    with pytest.raises(ValueError, match="another store"):
        Difficulty(store(3, capacity=3)).load_state(difficulty.state())


@pytest.mark.parametrize(
    ("frames", "held"), [(0, []), (3, [0, 1, 2]), (10, [*range(10)]), (12, [10, 11, *range(2, 10)])]
)
def test_a_store_knows_which_frames_it_holds(frames: int, held: list[int]) -> None:
    assert store(frames).frames().tolist() == held


_SEEN = torch.tensor([[1.0, 1.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])


def test_places_of_which_nothing_is_known_are_all_alike_where_anything_is_seen() -> None:
    third = 1.0 / 3.0
    wanted = torch.tensor([[third, third, third, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    torch.testing.assert_close(Places(4).shares(_SEEN), wanted)


def test_places_that_are_wrong_come_more_often_and_none_never() -> None:
    places = Places(4)
    places.note(torch.tensor([[0, 1], [2, 3]]), torch.tensor([[9.0, 1.0], [0.0, 1e9]]))
    roots = (9.0**0.5, 1.0, 0.0)
    wanted = [0.8 * root / sum(roots) + 0.2 / 3 for root in roots]
    torch.testing.assert_close(places.shares(_SEEN[:1]), torch.tensor([[*wanted, 0.0]]))


def test_a_place_nobody_looked_at_counts_as_the_mean_of_the_others() -> None:
    places = Places(4)
    places.note(torch.tensor([0, 1]), torch.tensor([4.0, 4.0]))
    torch.testing.assert_close(places.shares(_SEEN[:1]), torch.tensor([[1 / 3, 1 / 3, 1 / 3, 0.0]]))


def test_errors_of_a_place_are_forgotten_little_by_little_and_all_of_a_step_count() -> None:
    places = Places(4)
    places.note(torch.tensor([0, 0, 1]), torch.tensor([1.0, 3.0, 1.0]))
    torch.testing.assert_close(places.state()["errors"], torch.tensor([2.0, 1.0, -1.0, -1.0]))
    places.note(torch.tensor([0]), torch.tensor([102.0]))
    torch.testing.assert_close(places.state()["errors"], torch.tensor([4.0, 1.0, -1.0, -1.0]))


def test_broken_errors_of_places_are_passed_over() -> None:
    places = Places(4)
    places.note(torch.tensor([0, 1]), torch.tensor([float("nan"), 1.0]))
    assert places.state()["errors"].tolist() == [-1.0, 1.0, -1.0, -1.0]


def test_what_is_known_of_places_survives_and_belongs_to_as_many() -> None:
    places, again = Places(4), Places(4)
    places.note(torch.arange(4), torch.arange(4.0))
    again.load_state(places.state())
    assert torch.equal(again.shares(_SEEN), places.shares(_SEEN))
    with pytest.raises(ValueError, match="another division"):
        Places(5).load_state(places.state())
