"""What an engine in the game reads out of a character's file, against what the library reads; what it refuses."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import random
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

from tests.conftest import ROOT
from tests.godot.engine import SCENARIOS, Godot
from tests.synthetic import built_in_without_larger_drawing, random_networks, synthetic_character
from tha4_core.built_in import built_in_path
from tha4_core.character import Character, parse_single_file, save_character
from tha4_core.character.networks import NAMED, Networks, NetworksError
from tha4_core.character.weights import Weights
from tha4_core.errors import UserError
from tha4_core.picture.png import chunk
from tha4_core.visibility import EVERY_LEAN, SHAPE, Visibility

DESCRIPTION, FACE, BODY, VISIBILITY, PICTURE = (
    "character.json",
    "face_morpher.safetensors",
    "body_morpher.safetensors",
    "visibility.json",
    "character.png",
)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def stored(content: Mapping[str, bytes | None]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in content.items():
            if data is not None:
                archive.writestr(name, data)
    return buffer.getvalue()


def through_godot(godot: Godot, folder: Path, files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    run = godot.run_scenario(SCENARIOS / "networks.gd", {"folder": str(folder)}, timeout_s=120)
    # The engine itself remarks on a damaged PNG.
    assert run.code == 0, run.output
    assert "SCRIPT ERROR" not in run.output, run.output
    answers: dict[str, dict[str, Any]] = json.loads((run.folder / "answers.json").read_text())
    assert answers.keys() == files.keys()
    return answers


def sum_of(values: NDArray[Any]) -> str:
    return hashlib.md5(np.ascontiguousarray(values).tobytes()).hexdigest()


def layers(weights: Weights, names: list[str]) -> list[list[Any]]:
    return [
        [w.shape[1], w.shape[0], sum_of(w), sum_of(weights[f"{name}.bias"])]
        for name in names
        for w in [weights[f"{name}.weight"]]
    ]


def expected(character: Character) -> dict[str, Any]:
    face, body = (
        [name.removesuffix(".weight") for name in shapes if name.endswith(".weight")]
        for shapes in (character.networks.face_shapes, character.networks.body_shapes)
    )
    return {
        "error": "",
        "face": layers(character.face_morpher, face),
        "body": layers(character.body_morpher, [name for name in body if "heads" not in name]),
        "heads": layers(character.body_morpher, [name for name in body if "heads" in name]),
        "levels": [len(level.widths) for level in character.networks.body],
        "picture": sum_of(character.image),
        "resting": sum_of(character.image),
        "tiles": sum_of(character.visibility.tiles) if character.visibility else "",
    }


def with_part(png: bytes, kind: bytes, content: bytes) -> bytes:
    """A PNG with one more part behind its head."""
    return png[:33] + chunk(kind, content) + png[33:]


def made_up(folders: pytest.TempPathFactory, seed: int) -> bytes:
    """A character file of random networks, with a mask of everything."""
    character = synthetic_character(networks=random_networks(seed, summed=seed % 2 == 0))
    tiles = np.full(SHAPE, EVERY_LEAN, np.uint8)
    path = folders.mktemp("made_up") / "a.tha4"
    save_character(replace(character, visibility=Visibility(tiles, character.look, 1, 0, 3, 0)), path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("own")
    own = {f"{name}.tha4": built_in_without_larger_drawing(name, folder) for name in ("kohaku", "yunagi")}
    own["sharp.tha4"] = built_in_path("kohaku").read_bytes()
    parts = members(own["kohaku.tha4"])
    own["without_mask.tha4"] = stored(parts | {VISIBILITY: None})
    document = json.loads(parts[VISIBILITY])
    document |= {"version": 2, "tiles": document["tiles"][2]}
    own["one_mask.tha4"] = stored(parts | {VISIBILITY: json.dumps(document).encode()})
    # What a file says of its colours is not applied: the networks were trained on its bytes.
    for seed in range(4):
        own[f"networks_{seed}.tha4"] = made_up(tmp_path_factory, seed)
    own["gamma.tha4"] = stored(parts | {PICTURE: with_part(parts[PICTURE], b"gAMA", struct.pack(">I", 100000))})
    return own


def test_it_reads_what_the_library_reads(godot: Godot, tmp_path: Path, files: dict[str, bytes]) -> None:
    answers = through_godot(godot, tmp_path / "files", files)
    for name, data in files.items():
        assert answers[name] == expected(parse_single_file(data, name)), name


def head_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def with_head(head: object, data: bytes) -> bytes:
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + data


def changed_entry(data: bytes, name: str, **fields: object) -> bytes:
    head, numbers = head_of(data)
    head[name] |= fields
    return with_head(head, numbers)


def with_tensors(data: bytes, changes: Mapping[str, NDArray[Any] | None]) -> bytes:
    tensors = safetensors.numpy.load(data) | dict(changes)
    return safetensors.numpy.save({name: values for name, values in tensors.items() if values is not None})


def spoiled(data: bytes, value: float) -> bytes:
    values = np.array(safetensors.numpy.load(data)["last_linear.weight"])
    values.flat[100] = value
    return with_tensors(data, {"last_linear.weight": values})


def test_bad_files_give_one_sentence(godot: Godot, tmp_path: Path, files: dict[str, bytes]) -> None:
    whole = files["kohaku.tha4"]
    parts = members(whole)
    described = json.loads(parts[DESCRIPTION])
    face, body, mask = parts[FACE], parts[BODY], json.loads(parts[VISIBILITY])
    last = "last_linear.weight"
    narrow = np.zeros((4, 127, 1, 1), np.float32)
    cases: dict[str, tuple[str, bytes | dict[str, bytes | None]]] = {
        "cut": ("is not a character file", whole[: len(whole) // 2]),
        "no_face": (f"misses {FACE}", {FACE: None}),
        "no_picture": (f"misses {PICTURE}", {PICTURE: None}),
        "picture": ("the picture is not a PNG", {PICTURE: b"no"}),
        "empty": (f"{FACE} is not a safetensors file", {FACE: b""}),
        "long_head": ("is not a safetensors file", {FACE: b"\xff" * 7 + b"\x7f" + face[8:]}),
        "negative_head": ("is not a safetensors file", {FACE: b"\xff" * 8 + face[8:]}),
        "large_head": ("has a head of", {BODY: with_head({"__metadata__": {"x": "y" * 70000}}, b"")}),
        "no_json": ("is not a safetensors file", {BODY: (2).to_bytes(8, "little") + b"{]"}),
        "list": ("is not a safetensors file", {BODY: with_head([], b"")}),
        "entry": ("is not a safetensors file", {BODY: with_head(head_of(body)[0] | {last: 5}, head_of(body)[1])}),
        "cut_numbers": ("is not a safetensors file", {BODY: body[:-4]}),
        "more_numbers": ("is not a safetensors file", {BODY: body + bytes(4)}),
        "outside": ("is not a safetensors file", {BODY: changed_entry(body, last, data_offsets=[1 << 40, 1 << 41])}),
        "backwards": ("is not a safetensors file", {BODY: changed_entry(body, last, data_offsets=[4, 0])}),
        "fraction": ("is not a safetensors file", {BODY: changed_entry(body, last, data_offsets=[0.5, 2520.5])}),
        "shape": ("is not a safetensors file", {BODY: changed_entry(body, last, shape=[1 << 20] * 4)}),
        "deep_shape": ("is not a safetensors file", {BODY: changed_entry(body, last, shape=[7, 90, 1, 1, 1])}),
        "negative_shape": ("is not a safetensors file", {BODY: changed_entry(body, last, shape=[-7, -90, 1, 1])}),
        "type": ("of another type than float32", {BODY: changed_entry(body, last, dtype="I32")}),
        "nan": ('NaN or infinity in its tensor "last_linear.weight"', {BODY: spoiled(body, np.nan)}),
        "infinity": ("NaN or infinity", {BODY: spoiled(body, -np.inf)}),
        "turned": ("which does not fit", {BODY: changed_entry(body, last, shape=[90, 7, 1, 1])}),
        "swapped": ("misses the tensor", {FACE: body, BODY: face}),
        "without_bias": ("misses the tensor", {FACE: with_tensors(face, {"siren.last_linear.bias": None})}),
        "unknown": ('a tensor "x", which nobody', {FACE: with_tensors(face, {"x": np.zeros(3, np.float32)})}),
        "narrow": ("which does not fit", {FACE: with_tensors(face, {"siren.last_linear.weight": narrow})}),
        "five_channels": (
            "which does not fit",
            {
                FACE: with_tensors(
                    face,
                    {
                        "siren.last_linear.weight": np.zeros((5, 128, 1, 1), np.float32),
                        "siren.last_linear.bias": np.zeros(5, np.float32),
                    },
                )
            },
        ),
        "no_description": (f"misses {DESCRIPTION}", {DESCRIPTION: None}),
        "first_version": (
            '"networks" needs "version" 2',
            {DESCRIPTION: json.dumps(described | {"networks": NAMED["light"].to_json()}).encode()},
        ),
        "no_mask": (f"{VISIBILITY} is not a visibility mask", {VISIBILITY: b"{"}),
        "mask_text": (f"{VISIBILITY} is not a visibility mask", {VISIBILITY: b"\xff"}),
        "mask_version": ("does not know", {VISIBILITY: json.dumps(mask | {"version": 9}).encode()}),
        "mask_of_another": ("another character", {VISIBILITY: json.dumps(mask | {"character": "0"}).encode()}),
        "three_masks": ('has "tiles" that', {VISIBILITY: json.dumps(mask | {"tiles": mask["tiles"][1:]}).encode()}),
        "mask_rows": ('has "tiles" that', {VISIBILITY: json.dumps(mask | {"tiles": [["0" * 16] * 9] * 4}).encode()}),
        "mask_sign": ('has "tiles" that', {VISIBILITY: json.dumps(mask | {"tiles": [["-" * 16] * 128] * 4}).encode()}),
    }
    written = {
        f"{name}.tha4": case if isinstance(case, bytes) else stored(parts | case) for name, (_, case) in cases.items()
    }
    answers = through_godot(godot, tmp_path / "files", written)
    for name, (sentence, _) in cases.items():
        error = answers[f"{name}.tha4"]["error"]
        assert sentence in error, (name, error)
        assert error.endswith("."), name
        assert "\n" not in error, name


def test_malformed_descriptions_of_networks_give_the_librarys_sentence(
    godot: Godot, tmp_path: Path, files: dict[str, bytes]
) -> None:
    parts = members(files["networks_0.tha4"])
    described = json.loads(parts[DESCRIPTION])
    cases = json.loads((ROOT / "tests" / "networks_cases.json").read_text())["refused"]
    written = {
        f"{number}.tha4": stored(parts | {DESCRIPTION: json.dumps(described | {"networks": case["networks"]}).encode()})
        for number, case in enumerate(cases)
    }
    answers = through_godot(godot, tmp_path / "files", written)
    for number, case in enumerate(cases):
        with pytest.raises(NetworksError) as caught:
            Networks.from_json(case["networks"])
        assert answers[f"{number}.tha4"]["error"] == f": {DESCRIPTION}: {caught.value}"


def test_damaged_files_are_refused_or_read_as_the_library_reads_them(
    godot: Godot, tmp_path: Path, files: dict[str, bytes]
) -> None:
    source = random.Random(5)
    whole = files["kohaku.tha4"]
    heads = [whole.find(b'{"'), whole.find(b"face_morpher.safetensors"), whole.find(b"body_morpher.safetensors")]
    damaged: dict[str, bytes] = {}
    for number in range(40):
        changed = bytearray(whole)
        for _ in range(source.randint(1, 3)):
            near = source.choice([*heads, len(whole) - 700])
            changed[min(near + source.randint(0, 2600), len(whole) - 1)] = source.randint(0, 255)
        damaged[f"{number}.tha4"] = bytes(changed)
    answers = through_godot(godot, tmp_path / "files", damaged)
    for name, data in damaged.items():
        if answers[name]["error"]:
            assert "\n" not in answers[name]["error"]
            continue
        # The library also looks at what an engine in the game does not need.
        with contextlib.suppress(UserError):
            assert answers[name] == expected(parse_single_file(data, name))
