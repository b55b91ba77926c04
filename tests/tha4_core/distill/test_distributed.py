from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.tha4_core.distill import tiny_distillation
from tests.torchrun import run_in_processes
from tha4_core.distill.distributed import World, alone, joined_world
from tha4_core.distill.errors import DistillationError


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_processes_share_a_batch_without_gap_or_overlap(size: int) -> None:
    shares = [World(rank, size, torch.device("cpu")).share(16, 8) for rank in range(size)]
    assert sorted(index for share in shares for index in share) == list(range(16, 24))
    assert len({len(share) for share in shares}) == 1


def test_a_batch_that_cannot_be_shared_is_one_sentence() -> None:
    with pytest.raises(DistillationError, match="batch of 8 cannot be shared by 3 processes"):
        World(0, 3, torch.device("cpu")).share(0, 8)


def test_alone_nothing_is_averaged_and_everything_agreed() -> None:
    tensor = torch.tensor([1.0, 2.0])
    alone().average([tensor])
    assert tensor.tolist() == [1.0, 2.0]
    assert alone().agree(3.5) == 3.5


def test_without_torchrun_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined_world("cpu") as world:
        assert world == alone()
        assert world.leads


@pytest.mark.slow
def test_two_processes_learn_what_one_learns_up_to_rounding(tmp_path: Path) -> None:
    for folder in ("alone", "shared"):
        (tmp_path / folder).mkdir()
    threads = torch.get_num_threads()
    tiny_distillation.main(tmp_path / "alone")
    torch.set_num_threads(threads)
    run_in_processes(2, tiny_distillation.__name__, tmp_path / "shared")
    one_process, two_processes = (
        torch.load(tmp_path / name / "weights.pt", weights_only=True) for name in ("alone", "shared")
    )
    for one, two in zip(one_process, two_processes, strict=True):
        for name, tensor in one.items():
            torch.testing.assert_close(two[name], tensor, rtol=1e-3, atol=5e-5)
