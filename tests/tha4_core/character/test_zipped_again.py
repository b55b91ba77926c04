"""Character files that another program zipped again: whoever reads them says so; convert.py reads them, bounded."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tha4_core.character import Character, CharacterError, load_character, save_character
from tha4_core.character.single_file import MAX_FILE_BYTES
from tha4_core.character.zipped_again import store_again


@pytest.fixture
def contents(character: Character, tmp_path: Path) -> dict[str, bytes]:
    save_character(character, tmp_path / "hero.tha4")
    with zipfile.ZipFile(tmp_path / "hero.tha4") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(contents: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return buffer.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(CharacterError) as caught:
        store_again(data, "hero.tha4", MAX_FILE_BYTES)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_packed_members_are_stored_again(contents: dict[str, bytes]) -> None:
    stored = zipped(contents, zipfile.ZIP_STORED)
    assert store_again(zipped(contents), "hero.tha4", MAX_FILE_BYTES) == stored


def test_a_folder_and_what_a_mac_adds_is_left_out(contents: dict[str, bytes]) -> None:
    folder = {"hero/": b""} | {f"hero/{name}": content for name, content in contents.items()}
    folder |= {"__MACOSX/hero/._character.json": b"mac", "__MACOSX/._hero": b"mac"}
    stored = zipped(contents, zipfile.ZIP_STORED)
    assert store_again(zipped(folder), "hero.tha4", MAX_FILE_BYTES) == stored
    assert store_again(zipped(folder, zipfile.ZIP_STORED), "hero.tha4", MAX_FILE_BYTES) == stored


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_file_in_a_zip_of_its_own_is_taken_out(contents: dict[str, bytes], method: int) -> None:
    stored = zipped(contents, zipfile.ZIP_STORED)
    again = zipped({"hero.tha4": zipped(contents), "__MACOSX/._hero.tha4": b"mac"}, method)
    assert store_again(again, "hero.tha4", MAX_FILE_BYTES) == stored


def test_a_file_as_it_should_be_stays_as_it_is(contents: dict[str, bytes]) -> None:
    stored = zipped(contents | {"extra.bin": b"x"}, zipfile.ZIP_STORED)
    assert store_again(stored, "hero.tha4", MAX_FILE_BYTES) is stored


def test_loading_says_what_to_do_unless_it_may_be_zipped_again(
    character: Character, contents: dict[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "again.tha4"
    folder = {f"hero/{name}": content for name, content in contents.items()}
    for data in (zipped(contents), zipped(folder, zipfile.ZIP_STORED), zipped({"hero.tha4": zipped(contents)})):
        path.write_bytes(data)
        with pytest.raises(CharacterError, match=r"was zipped again by another program.*tools/convert\.py"):
            load_character(path)
        assert load_character(path, zipped_again=True).digest == character.digest


def test_more_than_a_file_may_have_is_not_unpacked() -> None:
    bomb = zipped({"character.json": b"{}", "character.png": bytes(MAX_FILE_BYTES)})
    assert len(bomb) < 100_000
    assert refusal(bomb) == "hero.tha4 unpacks to more than 16 MiB; no character does."
    assert "unpacks to more than 16 MiB" in refusal(zipped({"a.tha4": bytes(MAX_FILE_BYTES + 1)}))


def test_a_zip_of_a_zip_of_a_zip_ends(contents: dict[str, bytes]) -> None:
    data = zipped(contents)
    for _ in range(3):
        data = zipped({"hero.tha4": data})
    assert "was zipped more than once" in refusal(data)


def test_several_characters_are_none() -> None:
    assert "holds 2 characters" in refusal(zipped({"a/character.json": b"{}", "b/character.json": b"{}"}))


@pytest.mark.parametrize("place", [0, 26, 60, 1000])
def test_damage_is_one_sentence(contents: dict[str, bytes], place: int) -> None:
    data = bytearray(zipped(contents))
    data[place : place + 3] = b"\xff\xff\xff"
    assert "hero.tha4 is not a character file" in refusal(bytes(data))
