from __future__ import annotations

import os
from pathlib import Path

import pytest

from tha4_core.files.writable import check_writable, existing_folder


def test_a_file_that_can_be_made_with_its_folders_is_not_made(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "folder" / "file")
    assert existing_folder(tmp_path / "new" / "folder" / "file") == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    check_writable(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"


def test_a_folder_of_that_name_is_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Is a directory"):
        check_writable(tmp_path)


def test_a_file_above_it_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory") as caught:
        check_writable(tmp_path / "file" / "new" / "picture.png")
    assert caught.value.filename == str(tmp_path / "file")


def test_a_folder_that_may_not_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(OSError, match="Permission denied"):
        check_writable(tmp_path / "file")
