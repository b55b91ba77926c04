from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tha4_core.character import (
    Character,
    CharacterError,
    CharacterInfo,
    load_character,
    parse_single_file,
    save_character,
)
from tha4_core.character.credits import CREDITS, Credit
from tha4_core.character.single_file import MAX_FILE_BYTES
from tha4_core.errors import UserError
from tha4_core.picture.region import Region


@pytest.fixture
def path(character: Character, tmp_path: Path) -> Path:
    save_character(character, tmp_path / "blob.tha4")
    return tmp_path / "blob.tha4"


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, changes: dict[str, bytes | None], compression: int = zipfile.ZIP_STORED) -> None:
    content = {**members(path), **changes}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            if data is not None:
                archive.writestr(name, data)


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_character(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_saving_and_loading_keeps_everything(tmp_path: Path, character: Character) -> None:
    info = CharacterInfo(
        name="Ünïcode 猫",
        author="A. Nobody",
        licence="CC0-1.0",
        head_view=Region(100, 20, 256, 256),
        provenance={"teacher": "rig", "steps": 10},
        quality={"psnr": 31.5},
        expressions={"joy": {"mouth_raised_corner": 1.0, "eye_happy_wink_left": 0.5}},
    )
    save_character(replace(character, info=info), tmp_path / "a.tha4")
    again = load_character(tmp_path / "a.tha4")
    assert again.info == info
    assert again.image_png == character.image_png
    for name, array in character.body_morpher.items():
        np.testing.assert_array_equal(again.body_morpher[name], array)


def test_both_forms_hold_the_same_character(tmp_path: Path, lambda_00: Path) -> None:
    official = load_character(lambda_00)
    save_character(official, tmp_path / "a.tha4")
    save_character(load_character(tmp_path / "a.tha4"), tmp_path / "back")
    back = load_character(tmp_path / "back")
    assert (back.digest, back.info) == (official.digest, official.info)
    assert (tmp_path / "back" / "character.png").read_bytes() == (lambda_00 / "character.png").read_bytes()


def test_the_same_character_gives_the_same_bytes(character: Character, path: Path, tmp_path: Path) -> None:
    save_character(character, tmp_path / "again.tha4")
    assert (tmp_path / "again.tha4").read_bytes() == path.read_bytes()


def test_it_is_a_stored_zip_of_the_documented_members(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.namelist() == [
            "character.json",
            "character.png",
            "face_morpher.safetensors",
            "body_morpher.safetensors",
            "preview.png",
        ]


def test_the_preview_is_a_small_picture(path: Path) -> None:
    assert Image.open(io.BytesIO(members(path)["preview.png"])).size == (256, 256)


def test_loading_needs_no_torch(path: Path) -> None:
    program = f"import sys; from tha4_core.character import load_character; load_character({str(path)!r}); "
    program += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.floats(0, 1), st.binary(min_size=1, max_size=64))
def test_damage_anywhere_is_either_refused_or_harmless(path: Path, place: float, noise: bytes) -> None:
    good = path.read_bytes()
    start = int(place * (len(good) - len(noise)))
    damaged = path.with_name("damaged.tha4")
    damaged.write_bytes(good[:start] + noise + good[start + len(noise) :])
    try:
        again = load_character(damaged)
    except UserError:
        return
    assert again.digest == load_character(path).digest


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.999])
def test_a_truncated_file_is_refused(path: Path, kept: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    assert "is not a character file, or is damaged or cut short" in refusal(path)


@pytest.mark.parametrize("name", ["character.json", "character.png", "face_morpher.safetensors"])
def test_a_missing_member_is_named(path: Path, name: str) -> None:
    rewrite(path, {name: None})
    assert f"misses {name}" in refusal(path)


def test_packed_members_are_refused(path: Path) -> None:
    rewrite(path, {}, zipfile.ZIP_DEFLATED)
    sentence = refusal(path)
    assert "was zipped again by another program, but its members must be stored" in sentence
    assert "python3 tools/convert.py" in sentence


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("character.png", b"other")
    assert "two members named 'character.png'" in refusal(path)


@pytest.mark.parametrize("data", [b"", bytes(8), b"\xff" * 100, (1 << 60).to_bytes(8, "little") + b"{}"])
def test_broken_weights_are_refused(path: Path, data: bytes) -> None:
    rewrite(path, {"body_morpher.safetensors": data})
    assert "body_morpher.safetensors is not a safetensors file" in refusal(path)


def test_weights_of_a_wrong_shape_are_refused(path: Path, character: Character) -> None:
    wrong = {**character.face_morpher, "siren.last_linear.bias": np.zeros(7, np.float32)}
    rewrite(path, {"face_morpher.safetensors": safetensors.numpy.save(wrong)})
    assert "has shape (7,), but (4,) is needed" in refusal(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "else"}, '"format" must be "tha4-character"'),
        ({"version": 0}, '"version" must be a whole number from 1'),
        ({"version": True}, '"version" must be a whole number from 1'),
        ({"version": 99}, "has format version 99, but this program reads up to 3; update it"),
        ({"name": 5}, '"name" must be a text'),
        ({"name": "x" * 3000}, '"name" must be a text'),
        ({"provenance": []}, '"provenance" must be an object'),
        ({"head_view": [0, 0, 600, 1]}, '"head_view": region'),
    ],
)
def test_a_wrong_description_is_refused(path: Path, change: dict[str, Any], sentence: str) -> None:
    document = json.loads(members(path)["character.json"]) | change
    rewrite(path, {"character.json": json.dumps(document).encode()})
    assert sentence in refusal(path)


CREDIT = {"work": "w", "creator": "c", "licence": "l"}


def test_credits_travel_with_the_character(tmp_path: Path, character: Character) -> None:
    credit = Credit("networks", "Pramook Khungurn", "CC BY 4.0", "name him", "https://example.org")
    info = replace(character.info, provenance={"teacher": "t", CREDITS: [credit.to_json(), {**CREDIT, "more": 1}]})
    for target in (tmp_path / "hero.tha4", tmp_path / "hero"):
        save_character(replace(character, info=info), target)
        assert load_character(target).info.credits == (credit, Credit("w", "c", "l"))
    assert credit.line() == "networks by Pramook Khungurn, CC BY 4.0 (name him), https://example.org"


def test_a_character_of_old_names_nobody(character: Character) -> None:
    assert "credits" not in character.info.provenance
    assert character.info.credits == ()


@pytest.mark.parametrize(
    ("credits", "sentence"),
    [
        ({}, "must be a list of at most 16 objects"),
        ([CREDIT] * 17, "must be a list of at most 16"),
        (["text"], 'must hold objects with "work"'),
        ([{**CREDIT, "terms": "x" * 301}], 'at most 300 characters ("terms")'),
        ([{**CREDIT, "link": "a\nb"}], 'texts of one line and at most 300 characters ("link")'),
        ([{**CREDIT, "creator": ""}], 'must say the "creator" of each'),
        ([{**CREDIT, "work": 5}], 'characters ("work")'),
    ],
)
def test_credits_that_are_none_are_refused(path: Path, credits: object, sentence: str) -> None:
    document = json.loads(members(path)["character.json"]) | {"provenance": {"credits": credits}}
    rewrite(path, {"character.json": json.dumps(document).encode()})
    refused = refusal(path)
    assert '"credits" of "provenance" must' in refused
    assert sentence in refused


@pytest.mark.parametrize("text", [b"", b"[]", b"\xff", b"{" * 5000, b"[" * 100_000])
def test_a_description_that_is_no_json_object_is_refused(path: Path, text: bytes) -> None:
    rewrite(path, {"character.json": text})
    assert "character.json" in refusal(path)


@pytest.mark.parametrize(
    "expressions",
    [
        [],
        {"joy": 5},
        {"joy": {"mouth": 1}},
        {"joy": {"mouth_aaa": "1"}},
        {"joy": {"mouth_aaa": float("nan")}},
        {"joy": {"mouth_aaa": 10**400}},
        {"\ud800": {}},
        {"": {}},
        {"j" * 65: {}},
        {f"joy {number}": {} for number in range(257)},
    ],
)
def test_wrong_expressions_are_refused(path: Path, expressions: Any) -> None:
    rewrite(path, {"expressions.json": json.dumps(expressions).encode()})
    assert "expression" in refusal(path)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (b'{"quality": {"psnr": ' + b"9" * 5000 + b"}}", "a number of 5000 digits is too long"),
        (b'{"name": "\\ud800"}', "half of a surrogate pair"),
        (b'{"name": "\\uDFFF\\uD800"}', "half of a surrogate pair"),
        (b'{"name": "\xed\xa0\x80"}', "no UTF-8 text"),
        (b"[" * 100_000, "nests too deeply"),
    ],
)
def test_json_that_nothing_can_be_made_of_is_one_sentence(path: Path, text: bytes, part: str) -> None:
    rewrite(path, {"character.json": text})
    sentence = refusal(path)
    assert "character.json is not valid JSON" in sentence
    assert part in sentence


def test_json_may_begin_with_a_byte_order_mark_and_have_pairs_of_surrogates(path: Path) -> None:
    document = json.loads(members(path)["character.json"]) | {"name": "\U0001f431"}
    rewrite(path, {"character.json": b"\xef\xbb\xbf" + json.dumps(document).encode()})
    assert load_character(path).info.name == "\U0001f431"


def test_unknown_fields_and_members_are_ignored(path: Path, character: Character) -> None:
    document = json.loads(members(path)["character.json"]) | {"mood": "good"}
    rewrite(path, {"character.json": json.dumps(document).encode(), "extra.bin": b"x"})
    assert load_character(path).digest == character.digest


def test_a_failed_write_leaves_the_old_file_as_it_was(
    character: Character, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="could not be written: No space left on device"):
        save_character(replace(character, info=CharacterInfo(name="Other")), path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_bytes_are_read_as_the_file_is(path: Path, character: Character) -> None:
    assert parse_single_file(path.read_bytes(), "the file sent").digest == character.digest
    with pytest.raises(CharacterError, match=r"^the file sent is not a character file"):
        parse_single_file(b"PK\x03\x04 and no more", "the file sent")


def test_more_than_a_file_may_have_is_refused(path: Path) -> None:
    rewrite(path, {"extra.bin": bytes(MAX_FILE_BYTES)})
    assert "is larger than 16 MiB" in refusal(path)
    with pytest.raises(CharacterError, match="is larger than 16 MiB"):
        parse_single_file(path.read_bytes(), "the file sent")


def test_long_json_is_refused_before_it_is_parsed(path: Path) -> None:
    rewrite(path, {"expressions.json": b"[" + b"[]," * (1 << 19) + b"[]]"})
    assert "expressions.json is larger than 1 MiB" in refusal(path)


def test_many_members_are_refused_before_they_are_listed(path: Path) -> None:
    rewrite(path, {f"extra {number}": b"" for number in range(40)})
    assert "is not a character file: it has more than 32 members" in refusal(path)


def test_many_tensors_are_refused_before_they_are_listed(path: Path) -> None:
    many = {f"{number:05}": np.zeros(0, np.float32) for number in range(2000)}
    rewrite(path, {"body_morpher.safetensors": safetensors.numpy.save(many)})
    sentence = refusal(path)
    assert "body_morpher.safetensors has a header of" in sentence
    assert "but no body morpher's is longer than 64 KiB" in sentence


@pytest.mark.parametrize("content", [b"version https://git-lfs.github.com/spec/v1\noid", b"<!DOCTYPE html>\n<html>"])
def test_what_a_failed_download_leaves_is_named(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert "download it again" in refusal(path)
    with pytest.raises(CharacterError, match=r"^the file sent is a .*download it again"):
        parse_single_file(content, "the file sent")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)
    assert "it is a pipe, socket or device" in refusal(path)


def test_members_that_share_their_bytes_are_refused(path: Path) -> None:
    """A zip's directory may name the same bytes often: a small file that unpacks to a large one."""
    data = path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    size, start = struct.unpack("<II", data[end + 12 : end + 20])
    first = data[start:end][: 46 + len("character.json")]
    entry = bytearray(data[start:end][len(first) :][: 46 + len("character.png")])
    copies = b""
    for number in range(1000):
        entry[46:] = f"copy{number:09}".encode()
        copies += entry
    count = struct.unpack("<H", data[end + 10 : end + 12])[0] + 1000
    tail = struct.pack("<HHIIH", count, count, size + len(copies), start, 0)
    path.write_bytes(data[:end] + copies + b"PK\x05\x06\0\0\0\0" + tail)
    with zipfile.ZipFile(path) as archive:
        assert sum(member.file_size for member in archive.infolist()) > 2 * len(data)
    assert "is not a character file" in refusal(path)
