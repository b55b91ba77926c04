"""How many pictures a training keeps follows from the memory that it may have."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tha4_core.distill import room
from tha4_core.distill.body_recipe import BodySettings
from tha4_core.distill.frame_store import FRAME_BYTES, BodyFrames
from tha4_core.distill.poses import BelievablePoses
from tha4_core.distill.recipes import frames_kept
from tha4_core.distill.room import room_for_frames
from tha4_core.distill.run_directory import BODY, FACE

_CPU = torch.device("cpu")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine of 32 GB and four cores, two of them this program's; where it may say that less is allowed."""
    monkeypatch.setattr(room.psutil, "virtual_memory", lambda: SimpleNamespace(total=32 * 10**9))
    monkeypatch.setattr(room.os, "cpu_count", lambda: 4)
    monkeypatch.setattr(room.torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(room, "_LIMITS", (tmp_path / "limit",))
    return tmp_path / "limit"


def test_a_frame_is_as_large_as_it_is_said_to_be() -> None:
    frames = BodyFrames(MovingTeacher(), BelievablePoses(1), 2, _CPU)
    parts = (frames.pictures, frames.faces, frames.coarse, frames.seen)
    assert sum(part.nelement() * part.element_size() for part in parts) == 2 * FRAME_BYTES


def test_a_training_has_its_threads_part_of_the_memory(machine: Path) -> None:  # noqa: ARG001
    assert room_for_frames(_CPU) == int(0.4 * 16 * 10**9 / FRAME_BYTES)


@pytest.mark.parametrize(("text", "most"), [("8000000000\n", 8), ("max\n", 32), ("9223372036854771712\n", 32)])
def test_a_container_has_what_it_is_allowed(machine: Path, text: str, most: int) -> None:
    machine.write_text(text)
    assert room_for_frames(_CPU) == int(0.4 * most * 10**9 / 2 / FRAME_BYTES)


def test_a_gpu_has_its_own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.torch.cuda, "mem_get_info", lambda _: (1, 24 * 10**9))
    assert room_for_frames(torch.device("cuda")) == int(0.4 * 24 * 10**9 / FRAME_BYTES)


@pytest.mark.parametrize(("room_there", "kept"), [(3, 400), (700, 700), (10**6, 1200)])
def test_a_body_keeps_what_fits_but_never_too_few(monkeypatch: pytest.MonkeyPatch, room_there: int, kept: int) -> None:
    monkeypatch.setattr("tha4_core.distill.recipes.room_for_frames", lambda _: room_there)
    assert (BodySettings().capacity, BodySettings().frames) == (400, 1200)
    assert frames_kept(BODY, _CPU) == kept
    assert frames_kept(FACE, _CPU) is None
