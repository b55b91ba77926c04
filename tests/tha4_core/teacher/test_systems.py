"""A folder's files say which teacher they are: THA4, or THA3 in one of its four modes; and what is mixed is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.tha4_core.teacher.weight_folders import linked, refusal
from tha4_core.teacher import Teacher
from tha4_core.teacher.checkpoints import load_networks, recognise
from tha4_core.teacher.systems import SYSTEMS, THA3_SEPARABLE, THA4
from tha4_core.teacher.tha3_networks import Tha3Networks


@pytest.fixture
def copied(separable_release: Path, tmp_path: Path) -> Path:
    """The whole set, each file of which may be replaced."""
    return linked(separable_release, tmp_path)


def replace(path: Path, state: dict[str, torch.Tensor]) -> None:
    path.unlink(missing_ok=True)
    torch.save(state, path)


def test_each_system_has_a_name_of_its_own() -> None:
    assert [system.name for system in SYSTEMS] == [
        "THA4",
        "THA3 standard_float",
        "THA3 separable_float",
        "THA3 standard_half",
        "THA3 separable_half",
    ]


def test_a_folder_of_tha3s_separable_files_is_recognised_and_loads_every_value(
    separable_networks: Tha3Networks, separable_release: Path
) -> None:
    assert recognise(separable_release) is THA3_SEPARABLE
    loaded = load_networks(separable_release)
    expected = separable_networks.state_dict()
    assert list(loaded.state_dict()) == list(expected)
    assert all(torch.equal(tensor, expected[key]) for key, tensor in loaded.state_dict().items())


def test_a_teacher_says_which_one_it_is(separable_release: Path) -> None:
    teacher = Teacher.load(separable_release)
    assert teacher.system.name == "THA3 separable_float"
    assert teacher.provenance["teacher"].startswith("THA3, the five networks of talking-head-anime-3 (separable_float)")


def test_half_precision_files_are_recognised_and_computed_in_float32(
    separable_networks: Tha3Networks, tmp_path: Path
) -> None:
    for name, network in separable_networks.named_children():
        replace(tmp_path / f"{name}.pt", {key: tensor.half() for key, tensor in network.state_dict().items()})
    assert recognise(tmp_path).name == "THA3 separable_half"
    weight = load_networks(tmp_path).get_submodule("editor").state_dict()["alpha_creator.0.weight"]
    assert weight.dtype == torch.float32
    assert torch.equal(weight, separable_networks.editor.state_dict()["alpha_creator.0.weight"].half().float())


def test_one_file_of_another_type_is_named(separable_networks: Tha3Networks, copied: Path) -> None:
    half = {key: tensor.half() for key, tensor in separable_networks.editor.state_dict().items()}
    replace(copied / "editor.pt", half)
    sentence = refusal(copied)
    assert "editor.pt" in sentence
    assert "is float16, but float32 is needed" in sentence


def test_a_file_of_another_variant_is_named(copied: Path) -> None:
    standard = THA4.networks["eyebrow_decomposer"]()
    replace(copied / "eyebrow_decomposer.pt", standard.state_dict())
    sentence = refusal(copied)
    assert "eyebrow_decomposer.pt is of THA4" in sentence
    assert "the rotator beside it is of THA3 separable_float: take all five files from one folder" in sentence


def test_two_teachers_in_one_folder_are_refused(copied: Path) -> None:
    (copied / "upscaler.pt").write_bytes(b"")
    sentence = refusal(copied)
    assert "holds files of two teachers, upscaler.pt of THA4 and" in sentence
    assert "two_algo_face_body_rotator.pt and editor.pt of THA3" in sentence


@pytest.mark.parametrize("lost", ["two_algo_face_body_rotator.pt", "face_morpher.pt"])
def test_half_a_set_is_told_exactly_what_it_lacks(copied: Path, lost: str) -> None:
    (copied / lost).unlink()
    sentence = refusal(copied)
    assert f"lacks {lost} of the teacher's five files (THA3 separable_float)" in sentence
    assert "CC BY 4.0" in sentence


def test_a_rotator_that_is_none_is_held_against_the_mode_that_nearly_everybody_has(copied: Path) -> None:
    replace(copied / "two_algo_face_body_rotator.pt", {"something": torch.zeros(1)})
    assert "is not the two_algo_face_body_rotator of the teacher THA3 separable_float: it lacks" in refusal(copied)


def test_swapped_files_are_named(separable_networks: Tha3Networks, copied: Path) -> None:
    replace(copied / "editor.pt", separable_networks.face_morpher.state_dict())
    assert "holds the teacher's face_morpher, not its editor" in refusal(copied)
