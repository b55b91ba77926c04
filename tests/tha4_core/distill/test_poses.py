from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DistributedSampler

from tests.stand_ins import STAND_INS
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.poses import (
    BelievablePoses,
    DatasetPoses,
    held_out_poses,
    held_out_poses_at_the_ends,
    held_out_poses_of,
    read_pose_dataset,
)
from tha4_core.pose import NAMES, PARAMETERS, SIZE

LOW = torch.tensor([parameter.minimum for parameter in PARAMETERS])
HIGH = torch.tensor([parameter.maximum for parameter in PARAMETERS])
SPEECH = [NAMES.index(f"mouth_{shape}") for shape in ("aaa", "iii", "uuu", "eee", "ooo", "delta")]


@pytest.fixture(scope="module")
def many() -> torch.Tensor:
    stream = BelievablePoses(3)
    return torch.stack([stream(index) for index in range(3000)])


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**40))
def test_a_pose_is_known_by_its_seed_and_index(seed: int, index: int) -> None:
    pose = BelievablePoses(seed)(index)
    assert torch.equal(pose, BelievablePoses(seed)(index))
    assert pose.shape == (SIZE,)
    assert pose.dtype == torch.float32
    assert ((pose >= LOW) & (pose <= HIGH)).all()


def test_seeds_and_indices_give_other_poses() -> None:
    poses = torch.stack([BelievablePoses(seed)(index) for seed in (1, 2) for index in range(50)])
    moving = poses[poses.any(dim=1)]
    assert len(moving.unique(dim=0)) == len(moving)


def test_every_parameter_moves_and_reaches_its_ends(many: torch.Tensor) -> None:
    assert ((many == HIGH).sum(dim=0) > 20).all()
    two_way = LOW < 0
    assert ((many == LOW)[:, two_way].sum(dim=0) > 20).all()


def test_a_mouth_speaks_one_sound_or_a_blend_of_two(many: torch.Tensor) -> None:
    spoken = many[:, SPEECH]
    assert ((spoken > 0).sum(dim=1) <= 2).all()
    assert ((spoken > 0).sum(dim=1) == 2).any()
    assert (spoken.sum(dim=1) <= 1.0 + 1e-6).all()


def test_brows_and_eyes_are_of_few_groups_at_a_time(many: torch.Tensor) -> None:
    for category in ("eyebrow", "eye"):
        groups = {p.group for p in PARAMETERS if p.category == category}
        active = torch.stack(
            [many[:, [p.index for p in PARAMETERS if p.group == group]].any(dim=1) for group in sorted(groups)], dim=1
        )
        assert (active.sum(dim=1) <= 2).all()
        assert active.any(dim=0).all()


def test_the_body_follows_the_head(many: torch.Tensor) -> None:
    turns = torch.corrcoef(many[:, [NAMES.index("head_y"), NAMES.index("body_y")]].T)
    assert 0.2 < turns[0, 1] < 0.9


def test_the_wanted_share_of_poses_is_at_the_ends_of_all_rotations() -> None:
    turns = [NAMES.index(name) for name in ("head_x", "head_y", "neck_z", "body_y", "body_z")]
    stream = BelievablePoses(3, corners=0.25)
    poses = torch.stack([stream(index) for index in range(2000)])[:, turns]
    corners = poses[(poses.abs() == 1).all(dim=1)]
    assert 0.2 < len(corners) / len(poses) < 0.3
    assert len(corners.unique(dim=0)) == 2**5


def test_held_out_poses_are_fixed_and_in_no_training() -> None:
    poses = held_out_poses(20)
    assert not poses[0].any()
    assert torch.equal(poses[:5], held_out_poses(5))
    trained = torch.stack([BelievablePoses(seed)(i) for seed in (0, 2**64 - 1) for i in range(200)])
    assert not any((trained == pose).all(dim=1).any() for pose in poses[1:])


def test_held_out_poses_of_a_group_move_nothing_else() -> None:
    poses = held_out_poses_of(("mouth",), 10)
    mouth = torch.tensor([parameter.category == "mouth" for parameter in PARAMETERS])
    assert poses[:, mouth].any(dim=1).all()
    assert not poses[:, ~mouth].any()


def test_held_out_poses_at_the_ends_have_all_rotations_there_at_once() -> None:
    poses = held_out_poses_at_the_ends(40)
    turned = torch.tensor([name in ("head_x", "head_y", "neck_z", "body_y", "body_z") for name in NAMES])
    assert (poses[:, turned].abs() == 1.0).all()
    assert len({tuple(pose) for pose in poses[:, turned].tolist()}) > 16
    assert len({tuple(pose) for pose in poses.tolist()}) == 40


@pytest.mark.parametrize("epoch", [0, 1, 5])
def test_a_data_set_is_permuted_as_the_published_sampler_does(epoch: int) -> None:
    poses = torch.rand(27, SIZE)
    stream = DatasetPoses(poses, batch=8)
    sampler: DistributedSampler[torch.Tensor] = DistributedSampler(poses, num_replicas=1, rank=0, seed=0)  # type: ignore[arg-type]
    sampler.set_epoch(epoch)
    order = list(sampler)[:24]  # the incomplete batch is dropped
    for place, number in enumerate(order):
        assert torch.equal(stream(24 * epoch + place), poses[number])


@pytest.mark.parametrize("wrap", [lambda poses: poses, lambda poses: [poses], lambda poses: (poses, poses[:, :1])])
def test_a_data_set_is_a_tensor_or_a_list_whose_first_is_poses(wrap: object, tmp_path: Path) -> None:
    assert callable(wrap)
    poses = torch.rand(9, SIZE)
    torch.save(wrap(poses), tmp_path / "poses.pt")
    torch.testing.assert_close(read_pose_dataset(tmp_path / "poses.pt"), poses)


class _Anything:
    pass


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (torch.rand(4, 44), "must hold poses of N x 45 numbers"),
        (torch.rand(0, 45), "must hold poses of N x 45 numbers"),
        ([torch.rand(4, 45), torch.rand(3, 45)], "a list of tensors of one length"),
        ([], "a list of tensors of one length"),
        (torch.full((4, 45), float("nan")), "no finite numbers"),
        ({"poses": 1}, "must hold poses"),
        (_Anything(), "never run"),
    ],
)
def test_what_is_no_data_set_is_one_sentence(content: object, sentence: str, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "poses.pt")
    with pytest.raises(DistillationError, match=sentence):
        read_pose_dataset(tmp_path / "poses.pt")


def test_a_damaged_or_missing_data_set_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "poses.pt").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(DistillationError, match="damaged or cut short"):
        read_pose_dataset(tmp_path / "poses.pt")
    with pytest.raises(DistillationError, match="could not be read"):
        read_pose_dataset(tmp_path / "nowhere.pt")


@pytest.mark.parametrize("content", STAND_INS)
def test_what_a_failed_download_leaves_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "poses.pt").write_bytes(content)
    with pytest.raises(DistillationError, match="not the file itself: download it again"):
        read_pose_dataset(tmp_path / "poses.pt")


def test_poses_in_the_old_form_and_in_half_precision_are_read(tmp_path: Path) -> None:
    poses = torch.rand(9, SIZE).half()
    torch.save(poses, tmp_path / "poses.pt", _use_new_zipfile_serialization=False)
    assert torch.equal(read_pose_dataset(tmp_path / "poses.pt"), poses.float())
