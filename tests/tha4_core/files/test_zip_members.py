"""Directories of zip files: what a zip library writes is found, and what lies is refused before it is copied."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tha4_core.files.zip_members import ZipError, list_members, stored_bytes, unpacked_bytes


def zipped(contents: dict[str, bytes], method: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.comment = comment
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read_all(data: bytes) -> dict[str, bytes] | str:
    """Every member's bytes, or the clause that it is refused with."""
    try:
        return {name: unpacked_bytes(data, member) for name, member in list_members(data, 32).items()}
    except ZipError as error:
        return str(error)


contents = st.dictionaries(st.text("abc/猫.", min_size=1, max_size=8), st.binary(max_size=100), max_size=5)


@given(
    contents, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]), st.text("a .", max_size=20).map(str.encode)
)
def test_what_a_library_writes_is_read(files: dict[str, bytes], method: int, comment: bytes) -> None:
    assert read_all(zipped(files, method, comment)) == files


def test_a_comment_that_looks_like_an_end_is_refused() -> None:
    """Which end is meant, readers could not agree on."""
    assert isinstance(read_all(zipped({}, comment=b"PK\x05\x06" + bytes(18))), str)


@given(contents, st.data())
def test_damage_is_refused_or_changes_no_content(files: dict[str, bytes], data: st.DataObject) -> None:
    whole = bytearray(zipped(files, zipfile.ZIP_DEFLATED))
    place = data.draw(st.integers(0, len(whole) - 1))
    noise = data.draw(st.binary(min_size=1, max_size=8))
    whole[place : place + len(noise)] = noise
    found = read_all(bytes(whole[: data.draw(st.integers(len(whole) - 3, len(whole)))]))
    if isinstance(found, str):
        assert found.startswith("it")
    else:
        assert sorted(found.values()) == sorted(files.values())


@given(st.binary(max_size=300))
def test_anything_else_is_refused(data: bytes) -> None:
    assert isinstance(read_all(data), str)
    assert isinstance(read_all(data + zipped({"a": b""})), str) == bool(data)


def test_more_members_than_may_be_are_refused_by_their_number() -> None:
    data = zipped({f"{number}": b"" for number in range(33)})
    assert read_all(data) == "it has more than 32 members"
    # Whatever number the file says there are.
    end = data.rindex(b"PK\x05\x06")
    lying = data[: end + 8] + struct.pack("<HH", 1, 1) + data[end + 12 :]
    assert isinstance(read_all(lying), str)
    long = zipped({f"{number:0300}": b"" for number in range(100)})
    end = long.rindex(b"PK\x05\x06")
    assert read_all(long[: end + 8] + struct.pack("<HH", 1, 1) + long[end + 12 :]) == "it has more than 32 members"


def test_a_stored_member_lies_where_it_is() -> None:
    data = zipped({"a": b"first", "b": b"second"})
    found = stored_bytes(data, list_members(data, 32)["b"])
    assert bytes(found) == b"second"
    assert found.obj is data


def test_a_packed_member_is_no_stored_one() -> None:
    data = zipped({"a": b"first"}, zipfile.ZIP_DEFLATED)
    with pytest.raises(ZipError, match="'a' is packed, but members must be stored"):
        stored_bytes(data, list_members(data, 32)["a"])


def test_a_member_that_unpacks_to_more_than_it_says_is_refused() -> None:
    data = zipped({"a": bytes(1 << 20)}, zipfile.ZIP_DEFLATED)
    entry = data.rindex(b"PK\x01\x02")
    assert isinstance(read_all(data[: entry + 24] + struct.pack("<L", 10) + data[entry + 28 :]), str)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")
    assert read_all(buffer.getvalue()) == "it has two members named 'a'"


def test_members_over_the_same_bytes_are_refused() -> None:
    data = zipped({"a": b"first"})
    end = data.rindex(b"PK\x05\x06")
    entry = data[data.rindex(b"PK\x01\x02") : end]
    start = end - len(entry)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), start, 0)
    assert read_all(data[:end] + entry + tail) == "it is damaged or cut short"


@pytest.mark.parametrize(("flags", "method", "clause"), [(1, 0, "encrypted"), (0, 12, "a way that is not read")])
def test_what_is_not_read_is_said(flags: int, method: int, clause: str) -> None:
    data = bytearray(zipped({"a": b"first"}))
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<2H", data, entry + 8, flags, method)
    assert clause in str(read_all(bytes(data)))
