"""A directory of five ``.pt`` files: what is written is read, and what is not the teacher is refused in a sentence."""

from __future__ import annotations

import io
import pickle
import re
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from tests.stand_ins import STAND_INS
from tests.synthetic import synthetic_character
from tests.tha4_core.teacher.weight_folders import linked, refusal
from tha4_core.character import save_character
from tha4_core.character.weights import WeightsError
from tha4_core.teacher import Teacher
from tha4_core.teacher.checkpoints import iterate_networks, save_networks
from tha4_core.teacher.networks import NETWORKS, Networks


@pytest.fixture
def copied(released: Path, tmp_path: Path) -> Path:
    """The whole set, each file of which may be replaced."""
    return linked(released, tmp_path)


def replace(path: Path, data: bytes) -> Path:
    path.unlink()
    path.write_bytes(data)
    return path.parent


def replace_state(path: Path, change: str, value: object) -> Path:
    state = torch.load(path, weights_only=True)
    if value is None:
        del state[change]
    else:
        state[change] = value
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return replace(path, buffer.getvalue())


def test_what_our_modules_save_loads_with_every_value(networks: Networks, released: Path) -> None:
    names = []
    for name, network in iterate_networks(released):
        names.append(name)
        expected = networks.get_submodule(name).state_dict()
        state = network.state_dict()
        assert list(state) == list(expected)
        assert all(torch.equal(state[key], expected[key]) for key in expected)
        assert all(weight.requires_grad for weight in network.parameters())
    assert names == list(NETWORKS)
    assert {file.name for file in released.iterdir()} == {f"{name}.pt" for name in NETWORKS}


def test_saved_files_are_plain_state_dicts_as_the_official_programs_read_them(released: Path) -> None:
    state = torch.load(released / "face_morpher.pt", weights_only=True)
    assert isinstance(state, OrderedDict)
    NETWORKS["face_morpher"]().load_state_dict(state, strict=True)


def test_storages_of_another_device_and_the_old_format_are_read(copied: Path) -> None:
    buffer = io.BytesIO()
    torch.save(
        torch.load(copied / "eyebrow_decomposer.pt", weights_only=True), buffer, _use_new_zipfile_serialization=False
    )
    replace(copied / "eyebrow_decomposer.pt", buffer.getvalue())
    name, network = next(iterate_networks(copied))
    assert name == "eyebrow_decomposer"
    assert all(weight.device.type == "cpu" for weight in network.parameters())


def test_a_missing_directory_is_told_where_the_five_files_come_from(tmp_path: Path) -> None:
    sentence = refusal(tmp_path / "nowhere")
    for name in NETWORKS:
        assert f"{name}.pt" in sentence
    for word in (str(tmp_path / "nowhere"), "non-commercial", "talking-head-anime-4-demo", "data/tha4/"):
        assert word in sentence


def test_half_a_set_is_told_exactly_what_it_lacks(copied: Path) -> None:
    (copied / "body_morpher.pt").unlink()
    (copied / "upscaler.pt").unlink()
    assert "lacks body_morpher.pt and upscaler.pt of the teacher's five files" in refusal(copied)


def test_the_teacher_says_so_too(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="lacks"):
        Teacher.load(tmp_path)


def test_a_students_file_of_the_same_name_is_recognised(copied: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    student = tmp_path_factory.mktemp("student")
    save_character(synthetic_character(), student)
    replace(copied / "face_morpher.pt", (student / "face_morpher.pt").read_bytes())
    assert re.search(r"face_morpher\.pt belongs to a character, a distilled student", refusal(copied))
    (copied / "face_morpher.pt").unlink()
    (copied / "face_morpher.pt").symlink_to((copied / "eyebrow_decomposer.pt").resolve())
    replace(copied / "eyebrow_decomposer.pt", (student / "body_morpher.pt").read_bytes())
    assert "a distilled student" in refusal(copied)


def test_swapped_files_are_named(copied: Path) -> None:
    replace(copied / "eyebrow_decomposer.pt", (copied / "face_morpher.pt").read_bytes())
    assert "holds the teacher's face_morpher, not its eyebrow_decomposer" in refusal(copied)


def test_a_truncated_file_is_refused(copied: Path) -> None:
    data = (copied / "eyebrow_decomposer.pt").read_bytes()
    replace(copied / "eyebrow_decomposer.pt", data[: len(data) // 2])
    assert "eyebrow_decomposer.pt is not a PyTorch file of plain weights, or it is damaged or cut short" in refusal(
        copied
    )


@pytest.mark.parametrize("content", STAND_INS)
def test_what_a_failed_download_leaves_is_named(copied: Path, content: bytes) -> None:
    replace(copied / "eyebrow_decomposer.pt", content)
    assert "eyebrow_decomposer.pt is a" in refusal(copied)
    assert "not the file itself: download it again" in refusal(copied)


class Trap:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("plain_pickle", [False, True])
def test_code_in_a_file_is_refused_and_not_run(copied: Path, plain_pickle: bool) -> None:
    trap = copied / "sprung"
    buffer = io.BytesIO()
    if plain_pickle:
        pickle.dump({"weight": Trap(trap)}, buffer)
    else:
        torch.save({"weight": Trap(trap)}, buffer)
    assert "never run" in refusal(replace(copied / "eyebrow_decomposer.pt", buffer.getvalue()))
    assert not trap.exists()


@pytest.mark.parametrize(
    ("change", "value", "sentence"),
    [
        ("eyebrow_layer_alpha.0.bias", None, "it lacks tensor 'eyebrow_layer_alpha.0.bias' (1 missing, 0 unknown)"),
        ("module", torch.zeros(1), "it has an unknown tensor 'module' (0 missing, 1 unknown)"),
        ("eyebrow_layer_alpha.0.bias", torch.zeros(2), "has shape (2,), but (1,) is needed"),
        ("eyebrow_layer_alpha.0.bias", torch.zeros(1).half(), "is float16, but float32 is needed"),
        ("eyebrow_layer_alpha.0.bias", torch.tensor([torch.nan]), "holds NaN or infinity"),
        ("eyebrow_layer_alpha.0.bias", 3, "is not a plain tensor"),
    ],
)
def test_every_tensor_is_checked(copied: Path, change: str, value: object, sentence: str) -> None:
    assert sentence in refusal(replace_state(copied / "eyebrow_decomposer.pt", change, value))


def test_a_place_that_cannot_be_written_is_one_sentence(networks: Networks, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WeightsError, match="could not be written"):
        save_networks(networks, tmp_path / "file" / "tha4")
