"""The stores of teacher frames: which frames they hold, and that these are the teacher's."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.moving_teacher import MovingTeacher
from tha4_core.distill.frame_store import BodyFrames, FaceFrames, Rolling
from tha4_core.distill.poses import BelievablePoses
from tha4_core.student import FACE_EDGE, paste_face, position_grid, warp


@pytest.fixture
def frames(teacher: MovingTeacher) -> BodyFrames:
    store = BodyFrames(teacher, BelievablePoses(4), capacity=2, device=torch.device("cpu"))
    store.rolling.ask_until(3)
    return store


@given(capacity=st.integers(1, 6), counts=st.lists(st.integers(0, 20), max_size=5))
def test_a_store_holds_the_newest_frames_however_they_were_asked_for(capacity: int, counts: list[int]) -> None:
    held: dict[int, int] = {}
    rolling = Rolling(capacity, lambda frame, slot: held.update({slot: frame}))
    for count in counts:
        rolling.ask_until(count)
    asked = max(counts, default=0)
    assert rolling.asked == asked
    assert len(rolling) == min(asked, capacity) == len(held)
    assert sorted(held.values()) == list(range(max(0, asked - capacity), asked))


@given(capacity=st.integers(1, 6), count=st.integers(0, 20))
def test_a_restored_store_holds_the_same_frames_in_the_same_slots(capacity: int, count: int) -> None:
    first: dict[int, int] = {}
    again: dict[int, int] = {}
    asked = Rolling(capacity, lambda frame, slot: first.update({slot: frame}))
    asked.ask_until(count)
    restored = Rolling(capacity, lambda frame, slot: again.update({slot: frame}))
    restored.restore(count)
    assert not again, "nothing is asked for before it is needed"
    restored.ask_until(count)
    assert (again, restored.asked) == (first, count)


def test_the_oldest_frame_makes_room(frames: BodyFrames) -> None:
    assert len(frames) == 2
    torch.testing.assert_close(frames.poses, torch.stack([BelievablePoses(4)(2), BelievablePoses(4)(1)]))


def test_windows_are_the_teachers_pictures(teacher: MovingTeacher, frames: BodyFrames) -> None:
    made = teacher.pose(frames.poses[1:2])
    cut = frames.windows(torch.tensor([1]), torch.tensor([[100, 200]]), 32)[:, 0]  # (11, 32, 32)

    def part(picture: Tensor) -> Tensor:
        return picture[0, :, 100:132, 200:232]

    wanted = torch.cat([part(made.flow), part(made.alpha), part(made.direct), part(made.final)])
    torch.testing.assert_close(cut, wanted, atol=1e-3, rtol=1e-3)


def test_what_a_flow_samples_is_the_drawing_with_the_posed_face(teacher: MovingTeacher, frames: BodyFrames) -> None:
    flow = teacher.pose(frames.poses[:2]).flow + 0.05 * torch.randn(2, 2, 512, 512)
    sources = paste_face(teacher.image.expand(2, -1, -1, -1), frames.faces.float())
    grid = (position_grid(512) + flow).permute(0, 2, 3, 1)
    made = frames.sampled(torch.tensor([0, 1]), grid).transpose(0, 1)
    torch.testing.assert_close(made, warp(sources, flow), atol=2e-4, rtol=0.0)


def test_what_is_seen_is_seen_on_the_coarse_grid(teacher: MovingTeacher, frames: BodyFrames) -> None:
    alpha = teacher.pose(frames.poses[:1]).final[0, 3]
    cells = (alpha > -0.9).view(128, 4, 128, 4).any(dim=3).any(dim=1)
    assert frames.seen[0][cells].all()


def test_faces_are_the_teachers(teacher: MovingTeacher) -> None:
    store = FaceFrames(teacher, BelievablePoses(4), capacity=3, device=torch.device("cpu"))
    store.rolling.ask_until(2)
    wanted = teacher.pose_face(store.poses[:2]).flatten(2)
    torch.testing.assert_close(store.faces[:2].float(), wanted, atol=1e-3, rtol=1e-3)
    assert store.faces.shape == (3, 4, FACE_EDGE * FACE_EDGE)
