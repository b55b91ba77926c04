"""A training that is killed at any moment goes on as if nothing had been."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.tha4_core.distill import tiny_distillation
from tha4_core.distill.snapshots import load_snapshot

KILLS = 10


def start(folder: Path) -> BaseProcess:
    """A training in a process of its own: a copy of one that has imported all that it needs, which takes seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([tiny_distillation.__name__])
    process = context.Process(target=tiny_distillation.main, args=(folder,))
    process.start()
    return process


def finished(folder: Path) -> list[Tensor]:
    """What both networks have learned when a training in ``folder`` has come to its end."""
    process = start(folder)
    process.join(500)
    assert process.exitcode == 0
    networks: list[dict[str, Tensor]] = torch.load(folder / "weights.pt", weights_only=True)
    return [tensor for network in networks for tensor in network.values()]


@pytest.mark.slow
def test_kill_9_at_ten_random_moments_changes_nothing(tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    expected = finished(tmp_path / "whole")
    moments = random.Random(4)
    folder, kills, reached = tmp_path / "killed", 0, []
    while kills < KILLS:
        before = shown(folder)
        process = start(folder)
        # Wait until it trains; then the moment is anything from the middle of a step to the middle of a snapshot.
        while shown(folder) == before and process.is_alive():
            time.sleep(0.002)
        time.sleep(moments.uniform(0.0, 0.25))
        if not process.is_alive():  # it was through before it could be killed
            break
        process.kill()
        process.join()
        kills += 1
        reached.append(shown(folder))
    assert kills == KILLS
    assert reached == sorted(reached)  # nothing learned was lost
    for made, wanted in zip(finished(folder), expected, strict=True):
        assert torch.equal(made, wanted)


def shown(folder: Path) -> int:
    """Examples in the newest snapshots of both networks."""
    total = 0
    for name in ("face", "body"):
        snapshot = load_snapshot(folder / name) if (folder / name).is_dir() else None
        total += snapshot["training"]["examples"] if snapshot else 0
    return total
