"""Headers: what is accepted, and with which code everything else is refused."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.protocol import (
    MAX_ID,
    Hello,
    LoadFile,
    LoadPath,
    Ping,
    ProtocolError,
    Render,
    decode_header,
    encode_header,
    error_answer,
    parse_request,
)
from tha4_core.picture.region import FULL_PICTURE

RENDER = {"v": 1, "type": "render", "id": 7, "character": "x", "pose": b"\0" * 180}


def refusal(header: dict[str, Any]) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        parse_request(header)
    return caught.value


def render(**fields: Any) -> Render:
    request = parse_request(RENDER | fields)
    assert isinstance(request, Render)
    return request


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.text())))
def test_a_header_survives_the_wire(header: dict[str, Any]) -> None:
    assert decode_header(encode_header(header)) == header


@given(st.binary(max_size=300))
def test_random_bytes_are_decoded_or_refused_never_anything_else(data: bytes) -> None:
    with suppress(ProtocolError):
        parse_request(decode_header(data))


_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.text(), st.binary()),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(["hello", "list", "load", "unload", "render", "ping", "stats", "bye"]),
    st.dictionaries(
        st.sampled_from(
            ["v", "id", "versions", "client", "path", "sha256", "character", "pose", "region", "scale", "stream"]
        ),
        _VALUES,
    ),
)
def test_fields_of_any_type_are_accepted_or_refused_never_anything_else(kind: str, fields: dict[str, Any]) -> None:
    header = {"v": 1, "id": 1, "type": kind} | fields
    try:
        parse_request(header)
    except ProtocolError as error:
        encode_header(error_answer(error, header))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x91" * 5000,  # nested arrays
        b"\x81\xa1a" * 3000 + b"\x00",  # nested maps
        b"\xdd\xff\xff\xff\xff",  # an array that claims 4 G entries
        b"\xdf\xff\xff\xff\xff",  # a map that does
        b"\xdc\xff\xff" * 1000,  # arrays of 65535 in each other
        b"\xc6\xff\xff\xff\xff",  # 4 GB of bytes
        b"\x81\x90\x01",  # a list as key
        b"\x81\x01\x01",  # a number as key
        b"\x81\xa1\xff\x01",  # text that is not UTF-8
        b"\x80\x80",  # two maps
        b"\xc1",  # a byte that msgpack does not use
        b"\xd6\xff\x00\x00",  # a timestamp cut short
        msgpack.packb({"v": 1, "x": list(range(257))}),
        msgpack.packb({"v": 1, "x": b"\0" * 70000}),
    ],
)
def test_what_is_no_header_is_a_bad_message(data: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_header(data)
    assert caught.value.code == "bad_message"


def test_unknown_fields_are_ignored_whatever_they_hold() -> None:
    data = msgpack.packb({"v": 1, "type": "ping", "id": 3, "later": {1: [None, {"a": b"b"}]}})
    assert parse_request(decode_header(data)) == Ping(3)


@pytest.mark.parametrize("number", [None, -1, MAX_ID + 1, 2**64 - 1, True, 1.0, "1"])
def test_an_unreadable_id_is_a_bad_message_answered_with_id_0(number: Any) -> None:
    header = {"v": 1, "type": "ping", "id": number}
    error = refusal(header)
    assert error.code == "bad_message"
    assert error_answer(error, header)["id"] == 0


@pytest.mark.parametrize("fields", [{"type": 5}, {"type": None}, {"v": None}, {"v": True}, {"v": "1"}, {"v": 1.0}])
def test_an_unreadable_type_or_version_is_a_bad_message(fields: dict[str, Any]) -> None:
    assert refusal({"v": 1, "type": "ping", "id": 1} | fields).code == "bad_message"


def test_another_version_is_refused() -> None:
    assert refusal({"v": 2, "type": "ping", "id": 1}).code == "version"


def test_a_hello_of_another_version_is_read_for_the_versions_it_speaks() -> None:
    assert parse_request({"v": 9, "type": "hello", "id": 1, "versions": [9, 1]}) == Hello(1, "")
    assert refusal({"v": 9, "type": "hello", "id": 1}).code == "version"
    assert refusal({"v": 9, "type": "hello", "id": 1, "versions": "1"}).code == "bad_field"


def test_an_unknown_type_is_refused() -> None:
    assert refusal({"v": 1, "type": "dance", "id": 1}).code == "unknown_type"


def test_a_pose_is_180_bytes_or_45_numbers() -> None:
    values = np.linspace(0, 1, 45, dtype="<f4")
    assert np.array_equal(render(pose=values.tobytes()).pose, values)
    assert np.array_equal(render(pose=values.tolist()).pose, values)


def test_pose_values_out_of_range_are_clamped() -> None:
    assert render(pose=[5, -5.0, 2**64 - 1, 1e300, -1e300] + [0] * 40).pose[:5].tolist() == [1, 0, 1, 1, 0]


@pytest.mark.parametrize(
    "pose",
    [
        b"",
        b"\0" * 179,
        b"\0" * 176,
        np.full(45, np.nan, "<f4").tobytes(),
        np.full(45, -np.inf, "<f4").tobytes(),
        [0.0] * 44,
        [0.0] * 46,
        [math.nan] + [0.0] * 44,
        [math.inf] + [0.0] * 44,
        [True] + [0.0] * 44,
        [None] + [0.0] * 44,
        ["0"] + [0.0] * 44,
        [[0.0]] * 45,
        "0" * 180,
        None,
        7,
        {"head_x": 1.0},
    ],
)
def test_a_pose_that_cannot_be_used_is_a_bad_pose(pose: Any) -> None:
    assert refusal(RENDER | {"pose": pose}).code == "bad_pose"


def test_a_region_is_four_whole_numbers_inside_the_picture_or_nothing() -> None:
    assert render(region=[160, 48, 192, 192]).region == (160, 48, 192, 192)
    assert render(region=None).region == FULL_PICTURE
    assert render().region == FULL_PICTURE


@pytest.mark.parametrize(
    "region",
    [[], [0, 0, 512], [0, 0, 0, 5], [0, 0, 513, 1], [-1, 0, 5, 5], [500, 0, 13, 1], [0.0, 0, 5, 5], "full", 1,
     [True, 0, 5, 5], [2**64 - 1, 0, 1, 1], [0, 0, [1], 1]],
)  # fmt: skip
def test_another_region_is_a_bad_region(region: Any) -> None:
    assert refusal(RENDER | {"region": region}).code == "bad_region"


@pytest.mark.parametrize(
    "scale", [0, 0.0, -0.5, 1.0001, 1.5, 3, 4.01, 8, math.nan, math.inf, True, "1", None, 2**64 - 1]
)
def test_a_scale_that_is_neither_up_to_1_nor_2_nor_4_is_a_bad_field(scale: Any) -> None:
    assert refusal(RENDER | {"scale": scale}).code == "bad_field"


@pytest.mark.parametrize(
    "fields", [{"character": 5}, {"character": None}, {"stream": "0"}, {"stream": True}, {"pose_number": 0.5}]
)
def test_a_field_of_another_type_is_a_bad_field(fields: dict[str, Any]) -> None:
    assert refusal(RENDER | fields).code == "bad_field"


@pytest.mark.parametrize("key", ["character", "pose"])
def test_a_missing_field_is_a_bad_field_that_names_it(key: str) -> None:
    error = refusal({name: value for name, value in RENDER.items() if name != key})
    assert error.code == "bad_field"
    assert key in str(error)


def test_a_load_names_a_path_or_the_sha256_of_a_file() -> None:
    load = {"v": 1, "type": "load", "id": 1}
    assert parse_request(load | {"path": "hero.tha4"}) == LoadPath(1, "hero.tha4")
    assert parse_request(load | {"sha256": "0a" * 32}) == LoadFile(1, "0a" * 32)
    for neither in ({}, {"path": "hero.tha4", "sha256": "0a" * 32}):
        assert refusal(load | neither).code == "bad_field"


@pytest.mark.parametrize("sha256", ["", "0a" * 31, "0a" * 33, "0A" * 32, "0g" * 32, "0a" * 32 + "\n", b"0a" * 32, None])
def test_a_sha256_that_is_none_is_a_bad_field(sha256: Any) -> None:
    assert refusal({"v": 1, "type": "load", "id": 1, "sha256": sha256}).code == "bad_field"


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 5000, 5, b"x", None])
def test_a_path_that_cannot_be_one_is_a_bad_field(path: Any) -> None:
    assert refusal({"v": 1, "type": "load", "id": 1, "path": path}).code == "bad_field"


def test_a_refused_render_says_which_pose_it_was() -> None:
    header = RENDER | {"pose": b"", "stream": 4, "pose_number": 2**63}
    answer = error_answer(refusal(header), header)
    assert (answer["request"], answer["id"], answer["stream"], answer["pose_number"]) == ("render", 7, 4, 2**63)


def test_text_that_is_not_unicode_can_still_be_sent() -> None:
    assert decode_header(encode_header({"name": "a\ud800"})) == {"name": "a?"}
