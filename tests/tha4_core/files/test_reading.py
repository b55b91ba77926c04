"""Files of others: regular ones, bounded, inside their folder, and really downloaded."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tha4_core.files.reading import FileError, read_buffer, read_file, refuse_stand_in, shown_size

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 139612345\n"


def refusal(path: Path, inside: Path | None = None) -> str:
    with pytest.raises(FileError) as caught:
        read_file(path, 1024, "no file of this test is", inside=inside)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\r\n\x1a" * 300)
    assert read_file(tmp_path / "a", 900, "no file is") == b"\r\n\x1a" * 300
    assert read_buffer(tmp_path / "a", 900, "no file is") == b"\r\n\x1a" * 300


def test_a_longer_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(1025))
    assert refusal(tmp_path / "a") == f"{tmp_path / 'a'} is larger than 1 KiB; no file of this test is."
    with pytest.raises(FileError, match="is larger than 1 KiB"):
        read_buffer(tmp_path / "a", 1024, "no file is")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'a'} could not be read: No such file" in refusal(tmp_path / "a")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    (tmp_path / "link").symlink_to("a")
    assert "it is a pipe, socket or device" in refusal(tmp_path / "a")
    assert "it is a pipe, socket or device" in refusal(tmp_path / "link", inside=tmp_path.resolve())
    with pytest.raises(FileError, match="pipe"):
        read_buffer(tmp_path / "a", 1024, "no file is")


@pytest.mark.skipif(os.name != "posix", reason="these are of POSIX")
def test_what_else_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "it is a folder" in refusal(tmp_path)
    assert "device" in refusal(Path("/dev/zero"))
    monkeypatch.chdir(tmp_path)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        assert "socket" in refusal(Path("socket"))
    Path("circle").symlink_to("circle")
    assert "circle could not be read" in refusal(Path("circle"))
    assert "circle could not be read" in refusal(Path("circle"), inside=tmp_path.resolve())


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "\ud800"])
def test_a_name_that_no_file_has_is_one_sentence(tmp_path: Path, name: str) -> None:
    assert "could not be read" in refusal(tmp_path / name)
    assert len(refusal(tmp_path / name)) < 1500
    assert "could not be read" in refusal(tmp_path / name, inside=tmp_path.resolve())


def test_a_link_may_lead_anywhere_unless_a_folder_is_given(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "outside").write_bytes(b"outside")
    (home / "inside").write_bytes(b"inside")
    (home / "out").symlink_to(tmp_path / "outside")
    (home / "in").symlink_to("inside")
    assert read_file(home / "out", 10, "no file is") == b"outside"
    assert read_file(home / "in", 10, "no file is", inside=home.resolve()) == b"inside"
    there = refusal(home / "out", inside=home.resolve())
    assert "out leads out of its directory" in there
    assert "leads out of its directory" in refusal(home / ".." / "outside", inside=home.resolve())
    # Whether something is there is nobody's business either.
    (tmp_path / "outside").unlink()
    assert refusal(home / "out", inside=home.resolve()) == there


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (POINTER, "is a Git LFS pointer, not the file itself: download it again"),
        (b"\n" + POINTER, "is a Git LFS pointer"),
        (b"<!DOCTYPE html><html><title>Google Drive</title>", "is a web page"),
        (b"\xef\xbb\xbf\r\n <HTML lang='ja'>", "is a web page"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "is a web page"),
    ],
)
def test_what_a_failed_download_leaves_is_named(tmp_path: Path, content: bytes, part: str) -> None:
    (tmp_path / "face_morpher.pt").write_bytes(content)
    assert f"face_morpher.pt {part}" in refusal(tmp_path / "face_morpher.pt")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02", b"version: 1", b"{}", b"\x89PNG", b"<3: 1"])
def test_nothing_else_is_taken_for_a_failed_download(content: bytes) -> None:
    refuse_stand_in(content, "a file")


def test_limits_are_shown_as_people_write_them() -> None:
    assert [shown_size(size) for size in (100, 4 << 10, 16 << 20, 4 << 30)] == ["100 bytes", "4 KiB", "16 MiB", "4 GiB"]
