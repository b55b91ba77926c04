"""Pickles of plain values: what Python writes is read, and nothing in one can run, grow or go round."""

from __future__ import annotations

import collections
import pickle
import struct
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tha4_core.files import plain_pickle
from tha4_core.files.plain_pickle import MAX_INSTRUCTIONS, ForeignObjectError, Name, PickleError, read_pickle

NAMES = {"torch FloatStorage": None, "torch._utils _rebuild_tensor_v2": lambda one, two: ("made", one, two)}


def read(data: bytes) -> object:
    return read_pickle(data, NAMES, lambda reference: ("found", reference))[0]


whole = st.integers(-(2**63), 2**63)
values = st.recursive(
    st.none() | st.booleans() | whole | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(-1000, 1000), inner, max_size=4)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4).map(collections.OrderedDict)
    ),
    max_leaves=20,
)


@given(values, st.sampled_from([2, 3, 4, 5]), st.binary(max_size=5))
def test_plain_values_are_read_as_they_were(value: object, protocol: int, rest: bytes) -> None:
    data = pickle.dumps(value, protocol=protocol)
    found, end = read_pickle(data + rest, {}, lambda _: None)
    assert (found, end) == (value, len(data))
    assert repr(found) == repr(value)


@given(values, st.data())
def test_a_damaged_pickle_is_read_or_refused(value: object, data: st.DataObject) -> None:
    whole = bytearray(pickle.dumps(value, protocol=2))
    place = data.draw(st.integers(0, len(whole) - 1))
    noise = data.draw(st.binary(min_size=1, max_size=4))
    whole[place : place + len(noise)] = noise
    try:
        read(bytes(whole))
    except PickleError:
        return


@given(st.binary(max_size=60))
def test_anything_is_read_or_refused(data: bytes) -> None:
    try:
        read(b"\x80\x02" + data)
    except PickleError:
        return


def test_names_are_looked_up_and_called_by_the_table_alone() -> None:
    assert read(b"\x80\x02ctorch\nFloatStorage\n.") == Name("torch FloatStorage")
    assert read(b"\x80\x04\x8c\x05torch\x8c\x0cFloatStorage\x93.") == Name("torch FloatStorage")
    assert read(b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nK\x01K\x02\x86R.") == ("made", 1, 2)
    assert read(b"\x80\x02X\x01\x00\x00\x00kQ.") == ("found", "k")


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.",
        b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.",
        b"\x80\x02c__builtin__\nbytearray\nJ\x00\x00\x00\x7f\x85R.",
        pickle.dumps({1, 2}, protocol=4),
        pickle.dumps(b"bytes", protocol=4),
        pickle.dumps(bytearray(5), protocol=5),
        pickle.dumps(1j, protocol=2),
    ],
)
def test_other_objects_are_refused_unmade(data: bytes) -> None:
    with pytest.raises(ForeignObjectError):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"\x80\x02.",
        b"\x80\x02(.",
        b"\x80\x02NN.",
        b"\x80\x02(0.",
        b"\x80\x02h\x00.",
        b"\x80\x02q\x00.",
        b"\x80\x02(q\x00.",
        b"\x80\x02t.",
        b"\x80\x02]K\x01s.",
        b"\x80\x02}K\x01a.",
        b"\x80\x02}(K\x01u.",
        b"\x80\x02}]K\x01s.",
        b"\x80\x02}NK\x01s.",
        b"\x80\x02}\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01Ns.",
        b"\x80\x02\x8a\xff" + b"\x01" * 255 + b".",
        b"\x80\x02X\xff\xff\xff\xffab.",
        b"\x80\x02X\x01\x00\x00\x00\xff.",
        b"\x80\x02K\x01)R.",
        b"\x80\x02ctorch\nFloatStorage\n)R.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
        b"\x80\x02ccollections\nOrderedDict\nK\x01\x85R.",
        b"\x80\x02ccollections\nOrderedDict\nK\x01R.",
        b"\x80\x02ccollections\nOrderedDict\n]K\x01a\x85R.",
        b"\x80\x02]}b.",
        b"\x80\x02c" + b"x" * 300,
        b"\x80\x01N.",
        b"I1\n.",
    ],
)
def test_a_malformed_pickle_is_refused(data: bytes) -> None:
    with pytest.raises(PickleError):
        read(data)


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(PickleError):
        read(pickle.dumps(loop, protocol=2))


def test_lists_of_the_same_lists_may_not_add_up() -> None:
    bomb: Any = []
    for _ in range(25):
        bomb = [bomb, bomb]
    with pytest.raises(PickleError):
        read(pickle.dumps(bomb, protocol=2))


def test_depth_is_bounded() -> None:
    with pytest.raises(PickleError):
        read(b"\x80\x02" + b")" + b"\x85" * 1000 + b".")


@pytest.mark.parametrize("instruction", [b"}", b"]", b"(", b"N", b"K\x01\x94", b"G\x00\x00\x00\x00\x00\x00\x00\x01"])
def test_instructions_and_memory_are_bounded(instruction: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_pickle, "MAX_INSTRUCTIONS", MAX_INSTRUCTIONS // 50)
    data = b"\x80\x04" + instruction * (MAX_INSTRUCTIONS // 50)
    tracemalloc.start()
    with pytest.raises(PickleError, match="too many instructions"):
        read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < (64 << 20) // 50


def test_memory_is_not_made_for_what_a_length_claims() -> None:
    for claim in (b"X" + struct.pack("<I", 2**32 - 1), b"T" + struct.pack("<I", 2**31)):
        tracemalloc.start()
        with pytest.raises(PickleError):
            read(b"\x80\x02" + claim + b"abc")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20
