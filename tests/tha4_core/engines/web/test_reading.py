"""What the web engine reads out of a character's files, against what the library reads; what it refuses."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.conftest import ROOT
from tests.godot.test_character_networks import (
    BODY,
    DESCRIPTION,
    FACE,
    PICTURE,
    VISIBILITY,
    changed_entry,
    head_of,
    members,
    spoiled,
    stored,
    with_head,
    with_tensors,
)
from tests.node import run_node_tests
from tests.synthetic import built_in_without_larger_drawing, larger_picture, random_networks, synthetic_character
from tha4_core.built_in import built_in_path, default_character
from tha4_core.character import Character, load_character, save_character
from tha4_core.character.larger_drawing import FILE_NAME, packed
from tha4_core.character.networks import NAMED, PUBLISHED
from tha4_core.character.weights import Weights
from tha4_core.picture.png import chunk
from tha4_core.pose import PARAMETERS, as_pose
from tha4_core.visibility import EVERY_LEAN, SHAPE, Visibility
from tools.fuzzing.trial import Tally
from tools.fuzzing.web_trial import WEB, WebTrial
from tools.generate_web_parameters import main as generate

EXPRESSIONS = "expressions.json"
HERE = Path(__file__).parent


@cache
def larger() -> bytes:
    """The larger drawing of every made-up character."""
    return packed(larger_picture(1024), "it")


def expected(character: Character) -> dict[str, Any]:
    """What the reader must find."""
    info = character.info
    return {
        "name": info.name,
        "author": info.author,
        "licence": info.licence,
        "headRegion": list(info.head_view),
        "provenance": info.provenance,
        "quality": info.quality,
        "credits": [credit.to_json() for credit in info.credits],
        "expressions": info.expressions,
        "drawingEdge": 0 if character.drawing_hd is None else len(character.drawing_hd),
        "drawing": None if character.drawing_hd is None else hashlib.sha256(character.drawing_hd.tobytes()).hexdigest(),
        "summed": info.networks.summed,
        "grids": [level.grid for level in (info.networks.face, *info.networks.body)],
        "picture": hashlib.sha256(character.image.tobytes()).hexdigest(),
        "masks": None
        if character.visibility is None
        else hashlib.sha256(character.visibility.tiles.tobytes()).hexdigest(),
        "weights": sum_of(character.face_morpher, info.networks.face_shapes)
        + sum_of(character.body_morpher, info.networks.body_shapes),
    }


def sum_of(weights: Weights, names: Mapping[str, object]) -> list[str]:
    return [hashlib.sha256(weights[name].tobytes()).hexdigest() for name in names]


def write_cases(folder: Path, cases: Mapping[str, tuple[object, bytes]]) -> None:
    """Files, and in ``expected.json`` what is said of each."""
    folder.mkdir()
    for name, (_, data) in cases.items():
        (folder / name).write_bytes(data)
    (folder / "expected.json").write_text(json.dumps({name: what for name, (what, _) in cases.items()}))


def test_it_reads_what_the_library_reads(tmp_path: Path) -> None:
    own = {name: built_in_without_larger_drawing(name, tmp_path) for name in ("yunagi", "kohaku")}
    own["sharp"] = built_in_path("kohaku").read_bytes()
    parts = members(own["yunagi"])
    gamma = parts[PICTURE][:33] + chunk(b"gAMA", struct.pack(">I", 100000)) + parts[PICTURE][33:]
    own["gamma"] = stored(parts | {PICTURE: gamma})
    made_up = replace(
        synthetic_character(networks=random_networks(3)).info,
        expressions={"joy": {"mouth_aaa": 0.5, "eye_wink": 1.0}, "__proto__": {"head_x": -1.0}},
        provenance={"credits": [{"work": "W", "creator": "C", "licence": "L", "link": "https://example.org"}]},
    )
    for seed in range(3, 7):
        character = synthetic_character(networks=random_networks(seed))
        if seed == 3:
            character = replace(character, info=replace(made_up, networks=character.networks))
        if seed == 4:
            tiles = np.random.default_rng(4).integers(0, EVERY_LEAN + 1, SHAPE, np.uint8)
            character = replace(character, visibility=Visibility(tiles, character.look, 1, 1, 3, 4))
        if seed == 5:
            character = replace(character, drawing_hd_png=larger())
        save_character(character, tmp_path / "made_up.tha4")
        own[f"networks_{seed}"] = (tmp_path / "made_up.tha4").read_bytes()
    cases: dict[str, tuple[object, bytes]] = {}
    for name, data in own.items():
        (tmp_path / "whole.tha4").write_bytes(data)
        cases[f"{name}.tha4"] = expected(load_character(tmp_path / "whole.tha4")), data
    write_cases(tmp_path / "cases", cases)
    (tmp_path / "cases" / "hero").mkdir()
    save_character(replace(default_character(), drawing_hd_png=None), tmp_path / "cases" / "hero")
    (tmp_path / "cases" / "hero" / FILE_NAME).write_bytes(larger())
    run_node_tests([HERE / "reading.test.js"], CASES=str(tmp_path / "cases"))


def test_bad_files_give_one_sentence(tmp_path: Path) -> None:
    whole = built_in_without_larger_drawing("yunagi", tmp_path)
    parts = members(whole)
    described = json.loads(parts[DESCRIPTION])
    face, body, mask = parts[FACE], parts[BODY], json.loads(parts[VISIBILITY])
    picture = parts[PICTURE]
    last = "last_linear.weight"
    damaged = "is not a safetensors file"

    def said(**fields: object) -> dict[str, bytes]:
        return {DESCRIPTION: json.dumps(described | fields).encode()}

    def with_size(width: int, height: int, mode: int = 6) -> bytes:
        return picture[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, mode, 0, 0, 0)) + picture[33:]

    cases: dict[str, tuple[str, bytes | dict[str, bytes]]] = {
        "cut": ("damaged or cut short", whole[: len(whole) // 2]),
        "empty": ("damaged or cut short", b""),
        "pointer": ("Git LFS pointer", b"version https://git-lfs.github.com/spec/v1\n"),
        "page": ("is a web page", b"<!DOCTYPE html><html>"),
        "large": ("larger than 16 MiB", bytes((16 << 20) + 1)),
        "flipped": ("damaged or cut short", whole.replace(face[-64:], face[-32:] * 2)),
        "in_a_folder": ("zipped again", stored({f"hero/{name}": data for name, data in parts.items()})),
        "members": ("more than 32 members", stored(parts | {f"{n}": b"" for n in range(40)})),
        "no_picture": (f"misses {PICTURE}", stored({n: d for n, d in parts.items() if n != PICTURE})),
        "no_png": ("is not a PNG", {PICTURE: b"no"}),
        "size": ("is 513x512 pixels", {PICTURE: with_size(513, 512)}),
        "vast": ("is 4294967295x", {PICTURE: with_size(0xFFFFFFFF, 0xFFFFFFFF)}),
        "grey": ("no alpha channel", {PICTURE: with_size(512, 512, 0)}),
        "no_pixels": ("has no pixels", {PICTURE: picture[:33]}),
        "half_a_picture": ("is damaged (it is cut short)", {PICTURE: picture[: len(picture) // 2]}),
        "bomb": ("cannot be unpacked", {PICTURE: picture[:33] + chunk(b"IDAT", bomb()) + chunk(b"IEND", b"")}),
        "no_head": (damaged, {FACE: b""}),
        "long_head": (damaged, {FACE: b"\xff" * 7 + b"\x7f" + face[8:]}),
        "large_head": ("has a head of", {BODY: with_head({"__metadata__": {"x": "y" * 70000}}, b"")}),
        "no_json": (damaged, {BODY: (2).to_bytes(8, "little") + b"{]"}),
        "entry": (damaged, {BODY: with_head(head_of(body)[0] | {last: 5}, head_of(body)[1])}),
        "cut_numbers": (damaged, {BODY: body[:-4]}),
        "more_numbers": (damaged, {BODY: body + bytes(4)}),
        "outside": (damaged, {BODY: changed_entry(body, last, data_offsets=[1 << 40, 1 << 41])}),
        "fraction": (damaged, {BODY: changed_entry(body, last, data_offsets=[0.5, 2520.5])}),
        "shape": (damaged, {BODY: changed_entry(body, last, shape=[1 << 20] * 4)}),
        "type": ("of another type than float32", {BODY: changed_entry(body, last, dtype="I32")}),
        "nan": ("NaN or infinity", {BODY: spoiled(body, np.nan)}),
        "turned": ("has shape (90, 7, 1, 1)", {BODY: changed_entry(body, last, shape=[90, 7, 1, 1])}),
        "swapped": ("are the two files swapped?", {FACE: body, BODY: face}),
        "unknown": ("unknown tensor 'x'", {FACE: with_tensors(face, {"x": np.zeros(3, np.float32)})}),
        "no_bias": ("misses tensor", {FACE: with_tensors(face, {"siren.last_linear.bias": None})}),
        "format": ('"format" must be', said(format="x")),
        "version": ("reads up to 3", said(version=4)),
        "drawing_version": ('"drawing_hd" needs "version" 3', said(drawing_hd=1024)),
        "drawing_edge": ('"drawing_hd" must be 1024 or 2048', said(version=3, drawing_hd=1000)),
        "no_drawing": (
            f'holds no {FILE_NAME}, but character.json has "drawing_hd": 1024',
            said(version=3, drawing_hd=1024),
        ),
        "unnamed_drawing": ('of 1024 pixels, but character.json has no "drawing_hd"', {FILE_NAME: larger()}),
        "small_drawing": ("a character's larger drawing must be 1024x1024 or 2048x2048", {FILE_NAME: picture}),
        "first_version": ('"networks" needs "version" 2', said(networks=NAMED["light"].to_json())),
        "name": ('"name" must be a text', said(name=5)),
        "null_name": ('"name" must be a text', said(name=None)),
        "head_view": ('"head_view" must be', said(head_view=[0, 0, 513, 1])),
        "credits": ('must say the "creator"', said(provenance={"credits": [{"work": "x", "licence": "y"}]})),
        "deep": ("is not valid JSON", {DESCRIPTION: b"[" * 100000}),
        "no_text": ("no UTF-8 text", {DESCRIPTION: b"\xff"}),
        "expression": ("no pose parameter named 'tail'", {EXPRESSIONS: b'{"joy": {"tail": 1}}'}),
        "far_expression": ("must be a finite number", {EXPRESSIONS: b'{"joy": {"mouth_aaa": 1e999}}'}),
        "no_mask": ("is not valid JSON", {VISIBILITY: b"{"}),
        "mask_version": ("does not know", {VISIBILITY: json.dumps(mask | {"version": 9}).encode()}),
        "mask_of_another": ("another character", {VISIBILITY: json.dumps(mask | {"character": "0"}).encode()}),
        "mask_rows": ('"tiles" must be', {VISIBILITY: json.dumps(mask | {"tiles": [["-" * 16] * 128] * 4}).encode()}),
    }
    written = {
        f"{name}.tha4": (words, data if isinstance(data, bytes) else stored(parts | data))
        for name, (words, data) in cases.items()
    }
    write_cases(tmp_path / "cases", written)
    described |= {"version": 2}
    networks = json.loads((ROOT / "tests" / "networks_cases.json").read_text())["refused"]
    yaml = json.loads((ROOT / "tests" / "yaml_cases.json").read_text(encoding="utf-8"))
    (tmp_path / "cases" / "tables.json").write_text(json.dumps({"networks": networks, "yaml": yaml}))
    run_node_tests([HERE / "refusing.test.js"], CASES=str(tmp_path / "cases"))


def bomb() -> bytes:
    """A packed picture far larger than it may be."""
    return zlib.compress(bytes(64 << 20))


def test_the_parameters_are_the_librarys(tmp_path: Path) -> None:
    assert generate(["--check"]) == 0
    wanted = [[p.name, p.group, p.category, p.minimum, p.maximum, p.description] for p in PARAMETERS]
    values = np.random.default_rng(2).normal(0, 2, len(PARAMETERS))
    document = {"parameters": wanted, "values": values.tolist(), "clamped": as_pose(values).tolist()}
    (tmp_path / "pose.json").write_text(json.dumps(document))
    run_node_tests([HERE / "pose.test.js"], CASES=str(tmp_path))


def test_tensors_of_other_shapes_and_kinds_are_refused_without_being_run(tmp_path: Path) -> None:
    named = {name: torch.zeros(shape) for name, shape in PUBLISHED.face_shapes.items()}
    kinds: dict[str, tuple[str, object]] = {
        "plain.pt": ("", named),
        "turned.pt": ("", named | {"siren.last_linear.weight": torch.zeros(128, 4, 1, 1).transpose(0, 1)}),
        "parameters.pt": ("", {name: torch.nn.Parameter(tensor) for name, tensor in named.items()}),
        "half.pt": ("is float16, but float32 is needed", {"x": torch.zeros(3, dtype=torch.float16)}),
        "view.pt": ("is not a plain tensor", {"x": torch.zeros(1).expand(10_000_000)}),
        "number.pt": ("is not a plain tensor", {"x": 5}),
        "list.pt": ("must hold a mapping", [torch.zeros(1)]),
        "program.pt": (f"holds other objects ('{os.name}.system')", _Program()),
        "nan.pt": ("NaN or infinity", {"x": torch.tensor([float("nan")])}),
    }
    for name, (_, value) in kinds.items():
        torch.save(value, tmp_path / name)
    torch.save(named, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    said = {name: words for name, (words, _) in kinds.items()} | {"old.pt": "tools/convert.py reads older ones"}
    (tmp_path / "expected.json").write_text(json.dumps(said))
    (tmp_path / "shapes.json").write_text(
        json.dumps({name: list(shape) for name, shape in PUBLISHED.face_shapes.items()})
    )
    run_node_tests([HERE / "torch_files.test.js"], CASES=str(tmp_path))


class _Program:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def test_broken_files_are_read_or_refused_in_one_sentence() -> None:
    tally = Tally(WEB)
    with WebTrial() as trial:
        for number in range(25):
            trial.attempt(3, number, tally)
    assert not tally.faults
    assert tally.refused > 12
    assert tally.taken > 0, "some are only slightly damaged"
