from __future__ import annotations

from pathlib import Path

import pytest

from tools.serving.folder import FolderError, Written, write_site


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_a_site_is_written_whole_and_one_of_before_replaced(tmp_path: Path) -> None:
    target = tmp_path / "new" / "site"
    files = {"index.html": b"front", "built_in/a.tha4": b"PK", "mimic/models/face.wasm": b"1234"}
    assert write_site(files, target) == Written(files=3, size=11, pages=5)
    assert contents(target) == files
    write_site({"index.html": b"second"}, target)
    assert contents(target) == {"index.html": b"second"}
    assert [path.name for path in target.parent.iterdir()] == ["site"]


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_bytes(b"precious")
    with pytest.raises(FolderError, match="holds other files; give the name of a new folder"):
        write_site({"index.html": b"front"}, tmp_path)
    with pytest.raises(FolderError, match="is no folder; give another place"):
        write_site({"index.html": b"front"}, tmp_path / "precious.txt")
    with pytest.raises(FolderError, match="could not be written: Not a directory"):
        write_site({"index.html": b"front"}, tmp_path / "precious.txt" / "site")
    assert contents(tmp_path) == {"precious.txt": b"precious"}


def test_when_it_cannot_be_written_whole_the_one_of_before_stays(tmp_path: Path) -> None:
    target = tmp_path / "site"
    write_site({"index.html": b"first"}, target)
    with pytest.raises(FolderError, match="could not be written: No such file"):
        write_site({"index.html": b"second", "lost.js": tmp_path / "lost.js"}, target)
    assert contents(target) == {"index.html": b"first"}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
