from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from tha4_core.distill.errors import DistillationError
from tha4_core.distill.snapshots import load_snapshot, save_snapshot


def state(number: int) -> dict[str, Any]:
    return {"training": {"weights": torch.full((100,), float(number)), "list": [1, "two", {"three": 3.0}]}, "n": number}


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    assert load_snapshot(tmp_path) is None
    save_snapshot(tmp_path / "face", state(1), 8)
    save_snapshot(tmp_path / "face", state(2), 16)
    loaded = load_snapshot(tmp_path / "face")
    assert loaded is not None
    assert loaded["n"] == 2
    assert torch.equal(loaded["training"]["weights"], torch.full((100,), 2.0))
    assert loaded["training"]["list"] == [1, "two", {"three": 3.0}]
    assert (tmp_path / "face" / "examples_seen_so_far.txt").read_text() == "16\n"


@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda data: data[:200] + b"?" + data[201:], lambda _: b""])
def test_a_damaged_snapshot_is_noticed_and_the_one_before_it_serves(damage: object, tmp_path: Path) -> None:
    assert callable(damage)
    save_snapshot(tmp_path, state(1), 8)
    save_snapshot(tmp_path, state(2), 16)
    newest = tmp_path / "snapshot.pt"
    newest.write_bytes(damage(newest.read_bytes()))
    loaded = load_snapshot(tmp_path)
    assert loaded is not None
    assert loaded["n"] == 1


def test_when_all_are_damaged_it_says_so(tmp_path: Path) -> None:
    save_snapshot(tmp_path, state(1), 8)
    (tmp_path / "snapshot.pt").write_bytes(b"nothing")
    with pytest.raises(DistillationError, match="damaged; delete that folder"):
        load_snapshot(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "snapshot.pt")
    with pytest.raises(DistillationError, match="it is a pipe, socket or device"):
        load_snapshot(tmp_path)


class _Code:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("ran",))


def test_code_in_a_snapshot_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_snapshot(tmp_path, {"code": _Code()}, 0)
    with pytest.raises(DistillationError, match="damaged"):
        load_snapshot(tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("call", ["fsync", "fdopen"])
def test_a_full_disk_leaves_the_snapshots_that_were_there(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_snapshot(tmp_path, state(1), 8)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(DistillationError, match="No space left on device; free some space and start"):
            save_snapshot(tmp_path, state(2), 16)
    loaded = load_snapshot(tmp_path)
    assert loaded is not None
    assert loaded["n"] == 1
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {name: after[name] for name in before} == before


def test_where_files_cannot_have_two_names_the_one_before_is_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    save_snapshot(tmp_path, state(1), 8)
    save_snapshot(tmp_path, state(2), 16)
    (tmp_path / "snapshot.pt").unlink()
    loaded = load_snapshot(tmp_path)
    assert loaded is not None
    assert loaded["n"] == 1
