"""A package's way into the cache, by Face Mesh's. npm is real, and packs a made-up package; one test goes out."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import face_mesh_or_skip, tasks_vision_or_skip
from tools import web
from tools.fetching.folders import NOTICE, FetchError
from tools.serving.face_models import FACE_MESH, TASKS_VISION
from tools.serving.npm_packages import NpmPackage, fetch_package, is_whole, kept_folder, package_files

ADDRESS = FACE_MESH.address
FILES = {name: f"what {name} holds".encode() * 50 for name in FACE_MESH.files}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_tarball(path: Path, files: dict[str, bytes], folder: str = "") -> Path:
    """A package's file. folder: of the package, with a slash at its end, in which the files lie."""
    manifest = b'{"name": "@mediapipe/face_mesh", "version": "0.4.1633559619"}'
    with tarfile.open(path, "w:gz") as archive:
        for name, data in {**files, "package.json": manifest, "../outside.js": b"outside"}.items():
            member = tarfile.TarInfo(f"package/{folder}{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture
def package(tmp_path: Path) -> NpmPackage:
    """A package of our own, at a place where npm finds it."""
    tarball = write_tarball(tmp_path / "made.tgz", FILES)
    hashes = {name: sha256(data) for name, data in FILES.items()}
    return replace(FACE_MESH, sha256=sha256(tarball.read_bytes()), files=hashes, source=str(tarball))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def refusal(cache: Path, package: NpmPackage, tarball: Path | None = None) -> str:
    """The one sentence with which it ends, nothing of it kept."""
    with pytest.raises(FetchError) as caught:
        fetch_package(package, lambda _: None, cache=cache, tarball=tarball)
    assert "\n" not in str(caught.value)
    assert package_files(package, cache) == {}
    assert {path.name for path in (cache / "web").glob("*")} <= {".lock"}
    return str(caught.value)


def test_the_files_are_kept_with_their_licence_and_belong_to_the_site(tmp_path: Path, package: NpmPackage) -> None:
    cache = tmp_path / "cache"
    said: list[str] = []
    given = Path(package.source)
    folder = fetch_package(package, said.append, cache=cache, tarball=given)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert {path.name for path in folder.iterdir()} == {*FILES, NOTICE}
    assert "Apache License" in (folder / NOTICE).read_text()
    assert package_files(package, cache) == {f"{ADDRESS}{name}": folder / name for name in (*FILES, NOTICE)}
    assert len(said) == 2
    assert "by Google, under the Apache License 2.0" in said[1]
    given.unlink()
    fetch_package(package, said.append, cache=cache, tarball=given)
    assert len(said) == 2, "what is kept is not fetched again"


def test_files_in_folders_of_the_package_are_kept_in_one(cache: Path, tmp_path: Path, package: NpmPackage) -> None:
    deep = write_tarball(tmp_path / "deep.tgz", FILES, "wasm/")
    wanted = replace(package, sha256=sha256(deep.read_bytes()))
    folder = fetch_package(wanted, print, cache=cache, tarball=deep)
    assert {path.name for path in folder.iterdir()} == {*FILES, NOTICE}


def test_a_damaged_copy_belongs_to_no_site_and_is_fetched_anew(cache: Path, package: NpmPackage) -> None:
    given = Path(package.source)
    folder = fetch_package(package, print, cache=cache, tarball=given)
    (folder / "face_mesh.js").write_bytes(b"something else")
    assert package_files(package, cache) == {}
    fetch_package(package, print, cache=cache, tarball=given)
    assert is_whole(folder, package)


def test_changed_and_other_packages_are_refused(cache: Path, tmp_path: Path, package: NpmPackage) -> None:
    changed = write_tarball(tmp_path / "changed.tgz", {**FILES, "face_mesh.js": b"changed"})
    assert "changed.tgz is not the published file" in refusal(cache, package, changed)
    assert "changed.tgz lacks face_mesh.js" in refusal(
        cache, replace(package, sha256=sha256(changed.read_bytes())), changed
    )
    assert "absent.tgz" in refusal(cache, package, tmp_path / "absent.tgz")


def test_npm_that_fails_or_is_not_there_is_one_sentence(
    cache: Path, tmp_path: Path, package: NpmPackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    face_mesh_or_skip()  # npm is here
    said = refusal(cache, replace(package, source=str(tmp_path / "nothing.tgz")))
    assert said.startswith(f"npm could not fetch {tmp_path / 'nothing.tgz'} (")
    monkeypatch.setenv("PATH", str(tmp_path))
    said = refusal(cache, package)
    assert "is not installed: install Node.js, or on a machine with npm" in said
    assert said.endswith("python3 tools/web.py --face-mesh mediapipe-face_mesh-0.4.1633559619.tgz.")


def test_the_published_packages_are_those_that_are_known() -> None:
    """The real registry, by npm as this machine has it set up."""
    assert is_whole(face_mesh_or_skip(), FACE_MESH)
    assert is_whole(tasks_vision_or_skip(), TASKS_VISION)


def test_a_folder_for_hosts_holds_it_on_wish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = face_mesh_or_skip()
    monkeypatch.setenv("THA4_CACHE_DIR", str(folder.parents[1]))
    assert web.main(["--build", str(tmp_path / "without")]) == 0
    assert not (tmp_path / "without" / ADDRESS).exists()
    assert web.main(["--build", str(tmp_path / "with"), "--face-mesh"]) == 0
    there = {path.name for path in (tmp_path / "with" / ADDRESS).iterdir()}
    assert there == {*FACE_MESH.files, NOTICE}
    with_it, without = (line.split("files, ")[1] for line in reversed(capsys.readouterr().out.splitlines()[-2:]))
    assert with_it.split("; ")[1] == without.split("; ")[1], "it counts as a model, not as a page"
    assert kept_folder(FACE_MESH) == folder
