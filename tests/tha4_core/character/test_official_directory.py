from __future__ import annotations

import io
import os
import pickle
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tha4_core.character import Character, CharacterError, load_character, save_character
from tha4_core.errors import UserError


@pytest.fixture
def directory(character: Character, tmp_path: Path) -> Path:
    save_character(character, tmp_path / "blob")
    return tmp_path / "blob"


def refusal(path: Path) -> str:
    """The one sentence that loading ``path`` is refused with."""
    with pytest.raises(UserError) as caught:
        load_character(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_published_characters_load(shared_tha4: Path, name: str) -> None:
    character = load_character(shared_tha4 / "reference" / name)
    assert character.info.name == name
    assert sum(array.size for array in character.face_morpher.values()) == 121_476
    assert sum(array.size for array in character.body_morpher.values()) == 331_567


def test_the_yaml_file_may_be_named_instead_of_the_directory(lambda_00: Path) -> None:
    assert load_character(lambda_00 / "character_model.yaml").digest == load_character(lambda_00).digest


def test_saving_and_loading_keeps_everything(character: Character, directory: Path) -> None:
    again = load_character(directory)
    assert (again.digest, again.info, again.image_png) == (character.digest, character.info, character.image_png)


def test_saved_files_are_plain_state_dicts_as_the_official_loader_reads_them(
    character: Character, directory: Path
) -> None:
    state = torch.load(directory / "body_morpher.pt", weights_only=True)
    assert type(state) is OrderedDict
    assert list(state) == list(character.body_morpher)
    assert all(tensor.dtype == torch.float32 for tensor in state.values())
    assert (directory / "character_model.yaml").read_text().splitlines() == [
        "character_image_file_name: character.png",
        "face_morpher_file_name: face_morpher.pt",
        "body_morpher_file_name: body_morpher.pt",
    ]


def test_saving_over_an_old_character_replaces_it_whole(directory: Path, lambda_00: Path) -> None:
    other = load_character(lambda_00)
    save_character(other, directory)
    assert load_character(directory).digest == other.digest


def test_nothing_temporary_is_left_behind(directory: Path) -> None:
    assert sorted(path.name for path in directory.iterdir()) == [
        "body_morpher.pt",
        "character.json",
        "character.png",
        "character_model.yaml",
        "face_morpher.pt",
    ]


class _Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (os.mkdir, (str(self.path),))


def test_code_in_a_pickle_is_refused_and_not_run(directory: Path, tmp_path: Path) -> None:
    torch.save({"siren.last_linear.bias": _Bomb(tmp_path / "owned")}, directory / "face_morpher.pt")
    assert "program code" in refusal(directory)
    (directory / "face_morpher.pt").write_bytes(pickle.dumps(_Bomb(tmp_path / "owned")))
    assert "face_morpher.pt is not a PyTorch file of plain weights" in refusal(directory)
    assert not (tmp_path / "owned").exists()


def test_swapped_files_are_recognised(directory: Path) -> None:
    shutil.copy(directory / "body_morpher.pt", directory / "face_morpher.pt")
    assert "holds a body morpher, but a face morpher is needed" in refusal(directory)


@pytest.mark.parametrize("kept", [0, 10, 5000, 400_000])
def test_a_truncated_file_is_refused(directory: Path, kept: int) -> None:
    path = directory / "face_morpher.pt"
    path.write_bytes(path.read_bytes()[:kept])
    assert "face_morpher.pt is not a PyTorch file of plain weights" in refusal(directory)


@pytest.mark.parametrize(
    "content",
    [[1, 2], {1: torch.zeros(1)}, torch.zeros(3), {"a": 5}, {"a": {"b": torch.zeros(1)}}],
    ids=["list", "numbered", "tensor", "number", "wrapped"],
)
def test_what_is_no_state_dict_is_refused(directory: Path, content: Any) -> None:
    torch.save(content, directory / "face_morpher.pt")
    assert str(directory / "face_morpher.pt") in refusal(directory)


def test_a_tensor_that_claims_more_than_its_file_holds_is_refused(character: Character, directory: Path) -> None:
    state: dict[str, Any] = {name: torch.from_numpy(array.copy()) for name, array in character.face_morpher.items()}
    state["siren.last_linear.bias"] = torch.zeros(1).expand(1 << 40)
    torch.save(state, directory / "face_morpher.pt")
    assert "'siren.last_linear.bias' is not a plain tensor" in refusal(directory)


def test_half_precision_weights_are_refused(character: Character, directory: Path) -> None:
    state = {name: torch.from_numpy(array.copy()).half() for name, array in character.face_morpher.items()}
    torch.save(state, directory / "face_morpher.pt")
    assert "is float16, but float32 is needed" in refusal(directory)


@pytest.mark.parametrize("size", [(256, 256), (512, 513)])
def test_a_picture_of_another_size_is_refused(directory: Path, size: tuple[int, int]) -> None:
    Image.new("RGBA", size).save(directory / "character.png")
    assert f"is {size[0]}x{size[1]} pixels" in refusal(directory)


def test_a_picture_without_alpha_is_refused(directory: Path) -> None:
    Image.new("RGB", (512, 512)).save(directory / "character.png")
    assert "has no alpha channel" in refusal(directory)


@pytest.mark.parametrize("name", ["character.png", "face_morpher.pt", "body_morpher.pt"])
def test_a_missing_file_is_named(directory: Path, name: str) -> None:
    (directory / name).unlink()
    assert f"{directory / name} could not be read" in refusal(directory)


def test_a_missing_character_says_what_to_give(tmp_path: Path) -> None:
    assert "does not exist; give a .tha4 file or a directory" in refusal(tmp_path / "nobody")
    assert "has no character_model.yaml" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "\ud800", "circle"])
def test_a_name_that_cannot_be_looked_at_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "circle").symlink_to("circle")
    assert "could not be read" in refusal(tmp_path / name)


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", "a: b", "character_image_file_name: 5", "{", "\x00", "a: *b", "!!python/x {}"]
)
def test_a_yaml_that_names_no_files_is_refused(directory: Path, text: str) -> None:
    (directory / "character_model.yaml").write_text(text)
    assert "character_model.yaml" in refusal(directory)


def test_a_yaml_may_not_lead_out_of_its_directory(directory: Path, tmp_path: Path) -> None:
    (directory / "character.png").rename(tmp_path / "outside.png")
    path = directory / "character_model.yaml"
    path.write_text(path.read_text().replace("character.png", "../outside.png"))
    assert "leads out of its directory" in refusal(directory)
    (directory / "link.png").symlink_to(tmp_path / "outside.png")
    path.write_text(path.read_text().replace("../outside.png", "link.png"))
    assert "leads out of its directory" in refusal(directory)


@pytest.mark.parametrize(
    "name", ["character.png", "face_morpher.pt", "character_model.yaml", "character.json", "expressions.json"]
)
def test_no_file_may_be_a_link_that_leads_out(directory: Path, tmp_path: Path, name: str) -> None:
    (directory / "expressions.json").write_text("{}")
    (directory / name).rename(tmp_path / "outside")
    (directory / name).symlink_to(tmp_path / "outside")
    assert f"{directory / name} leads out of its directory" in refusal(directory)
    (tmp_path / "outside").unlink()
    assert "leads out of its directory" in refusal(directory)


def test_links_within_the_directory_and_to_it_are_followed(
    character: Character, directory: Path, tmp_path: Path
) -> None:
    (directory / "face_morpher.pt").rename(directory / "other.pt")
    (directory / "face_morpher.pt").symlink_to("other.pt")
    (tmp_path / "link").symlink_to(directory)
    (tmp_path / "hero.yaml").symlink_to(directory / "character_model.yaml")
    assert load_character(tmp_path / "link").digest == character.digest
    assert load_character(tmp_path / "hero.yaml").digest == character.digest


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", ["character.png", "body_morpher.pt", "character_model.yaml", "character.json"])
def test_a_pipe_is_not_waited_for(directory: Path, name: str) -> None:
    (directory / name).unlink()
    os.mkfifo(directory / name)
    assert f"{name} could not be read: it is a pipe, socket or device" in refusal(directory)


@pytest.mark.parametrize("name", ["character.png", "body_morpher.pt", "character_model.yaml", "character.json"])
def test_what_a_failed_download_leaves_is_named(directory: Path, name: str) -> None:
    (directory / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n")
    assert f"{name} is a Git LFS pointer, not the file itself: download it again" in refusal(directory)
    (directory / name).write_text("<!DOCTYPE html>\n<html></html>")
    assert f"{name} is a web page" in refusal(directory)


def test_many_views_of_one_storage_are_refused_before_they_are_copied(directory: Path) -> None:
    whole = torch.zeros(1000, 1000)
    torch.save({f"{number}": whole.t() for number in range(200)}, directory / "face_morpher.pt")
    tracemalloc.start()
    assert "'1' is not a plain tensor of this file's own data" in refusal(directory)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * whole.nbytes


def test_a_few_bytes_that_ask_for_gigabytes_get_none(directory: Path) -> None:
    pickled = b"\x80\x02c__builtin__\nbytearray\n\x8a\x05\x00\x00\x00\x00\x02\x85R."
    with zipfile.ZipFile(directory / "face_morpher.pt", "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
    tracemalloc.start()
    assert "holds other objects ('__builtin__.bytearray')" in refusal(directory)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20


@pytest.mark.parametrize("place", [0, 8, 10, 20, 28, 46])
def test_a_damaged_zip_directory_is_one_sentence(directory: Path, place: int) -> None:
    data = bytearray((directory / "face_morpher.pt").read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + place : entry + place + 2] = b"\xff\xff"
    (directory / "face_morpher.pt").write_bytes(data)
    assert "face_morpher.pt is not a PyTorch file of plain weights, or it is damaged or cut short" in refusal(directory)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("x: &a 1", "anchors"),
        ("<<: {a: b}", "merge keys"),
        ("x: !!float x", "tags such as"),
        ("x: " + "9" * 500, "a number of 500 digits"),
        ("# " + "x" * 5000, "is larger than 4 KiB"),
        ("character_image_file_name: other.png", "is there a second time"),
    ],
)
def test_more_yaml_than_three_names_need_is_refused(directory: Path, line: str, part: str) -> None:
    path = directory / "character_model.yaml"
    path.write_text(path.read_text() + line + "\n")
    assert part in refusal(directory)


def test_dates_in_a_yaml_are_texts(character: Character, directory: Path) -> None:
    path = directory / "character_model.yaml"
    path.write_text(path.read_text() + "made: 2024-13-45\n")
    assert load_character(directory).digest == character.digest


def test_reading_needs_no_torch(directory: Path) -> None:
    program = f"import sys; from tha4_core.character import load_character; load_character({str(directory)!r}); "
    program += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_state_dict_saved_on_a_gpu_is_read_without_one(lambda_00: Path) -> None:
    # The published files' storages are tagged with a CUDA device; that they load at all is the test.
    weights = load_character(lambda_00).face_morpher
    assert all(isinstance(array, np.ndarray) for array in weights.values())


def test_a_target_that_cannot_be_written_is_one_sentence(character: Character, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CharacterError, match="could not be written"):
        save_character(character, tmp_path / "file" / "blob")


def test_buffers_of_saved_files_hold_no_more_than_the_weights(directory: Path) -> None:
    buffer = io.BytesIO((directory / "face_morpher.pt").read_bytes())
    assert len(buffer.getvalue()) < 500_000
