"""What is still wrong is learned from more often, and what was never looked at as often as others."""

from __future__ import annotations

import pytest
import torch

from tha4_core.distill.difficulty import Difficulty
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
